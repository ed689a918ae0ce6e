from odoo import fields, models


class Booking(models.Model):
    _name = "rental.booking"
    _description = "Booking"

    partner_id = fields.Many2one("res.partner", required=True)
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company", required=True)
    price = fields.Float()


class BookingReport(models.Model):
    _name = "rental.booking.report"
    _description = "Booking Analysis"
    _auto = False

    number = fields.Integer(readonly=True)
    price = fields.Float(readonly=True)


class Popularity(models.Model):
    _name = "rental.popularity"
    _description = "Popularity"
    _auto = False

    booking_id = fields.Many2one("rental.booking", readonly=True)
    stars = fields.Integer(readonly=True)


class Damage(models.Model):
    _name = "rental.damage"
    _description = "Damage"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company", required=True)


class DamageReport(models.Model):
    _name = "report.rental.damage"
    _description = "Damage Analysis"

    damage_id = fields.Many2one("rental.damage", readonly=True)
    costs = fields.Float(readonly=True)

    @property
    def _table_query(self):
        return "SELECT id, id AS damage_id, 0.0 AS costs FROM rental_damage"
