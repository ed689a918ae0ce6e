from odoo import fields, models


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Rental Contract"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Payment(models.Model):
    _name = "rental.payment"
    _description = "Rental Payment"

    partner_id = fields.Many2one("res.partner")
    amount = fields.Float()


class Damage(models.Model):
    _name = "rental.damage"
    _description = "Damage Report"

    partner_id = fields.Many2one("res.partner")
    description = fields.Text()


class Visit(models.Model):
    _name = "rental.visit"
    _description = "Visit"

    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Deposit(models.Model):
    _name = "rental.deposit"
    _description = "Deposit"

    partner_id = fields.Many2one("res.partner")


class Key(models.Model):
    _name = "rental.key"
    _description = "Key"

    name = fields.Char()


class Claim(models.Model):
    _name = "rental.claim"
    _description = "Claim"

    name = fields.Char()
    company_id = fields.Many2one("res.company")


class Insurance(models.Model):
    _name = "rental.insurance"
    _description = "Insurance"

    name = fields.Char()
    company_id = fields.Many2one("res.company")


class Season(models.Model):
    _name = "rental.season"
    _description = "Season"

    name = fields.Char()
