from odoo import fields, models


class Patient(models.Model):
    _name = "clinic.patient"
    _description = "Patient"

    name = fields.Char(required=True)
    birth_date = fields.Date()
    diagnosis = fields.Text()


class Roster(models.Model):
    _name = "clinic.roster"
    _description = "Roster"

    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("shared", "Shared")])
    emergency_phone = fields.Char()
