from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char()
    borrower_id = fields.Many2one("res.partner")
    owner_id = fields.Many2one("library.member")
    late = fields.Boolean(compute="_compute_late")
    overdue = fields.Boolean(compute="_compute_late", search="_search_overdue")


class Member(models.Model):
    _name = "library.member"
    _description = "Member"

    name = fields.Char()
