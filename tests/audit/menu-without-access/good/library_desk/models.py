from odoo import fields, models


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    name = fields.Char()


class Book(models.Model):
    _name = "library.book"
    _description = "Book"

    name = fields.Char()
