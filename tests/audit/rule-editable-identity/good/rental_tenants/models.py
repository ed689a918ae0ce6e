from odoo import fields, models


class Partner(models.Model):
    _inherit = "res.partner"

    tenant_ids = fields.One2many("rental.tenant", "partner_id")


class House(models.Model):
    _name = "rental.house"
    _description = "House"

    name = fields.Char(required=True)
    owner_id = fields.Many2one("res.partner")
    tenant_ids = fields.One2many("rental.tenant", "house_id")


class Tenant(models.Model):
    _name = "rental.tenant"
    _description = "Tenant"

    house_id = fields.Many2one("rental.house", required=True)
    partner_id = fields.Many2one("res.partner", required=True)


class Meter(models.Model):
    _name = "rental.meter"
    _description = "Meter"

    house_id = fields.Many2one("rental.house", required=True)
    partner_id = fields.Many2one("res.partner")
