from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    _description = "Loan"
    _inherit = ["portal.mixin"]

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", "Reader")
    note = fields.Text()
    state = fields.Selection([("open", "Open"), ("done", "Done")])


class Fine(models.Model):
    """Customers may read it, and no rule says which."""

    _name = "library.fine"
    _description = "Fine"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Reader")
    amount = fields.Float()


class Shelf(models.Model):
    _name = "library.shelf"
    _description = "Shelf"

    name = fields.Char()
    floor = fields.Integer()
