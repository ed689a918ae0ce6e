from odoo import fields, models


class Loan(models.Model):
    _inherit = "library.loan"
