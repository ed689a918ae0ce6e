from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/register", type="http", auth="public", methods=["POST"])
    def register(self, **post):
        request.env["res.users"].sudo().create(
            {"name": post.get("name"), "login": post.get("email"), "password": post.get("password")}
        )
        return "welcome"

    @http.route("/kennel/member", type="json", auth="public")
    def member(self, **values):
        """Any field, its groups too."""
        return request.env["res.users"].sudo().create(values).id
