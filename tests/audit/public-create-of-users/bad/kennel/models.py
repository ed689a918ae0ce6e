from odoo import models


class Users(models.Model):
    _inherit = "res.users"

    def promote(self, group_ids):
        self.sudo().write({"groups_id": [(6, 0, group_ids)]})
