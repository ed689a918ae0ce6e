from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Room(models.Model):
    _name = "library.room"
    _description = "Room"

    name = fields.Char()
    company_id = fields.Many2one("res.company")
