from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
