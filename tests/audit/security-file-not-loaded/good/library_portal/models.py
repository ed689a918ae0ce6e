from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
