from odoo import fields, models


class Patient(models.Model):
    _name = "clinic.patient"
    _description = "Patient"

    name = fields.Char(required=True)
    birth_date = fields.Date()
    diagnosis = fields.Text()


class Room(models.Model):
    _name = "clinic.room"
    _description = "Room"

    name = fields.Char()
    allergy_count = fields.Integer()
    medical_help = fields.Char()
    diagnosis = fields.Text(groups="clinic.group_physician")


class Employment(models.Model):
    _name = "clinic.employment"
    _description = "Employment"

    user_id = fields.Many2one("res.users", required=True)
    salary = fields.Float()


class Account(models.Model):
    _name = "clinic.account"
    _description = "Account of the clinic"

    bank_id = fields.Many2one("res.partner.bank")
    acc_number = fields.Char(related="bank_id.acc_number")
    # Settings about an account, not its number.
    bank_account_link = fields.Selection([("fixed", "Fixed"), ("variable", "Variable")])
    show_bank_account_digits = fields.Integer()
