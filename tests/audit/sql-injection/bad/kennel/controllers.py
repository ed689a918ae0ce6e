from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/find", type="http", auth="public")
    def find(self, name="", **kw):
        request.env.cr.execute("SELECT count(*) FROM kennel_animal WHERE name = '{}'".format(name))
        return str(request.env.cr.fetchone()[0])
