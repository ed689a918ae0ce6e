from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    line_ids = fields.One2many("library.loan.line", "loan_id")


class Line(models.Model):
    _name = "library.loan.line"
    _description = "Loan line"

    name = fields.Char()
    loan_id = fields.Many2one("library.loan", required=True)


class Genre(models.Model):
    _name = "library.genre"
    _description = "Genre"

    name = fields.Char()


class Copy(models.Model):
    _name = "library.copy"
    _description = "Copy"
    _inherits = {"library.genre": "genre_id"}

    genre_id = fields.Many2one("library.genre", required=True, ondelete="cascade")
