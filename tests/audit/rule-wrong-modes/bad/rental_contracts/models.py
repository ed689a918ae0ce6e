from odoo import fields, models


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Rental Contract"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Deposit(models.Model):
    _name = "rental.deposit"
    _description = "Deposit"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Damage(models.Model):
    _name = "rental.damage"
    _description = "Damage"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Key(models.Model):
    _name = "rental.key"
    _description = "Key"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Note(models.Model):
    _name = "rental.note"
    _description = "Note"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
