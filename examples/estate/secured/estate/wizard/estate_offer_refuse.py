from odoo import fields, models


class EstateOfferRefuse(models.TransientModel):
    _name = "estate.offer.refuse"
    _description = "Refuse Offers"

    offer_ids = fields.Many2many(
        "estate.property.offer", default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Text(required=True)

    def action_refuse(self):
        self.ensure_one()
        self.offer_ids.action_refuse()
        for record in self.offer_ids.property_id:
            record.message_post(body=self.reason, subtype_xmlid="mail.mt_note")
        return {"type": "ir.actions.act_window_close"}
