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
        self.check_access("write")
        return "/kennel/%s?access_token=%s" % (self.id, self.sudo().access_token)

    def is_shared(self):
        """Only whether there is one."""
        return bool(self.sudo().access_token)

    @api.model
    def my_token(self):
        return self.sudo().search([("user_id", "=", self.env.uid)], limit=1).access_token

    def _share_link(self):
        return self.sudo().access_token


class Register(models.Model):
    _name = "kennel.register"
    _description = "Chip register"

    api_key = fields.Char(groups="base.group_system")

    def connection(self):
        """As the caller: the field's groups hold."""
        return {"id": self.id, "api_key": self.api_key}

    def announce(self):
        """The page is what is sent to the register, and not what is given back."""
        page = self._page()
        self.env["kennel.animal"].search([], limit=1).write({"name": str(len(page))})
        return True

    def _page(self):
        return self.env["ir.qweb"]._render("kennel.announcement", {"register": self.sudo(), "key": self.sudo().api_key})
