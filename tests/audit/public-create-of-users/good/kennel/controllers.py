from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/register", type="http", auth="public", methods=["POST"])
    def register(self, token=None, **post):
        values = {"name": post.get("name"), "login": post.get("email"), "password": post.get("password")}
        request.env["res.users"].sudo().signup(values, token)
        return "welcome"
