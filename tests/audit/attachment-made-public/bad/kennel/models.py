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

    def share_files(self):
        files = self.env["ir.attachment"].sudo().search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        files.write({"public": True})

    def export_sheet(self):
        sheet = ",".join(self.mapped("name"))
        file = self.env["ir.attachment"].sudo().create(
            {"name": "sheet.csv", "datas": base64.b64encode(sheet.encode()), "public": True}
        )
        return "/web/content/%s" % file.id
