from odoo import Command, _, fields, models

COMMISSION = 0.06
ADMINISTRATIVE_FEES = 100.0


class EstateProperty(models.Model):
    _inherit = "estate.property"

    invoice_id = fields.Many2one(
        "account.move", string="Commission invoice", readonly=True, copy=False, groups="estate.estate_group_user"
    )

    def action_sold(self):
        # Checked here and not left to super(): what follows runs as superuser.
        self.check_access("write")
        result = super().action_sold()
        for record in self:
            record._create_commission_invoice()
        return result

    def _create_commission_invoice(self):
        """Invoice the sale, for agents too, who have no right to invoices.

        Every value comes from the property, none from the caller.
        """
        self.ensure_one()
        self.check_access("write")
        self.invoice_id = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": self.company_id.id,
                    "partner_id": self.buyer_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": _("Commission on %s", self.name),
                                "quantity": 1.0,
                                "price_unit": self.selling_price * COMMISSION,
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
        )
