from odoo import fields, models


class Mark(models.Model):
    _name = "school.mark"
    _description = "Mark"

    partner_id = fields.Many2one("res.partner", required=True)
    value = fields.Integer()


class Fee(models.Model):
    _name = "school.fee"
    _description = "Fee"

    partner_id = fields.Many2one("res.partner", required=True)
    amount = fields.Float()
