from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    state = fields.Char()


class Room(models.Model):
    _name = "library.room"
    _description = "Room"

    name = fields.Char()
    company_id = fields.Many2one("res.company")


class Reader(models.Model):
    _name = "library.reader"
    _description = "Reader"

    name = fields.Char()
    staff = fields.Boolean()
    company_id = fields.Many2one("res.company")


class Desk(models.Model):
    _name = "library.desk"
    _description = "Desk"

    name = fields.Char()
    company_id = fields.Many2one("res.company")
