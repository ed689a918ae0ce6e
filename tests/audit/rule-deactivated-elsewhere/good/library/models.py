from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    partner_id = fields.Many2one("res.partner", required=True)
    company_id = fields.Many2one("res.company", required=True)
    state = fields.Selection([("open", "Open"), ("done", "Done")])


class Fine(models.Model):
    _name = "library.fine"
    _description = "Fine"

    partner_id = fields.Many2one("res.partner", required=True)
