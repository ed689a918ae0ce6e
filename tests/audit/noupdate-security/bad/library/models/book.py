from odoo import fields, models


class Book(models.Model):
    _name = "library.book"
    _description = "Book"

    name = fields.Char()
    reader_id = fields.Many2one("res.partner")
