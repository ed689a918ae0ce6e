from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Renew(models.TransientModel):
    _name = "library.renew"
    _description = "Renew loans"

    name = fields.Char()


class Mixin(models.AbstractModel):
    _name = "library.mixin"
    _description = "Shared"

    name = fields.Char()
