from odoo import fields, models


class Partner(models.Model):
    _inherit = "res.partner"

    lodger_ids = fields.One2many("staff.tenant", "partner_id")


class House(models.Model):
    _name = "staff.house"
    _description = "House"

    name = fields.Char(required=True)
    owner_id = fields.Many2one("res.partner")
    lodger_ids = fields.One2many("staff.tenant", "house_id")


class Tenant(models.Model):
    _name = "staff.tenant"
    _description = "Tenant"

    house_id = fields.Many2one("staff.house", required=True)
    partner_id = fields.Many2one("res.partner", required=True)


class Meter(models.Model):
    _name = "staff.meter"
    _description = "Meter"

    house_id = fields.Many2one("staff.house", required=True)
    partner_id = fields.Many2one("res.partner")
