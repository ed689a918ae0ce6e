from odoo import api, fields, models


class Animal(models.Model):
    _name = "kennel.animal"
    _description = "Animal"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Owner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("in", "Here"), ("out", "Home")])
    fee = fields.Float()
    visits = fields.Integer()

    @api.model
    def get_totals(self):
        self.env.cr.execute("SELECT partner_id, SUM(fee) FROM kennel_animal GROUP BY partner_id")
        return self.env.cr.dictfetchall()
