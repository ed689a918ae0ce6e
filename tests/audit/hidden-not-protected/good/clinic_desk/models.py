from odoo import fields, models


class Settings(models.TransientModel):
    _inherit = "res.config.settings"

    group_clinic_costs = fields.Boolean(implied_group="clinic_desk.group_costs")


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    # The field itself is for doctors.
    diagnosis = fields.Text(groups="clinic_desk.group_doctor")
    # Hidden for convenience: nothing private, a feature, or developer mode.
    room = fields.Char()
    cost = fields.Float()
    margin = fields.Float()
    # Shown to everybody by another view, or in another place of the same view.
    internal_note = fields.Text()
    staff_note = fields.Text()
    # What the patient may know of themselves.
    allergies = fields.Text()


class Wage(models.Model):
    _name = "clinic.wage"
    _description = "Wage"

    user_id = fields.Many2one("res.users")
    # Every internal user reads their own.
    amount = fields.Float()


class Payslip(models.Model):
    _name = "clinic.payslip"
    _description = "Payslip"

    user_id = fields.Many2one("res.users")
