from odoo import fields, models


class Shelf(models.Model):
    _name = "library.shelf"
    _description = "Shelf"

    name = fields.Char(required=True)
    floor = fields.Integer()


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner")
    shelf_id = fields.Many2one("library.shelf")
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users")
    date = fields.Date()
    copies = fields.Integer()
    is_over = fields.Boolean()


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    loan_id = fields.Many2one("library.loan", required=True)
    partner_id = fields.Many2one("res.partner")
    date = fields.Date()
