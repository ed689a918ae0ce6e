from odoo import fields, models


class Book(models.Model):
    _name = "library.book"
    _description = "Book"

    name = fields.Char(required=True)
    pages = fields.Integer()


class Copy(models.Model):
    _name = "library.copy"
    _description = "Copy"
    _inherits = {"library.book": "book_id"}

    book_id = fields.Many2one("library.book", required=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner")


class Person(models.Model):
    _name = "library.person"
    _description = "Person"

    name = fields.Char(required=True)
    email = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Reader(models.Model):
    _name = "library.reader"
    _description = "Reader"
    _inherits = {"library.person": "person_id"}

    person_id = fields.Many2one("library.person", required=True, ondelete="restrict")
    number = fields.Char()


class Card(models.Model):
    _name = "library.card"
    _description = "Card"

    name = fields.Char()
    phone = fields.Char()


class Pass(models.Model):
    _name = "library.pass"
    _description = "Pass"
    _inherits = {"library.card": "card_id"}

    card_id = fields.Many2one("library.card", required=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner")


class Event(models.Model):
    _name = "library.event"
    _description = "Event"

    name = fields.Char()
    email = fields.Char()
    website_published = fields.Boolean()


class Seat(models.Model):
    _name = "library.seat"
    _description = "Seat"
    _inherits = {"library.event": "event_id"}

    event_id = fields.Many2one("library.event", required=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner")
