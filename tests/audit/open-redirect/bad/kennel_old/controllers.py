from odoo import http
from odoo.http import request


class OldKennel(http.Controller):
    @http.route("/kennel/old/back", type="http", auth="user")
    def back(self, to="/", **kw):
        return request.redirect(to)
