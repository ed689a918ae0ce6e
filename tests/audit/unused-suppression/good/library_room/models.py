from odoo import fields, models


class Room(models.Model):
    _name = "library.room"
    _description = "Reading Room"

    # ostiary: the word alone is no comment of that kind, nor is "# ostiary: ignore[x]" in a text
    name = fields.Char(help="# ostiary: ignore[rule-always-true]")
    # ostiary: ignore[missing-company-rule] every company's staff books every room
    company_id = fields.Many2one("res.company")
    partner_id = fields.Many2one("res.partner")


class Floor(models.Model):
    _name = "library.floor"
    _description = "Floor"

    name = fields.Char()
