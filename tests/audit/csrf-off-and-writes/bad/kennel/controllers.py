from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/home", type="http", auth="user", methods=["POST"], csrf=False)
    def home(self, animal_id, **kw):
        request.env["kennel.animal"].browse(int(animal_id)).action_home()
        return "done"

    @http.route("/kennel/arrival", type="http", auth="public", csrf=False)
    def arrival(self, **post):
        request.env["kennel.animal"].sudo().create({"name": post.get("name"), "state": "in"})
        return "done"

    @http.route("/kennel/webhook/paid", type="http", auth="public", methods=["POST"], csrf=False)
    def paid(self, animal_id, **kw):
        """Called by another server, as it seems: but by anybody else too."""
        request.env["kennel.animal"].sudo().browse(int(animal_id)).write({"fee": 0.0})
        return "ok"
