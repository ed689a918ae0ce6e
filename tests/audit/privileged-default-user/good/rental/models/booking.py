from odoo import fields, models


class Booking(models.Model):
    _name = "rental.booking"
    _description = "Booking"

    partner_id = fields.Many2one("res.partner", required=True)
