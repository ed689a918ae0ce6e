from odoo import fields, models


class EstatePropertyViewing(models.Model):
    _name = "estate.property.viewing"
    _description = "Property Viewing"
    _order = "date desc"
    _rec_name = "property_name"

    date = fields.Datetime(required=True)
    property_id = fields.Many2one("estate.property", required=True, index=True, ondelete="cascade")
    property_name = fields.Char(related="property_id.name", string="Property name")
    partner_id = fields.Many2one("res.partner", string="Visitor", required=True, index=True)
    phone = fields.Char(related="partner_id.phone")
    user_id = fields.Many2one("res.users", string="Agent", default=lambda self: self.env.user)
    company_id = fields.Many2one(related="property_id.company_id", store=True, index=True)
    feedback = fields.Text(help="What the agent made of the visitor.", groups="estate.estate_group_user")
