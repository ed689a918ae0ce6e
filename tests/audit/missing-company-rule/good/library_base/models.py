from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    line_ids = fields.One2many("library.loan.line", "loan_id")


class Line(models.Model):
    _name = "library.loan.line"
    _description = "Loan line"

    loan_id = fields.Many2one("library.loan")
    amount = fields.Monetary()
    currency_id = fields.Many2one("res.currency")
    company_id = fields.Many2one(related="loan_id.company_id", store=True)


class Room(models.Model):
    _name = "library.room"
    _description = "Room"

    name = fields.Char()
    company_id = fields.Many2one("res.company")


class Renew(models.TransientModel):
    _name = "library.renew"
    _description = "Renew loans"

    company_id = fields.Many2one("res.company")


class Setup(models.Model):
    _name = "library.setup"
    _description = "Setup"

    company_id = fields.Many2one("res.company")
