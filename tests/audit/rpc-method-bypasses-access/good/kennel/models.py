from odoo.exceptions import AccessError

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
        self.check_access("read")
        return self.sudo().read(["name", "fee"])

    def set_fee(self, fee):
        """A field is read as the caller before, which is refused to who may not."""
        if self.state == "out":
            return
        self.sudo().write({"fee": fee})

    @api.model
    def my_animals(self):
        return self.sudo().search_read([("user_id", "=", self.env.uid)], ["name", "fee"])

    @api.model
    def board(self):
        return self.search_read([("state", "=", "in")], ["name"])

    @api.model
    def all_fees(self):
        if not self.env.user.has_group("base.group_system"):
            raise AccessError("For administrators.")
        return self.sudo().search([]).mapped("fee")

    @api.model
    def count(self):
        return self.sudo().search_count([])

    def write(self, values):
        result = super().write(values)
        self.sudo().partner_id.write({"comment": "changed"})
        return result

    def _recompute_fee(self):
        self.sudo().write({"fee": 0.0})


class Checkout(models.TransientModel):
    _name = "kennel.checkout"
    _description = "Check-out"

    animal_id = fields.Many2one("kennel.animal")

    def action_done(self):
        """Portal users can't create the wizard."""
        self.sudo().animal_id.write({"state": "out"})
