from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    partner_id = fields.Many2one("res.partner", required=True)
    fine = fields.Float(groups="library.group_desk")


class Shelf(models.Model):
    _name = "library.shelf"
    _description = "Shelf"

    name = fields.Char()
