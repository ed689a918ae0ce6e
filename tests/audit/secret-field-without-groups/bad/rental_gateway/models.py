from odoo import fields, models


class Gateway(models.Model):
    _name = "rental.gateway"
    _description = "Payment Gateway"

    name = fields.Char()
    api_key = fields.Char()
    unlock_code = fields.Char()


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Rental Contract"
    _inherit = ["portal.mixin"]

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    lock_password = fields.Char()


class Company(models.Model):
    _inherit = "res.company"

    rental_client_secret = fields.Char()


class Employee(models.Model):
    _inherit = "res.users"

    rental_auth_token = fields.Char()
