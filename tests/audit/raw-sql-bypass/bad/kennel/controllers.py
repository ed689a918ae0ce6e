from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/names", type="json", auth="user")
    def names(self):
        request.env.cr.execute("SELECT name, fee FROM kennel_animal WHERE state = %s", ["in"])
        return request.env.cr.fetchall()
