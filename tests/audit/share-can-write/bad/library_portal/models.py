from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Renew(models.TransientModel):
    _name = "library.renew"
    _description = "Renew loans"

    partner_id = fields.Many2one("res.partner")


class Wish(models.Model):
    _name = "library.wish"
    _description = "Wish"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Review(models.Model):
    _name = "library.review"
    _description = "Review"

    name = fields.Char()
    published = fields.Boolean()
