from odoo import fields, models


class Vehicle(models.Model):
    _name = "rental.vehicle"
    _description = "Vehicle"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Visit(models.Model):
    _name = "rental.visit"
    _description = "Visit"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Claim(models.Model):
    _name = "rental.claim"
    _description = "Claim"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Offer(models.Model):
    _name = "rental.offer"
    _description = "Offer"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])
