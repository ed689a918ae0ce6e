from odoo import fields, models


class Room(models.Model):  # ostiary: ignore[model-without-acces-right] rights come with library_staff
    _name = "library.room"
    _description = "Reading Room"

    name = fields.Char()
    # ostiary: ignore[missing-company-rule]
    company_id = fields.Many2one("res.company")
    partner_id = fields.Many2one("res.partner")

    # ostiary: ignore[rule-always-true] nothing is on the next line

    note = fields.Char()
