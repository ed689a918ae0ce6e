from odoo import fields, models


class Record(models.Model):
    _name = "clinic.record"
    _description = "Medical Record"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Bill(models.Model):
    _name = "clinic.bill"
    _description = "Bill"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Advice(models.Model):
    _name = "clinic.advice"
    _description = "Advice"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
