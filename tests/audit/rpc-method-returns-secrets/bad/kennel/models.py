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
    access_token = fields.Char(groups="base.group_system")

    def share_link(self):
        return "/kennel/%s?access_token=%s" % (self.id, self.sudo().access_token)


class Register(models.Model):
    _name = "kennel.register"
    _description = "Chip register"

    api_key = fields.Char(groups="base.group_system")

    @api.model
    def connection(self, register_id):
        register = self.sudo().browse(register_id)
        return {"id": register.id, "api_key": register.api_key}
