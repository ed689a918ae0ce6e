from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    partner_id = fields.Many2one("res.partner", required=True)
    diagnosis = fields.Text()
