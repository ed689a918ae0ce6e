from odoo import fields, models


class EstatePropertyDocument(models.Model):
    _name = "estate.property.document"
    _description = "Property Document"
    _order = "name"

    name = fields.Char(required=True)
    property_id = fields.Many2one("estate.property", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", string="Concerns")
    kind = fields.Selection(
        [("plan", "Floor plan"), ("deed", "Deed"), ("energy", "Energy certificate"), ("identity", "Proof of identity")],
        required=True,
        default="plan",
    )
    file = fields.Binary(attachment=True)
