from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"

    partner_id = fields.Many2one("res.partner", required=True)
    company_id = fields.Many2one("res.company", required=True)
    state = fields.Selection([("open", "Open"), ("done", "Done")])


class Event(models.Model):
    _name = "library.event"
    _description = "Event"

    partner_id = fields.Many2one("res.partner")
