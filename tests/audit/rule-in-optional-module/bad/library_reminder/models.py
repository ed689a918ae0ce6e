from odoo import fields, models


class Event(models.Model):
    _inherit = "library.event"

    guest_id = fields.Many2one("res.partner")
