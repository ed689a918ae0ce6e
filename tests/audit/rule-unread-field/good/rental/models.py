from odoo import fields, models


class Zone(models.Model):
    _name = "rental.zone"
    _description = "Zone"

    name = fields.Char()


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Contract"

    partner_id = fields.Many2one("res.partner", required=True)
    zone_id = fields.Many2one("rental.zone")


class Notice(models.Model):
    _name = "rental.notice"
    _description = "Notice"

    name = fields.Char()
    zone_id = fields.Many2one("rental.zone")


class Partner(models.Model):
    _inherit = "res.partner"

    zone_id = fields.Many2one("rental.zone")
