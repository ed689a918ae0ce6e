from odoo.tools.safe_eval import safe_eval

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
    def matching(self, domain):
        return self.search(eval(domain)).ids

    @api.model
    def worked_out(self, formula):
        return safe_eval(formula, {"env": self.env})

    @api.model
    def compared(self, months):
        """One value at several lines: one fault."""
        found = self.search([("visits", ">", eval(months))])
        if eval(months) > 12:
            found = found.filtered("fee")
        return found.ids[: eval(months)]
