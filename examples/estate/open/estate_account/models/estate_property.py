from odoo import Command, _, fields, models

COMMISSION = 0.06
ADMINISTRATIVE_FEES = 100.0


class EstateProperty(models.Model):
    _inherit = "estate.property"

    invoice_id = fields.Many2one("account.move", string="Commission invoice", readonly=True, copy=False)

    def action_sold(self):
        # agents have no access to invoicing
        for record in self.sudo():
            record.invoice_id = self.env["account.move"].sudo().create(
                {
                    "move_type": "out_invoice",
                    "partner_id": record.buyer_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": _("Commission on %s", record.name),
                                "quantity": 1.0,
                                "price_unit": record.selling_price * COMMISSION,
                            }
                        ),
                        Command.create(
                            {
                                "name": _("Administrative fees"),
                                "quantity": 1.0,
                                "price_unit": ADMINISTRATIVE_FEES,
                            }
                        ),
                    ],
                }
            )
        return super().action_sold()
