from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError


class EstatePropertyOffer(models.Model):
    _name = "estate.property.offer"
    _description = "Property Offer"
    _order = "price desc"
    _rec_name = "property_name"

    price = fields.Monetary(required=True)
    status = fields.Selection([("accepted", "Accepted"), ("refused", "Refused")], copy=False)
    partner_id = fields.Many2one("res.partner", string="Bidder", required=True, index=True)
    property_id = fields.Many2one("estate.property", required=True, index=True, ondelete="cascade")
    property_name = fields.Char(related="property_id.name", string="Property name")
    company_id = fields.Many2one(related="property_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="property_id.currency_id")
    validity = fields.Integer(string="Validity (days)", default=7)
    date_deadline = fields.Date(compute="_compute_date_deadline", store=True)

    _sql_constraints = [("price_positive", "CHECK(price > 0)", "The price of an offer must be positive.")]

    @api.depends("validity")
    def _compute_date_deadline(self):
        for record in self:
            created = record.create_date or fields.Datetime.now()
            record.date_deadline = created.date() + timedelta(days=record.validity)

    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        offers.property_id.filtered(lambda record: record.state == "new").write({"state": "offer_received"})
        return offers

    def action_accept(self):
        for record in self:
            if record.property_id.state in ("offer_accepted", "sold", "cancelled"):
                raise UserError(_("This property does not take offers any more."))
            record.status = "accepted"
            record.property_id.write(
                {"state": "offer_accepted", "buyer_id": record.partner_id.id, "selling_price": record.price}
            )
        return True

    def action_refuse(self):
        self.write({"status": "refused"})
        return True
