from odoo import fields, models


class Book(models.Model):
    _name = "library.book"
    _description = "Book"

    name = fields.Char()


class Member(models.Model):
    _name = "library.member"
    _description = "Member"

    partner_id = fields.Many2one("res.partner")


class Shelf(models.Model):
    _name = "library.shelf"
    _description = "Shelf"

    name = fields.Char()
