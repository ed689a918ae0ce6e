from odoo import models
from odoo.exceptions import AccessError


class Users(models.Model):
    _inherit = "res.users"

    def promote(self, group_ids):
        if not self.env.user.has_group("base.group_system"):
            raise AccessError("For administrators.")
        self.sudo().write({"groups_id": [(6, 0, group_ids)]})

    def set_language(self, lang):
        self.env.user.sudo().write({"lang": lang})

    def new_colleague(self, name, login):
        """As the caller: only who may create users can."""
        return self.create({"name": name, "login": login}).id

    def invite_contact(self):
        """A login for a contact of the company's, by its own address: nothing of it is sent."""
        for user in self:
            partner = user.partner_id.parent_id
            self.env["res.users"].sudo().create(
                {
                    "login": partner.email,
                    "partner_id": partner.id,
                    "groups_id": [(6, 0, [self.env.ref("base.group_portal").id])],
                }
            )
