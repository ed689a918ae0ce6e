from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/count", type="json", auth="public")
    def count(self, domain):
        return request.env["kennel.animal"].search_count(eval(domain))
