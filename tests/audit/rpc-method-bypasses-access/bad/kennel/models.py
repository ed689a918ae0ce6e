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

    def get_sheet(self):
        return self.sudo().read(["name", "fee"])

    def set_fee(self, fee):
        self.sudo().write({"fee": fee})

    @api.model
    def owner_of(self, animal_id):
        animal = self.sudo().browse(animal_id)
        return {"owner": animal.partner_id.name, "fee": animal.fee}

    @api.model
    def board(self):
        """Everybody's."""
        return [{"name": animal.name, "fee": animal.fee} for animal in self.sudo().search([("state", "=", "in")])]
