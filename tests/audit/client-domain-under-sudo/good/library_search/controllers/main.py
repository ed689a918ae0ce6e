from odoo import http
from odoo.http import request

_ORDERS = {"name": "name asc", "floor": "floor desc"}


class Search(http.Controller):
    @http.route("/library/loans", type="json", auth="user")
    def loans(self, domain=None):
        """Without sudo(), as over RPC."""
        return request.env["library.loan"].search_read(domain or [], ["name"])

    @http.route("/library/shelves", type="json", auth="public")
    def shelves(self, text="", order="name"):
        """A value in a domain that is written here, and one of the orders that are."""
        domain = [("name", "ilike", text)]
        shelves = request.env["library.shelf"].sudo().search(domain, order=_ORDERS.get(order, "name"))
        return shelves.mapped("name")

    @http.route("/library/records", type="json", auth="user")
    def records(self, model, domain):
        """For those who may do all anyway."""
        if not request.env.user.has_group("base.group_system"):
            return []
        return request.env[model].sudo().search_read(domain, ["display_name"])
