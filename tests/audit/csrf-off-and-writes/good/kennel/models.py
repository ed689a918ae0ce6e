from odoo import api, fields, models


class Animal(models.Model):
    _name = "kennel.animal"
    _description = "Animal"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Owner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("in", "Here"), ("out", "Home")])
    fee = fields.Float()
    access_token = fields.Char(groups="base.group_system")
    visits = fields.Integer()
    pairing_code = fields.Char()

    def action_home(self):
        self.write({"state": "out"})


class Asked(models.Model):
    _name = "kennel.asked"
    _description = "Visitor Log"

    name = fields.Char()
