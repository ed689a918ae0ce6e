from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Card(models.Model):
    _name = "library.card"
    _description = "Library Card"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Note(models.Model):
    _name = "library.note"
    _description = "Reader Note"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
