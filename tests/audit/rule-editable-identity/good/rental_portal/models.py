from odoo import fields, models


class Visit(models.Model):
    _name = "rental.booking"
    _description = "Booking"

    name = fields.Char(required=True)
    email = fields.Char()
    partner_id = fields.Many2one("res.partner")
    country_id = fields.Many2one("res.country")


class Offer(models.Model):
    _name = "rental.offer"
    _description = "Offer"

    partner_id = fields.Many2one("res.partner")
    vat = fields.Char()


class Tip(models.Model):
    _name = "rental.tip"
    _description = "Tip"

    name = fields.Char()
    lang = fields.Char()
    email = fields.Char()


class Claim(models.Model):
    _name = "rental.claim"
    _description = "Claim"

    partner_id = fields.Many2one("res.partner")
    login = fields.Char()
