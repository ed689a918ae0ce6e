import base64

from odoo import http
from odoo.http import request


class Shop(http.Controller):
    @http.route("/rental/order/<int:order_id>", type="http", auth="public", website=True)
    def order(self, order_id, access_token=None, **kw):
        """A token is taken, and nothing is done with it."""
        order = request.env["rental.order"].sudo().browse(order_id)
        return request.make_json_response({"customer": order.partner_id.name, "amount": order.amount})

    @http.route("/rental/order/confirm", type="json", auth="none")
    def confirm(self, order_id):
        order = request.env["rental.order"].sudo().browse(order_id)
        order.action_confirm()
        return {"ok": True}

    @http.route("/rental/order/cancel", type="http", auth="public", methods=["POST"])
    def cancel(self, **post):
        orders = request.env["rental.order"].sudo().search([("id", "=", int(post["order"]))])
        orders.unlink()
        return "done"

    @http.route("/rental/order/<int:order_id>/photo", type="http", auth="public", methods=["POST"])
    def photo(self, order_id, photo=None, **post):
        """A file is hung on any order."""
        request.env["ir.attachment"].sudo().create(
            {
                "name": photo.filename,
                "datas": base64.b64encode(photo.read()),
                "res_model": "rental.order",
                "res_id": order_id,
            }
        )
        return "done"

    @http.route("/rental/line", type="json", auth="public")
    def line(self, order_id, name):
        """A line is hung on any order."""
        request.env["rental.order.line"].sudo().create({"order_id": order_id, "name": name})
        return True

    @http.route("/rental/order/<int:order_id>/state", type="json", auth="public")
    def state(self, order_id):
        """Little is told: low."""
        return request.env["rental.order"].sudo().browse(order_id).state

    @http.route("/rental/board", type="json", auth="public")
    def board(self):
        """Everybody's, though nothing is chosen."""
        orders = request.env["rental.order"].sudo().search([("state", "=", "done")])
        return [{"customer": order.partner_id.name, "amount": order.amount} for order in orders]
