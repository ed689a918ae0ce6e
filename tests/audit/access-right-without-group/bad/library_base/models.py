from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Genre(models.Model):
    _name = "library.genre"
    _description = "Genre"

    name = fields.Char()


class Renew(models.TransientModel):
    _name = "library.renew"
    _description = "Renew loans"

    partner_id = fields.Many2one("res.partner")


class Mixin(models.AbstractModel):
    _name = "library.mixin"
    _description = "Shared"

    name = fields.Char()


class Note(models.Model):
    _name = "library.note"
    _description = "Note"

    name = fields.Char()
