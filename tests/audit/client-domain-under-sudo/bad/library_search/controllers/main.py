from odoo import http
from odoo.http import request


class Search(http.Controller):
    @http.route("/library/loans", type="json", auth="user")
    def loans(self, domain=None):
        return request.env["library.loan"].sudo().search_read(domain or [], ["name"])

    @http.route("/library/records", type="json", auth="public")
    def records(self, model, record_id):
        """The model too is the caller's."""
        return request.env[model].sudo().browse(record_id).display_name

    @http.route("/library/fields", type="json", auth="user")
    def shelf_fields(self, shelf_id, names):
        return request.env["library.shelf"].sudo().browse(shelf_id).read(names)

    @http.route("/library/count", type="json", auth="user")
    def count(self, field, value):
        """The left side of a condition is a field's name, or a path to any other table."""
        return request.env["library.fine"].sudo().search_count([(field, "=", value)])
