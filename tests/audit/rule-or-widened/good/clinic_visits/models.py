from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Referral(models.Model):
    _name = "clinic.referral"
    _description = "Referral"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Result(models.Model):
    _name = "clinic.result"
    _description = "Result"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])
    company_id = fields.Many2one("res.company")
