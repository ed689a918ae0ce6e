import json
import re
from ast import literal_eval

from odoo.exceptions import UserError
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

    formula = fields.Text(groups="base.group_system")

    @api.model
    def matching(self, domain):
        return self.search(literal_eval(domain)).ids

    @api.model
    def matching_json(self, domain):
        return self.search(json.loads(domain)).ids

    @api.model
    def worked_out(self, sum_of):
        if not re.fullmatch(r"[0-9+*/(). -]+", sum_of):
            raise UserError("Only numbers.")
        return eval(sum_of)

    def run_formula(self):
        """What is run was written by an administrator."""
        return safe_eval(self.formula, {"fee": self.fee})
