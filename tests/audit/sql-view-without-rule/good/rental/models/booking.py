from odoo import fields, models


class Booking(models.Model):
    _name = "rental.booking"
    _description = "Booking"

    partner_id = fields.Many2one("res.partner", required=True)
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company", required=True)
    price = fields.Float()


class BookingReport(models.Model):
    """Limited like what it is made of."""

    _name = "rental.booking.report"
    _description = "Booking Analysis"
    _auto = False

    booking_id = fields.Many2one("rental.booking", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    price = fields.Float(readonly=True)


class Turnover(models.Model):
    """For managers only, whom the rules show every booking of their companies."""

    _name = "rental.turnover"
    _description = "Turnover"
    _auto = False

    booking_id = fields.Many2one("rental.booking", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    price = fields.Float(readonly=True)


class Occupancy(models.Model):
    """Nobody may read it but code."""

    _name = "rental.occupancy"
    _description = "Occupancy"
    _auto = False

    booking_id = fields.Many2one("rental.booking", readonly=True)


class Season(models.Model):
    """A row says nothing of one booking."""

    _name = "rental.season"
    _description = "Season"
    _auto = False

    country_id = fields.Many2one("res.country", readonly=True)
    bookings = fields.Integer(readonly=True)
