from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Log(models.Model):
    _name = "library.log"
    _description = "Log"

    name = fields.Char()
