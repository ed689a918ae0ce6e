from odoo import fields, models


class Person(models.Model):
    _name = "clinic.person"
    _description = "Person"

    name = fields.Char(required=True)
    email = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Patient(models.Model):
    _name = "clinic.patient"
    _description = "Patient"
    _inherits = {"clinic.person": "person_id"}

    person_id = fields.Many2one("clinic.person", required=True, ondelete="restrict")
    blood_group = fields.Char()


class Address(models.Model):
    _name = "clinic.address"
    _description = "Address"

    name = fields.Char()
    phone = fields.Char()


class Guest(models.Model):
    _name = "clinic.guest"
    _description = "Guest"
    _inherits = {"clinic.address": "address_id"}

    address_id = fields.Many2one("clinic.address", required=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner")
