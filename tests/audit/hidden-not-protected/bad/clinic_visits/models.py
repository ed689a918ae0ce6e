from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    line_ids = fields.One2many("clinic.visit.line", "visit_id")
    internal_note = fields.Text()
    diagnosis = fields.Text()


class VisitLine(models.Model):
    _name = "clinic.visit.line"
    _description = "Visit Line"

    visit_id = fields.Many2one("clinic.visit")
    name = fields.Char()
    margin = fields.Float()


class Wage(models.Model):
    _name = "clinic.wage"
    _description = "Wage"

    user_id = fields.Many2one("res.users")
    amount = fields.Float()
