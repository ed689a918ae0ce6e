from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/save", type="http", auth="user", methods=["POST"])
    def save(self, **post):
        animal = request.env["kennel.animal"].sudo().search([("user_id", "=", request.env.uid)], limit=1)
        animal.write({name: post[name] for name in ("name", "state") if name in post})
        return "saved"

    @http.route("/kennel/new", type="http", auth="public", methods=["POST"])
    def new(self, name=None, **post):
        request.env["kennel.animal"].sudo().create({"name": name, "state": "in"})
        return "thank you"

    @http.route("/kennel/edit", type="http", auth="user", methods=["POST"])
    def edit(self, **post):
        allowed = {"name", "state"}
        values = {key: value for key, value in post.items() if key in allowed}
        request.env["kennel.animal"].sudo().search([("user_id", "=", request.env.uid)]).write(values)
        return "saved"
