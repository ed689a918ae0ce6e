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

    def save_from_page(self, values):
        self.check_access("read")
        return self.sudo().write(values)
