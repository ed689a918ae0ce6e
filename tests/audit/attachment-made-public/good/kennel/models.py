import base64

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

    def export_sheet(self):
        sheet = ",".join(self.mapped("name"))
        file = self.env["ir.attachment"].create(
            {"name": "sheet.csv", "datas": base64.b64encode(sheet.encode()), "res_model": self._name, "res_id": self.id}
        )
        return "/web/content/%s" % file.id

    def close_files(self):
        self.check_access("write")
        files = self.env["ir.attachment"].sudo().search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        files.write({"public": False})
