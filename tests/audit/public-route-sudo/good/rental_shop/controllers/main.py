import hmac

from odoo import http
from odoo.http import request
from odoo.tools import consteq
from werkzeug.exceptions import Forbidden, NotFound


class Shop(http.Controller):
    @http.route("/rental/order/<int:order_id>", type="http", auth="public", website=True)
    def order(self, order_id, access_token="", **kw):
        order = request.env["rental.order"].sudo().browse(order_id)
        if not access_token or not order.access_token or not consteq(order.access_token, access_token):
            raise NotFound()
        return request.make_json_response({"customer": order.partner_id.name, "amount": order.amount})

    @http.route("/rental/order/by/<string:token>", type="json", auth="public")
    def order_by_token(self, token):
        order = request.env["rental.order"].sudo().search([("access_token", "=", token)], limit=1)
        order.action_confirm()
        return {"amount": order.amount}

    @http.route("/rental/hook", type="http", auth="public", csrf=False, methods=["POST"])
    def hook(self, order_id, **post):
        """A service signs what it sends."""
        key = request.env["ir.config_parameter"].sudo().get_param("rental_shop.key")
        signature = request.httprequest.headers.get("X-Signature", "")
        expected = hmac.new(key.encode(), request.httprequest.data, "sha256").hexdigest()
        if not key or not hmac.compare_digest(signature, expected):
            raise Forbidden()
        request.env["rental.order"].sudo().browse(int(order_id)).action_confirm()
        return "ok"

    @http.route("/rental/cart", type="json", auth="public")
    def cart(self):
        order = request.env["rental.order"].sudo().browse(request.session.get("rental_order_id"))
        return {"amount": order.amount}

    @http.route("/rental/tool/<int:tool_id>", type="json", auth="public")
    def tool(self, tool_id):
        tool = request.env["rental.tool"].sudo().browse(tool_id)
        if not tool.exists() or not tool.is_published:
            raise NotFound()
        tool.views += 1
        return {"name": tool.name, "price": tool.price}

    @http.route("/rental/tool/photo/<int:tool_id>", type="json", auth="public")
    def tool_photo(self, tool_id):
        """Only among what is published."""
        found = [("id", "=", tool_id), ("is_published", "=", True)]
        return request.env["rental.tool"].sudo().search(found).price

    @http.route("/rental/tools", type="json", auth="public")
    def tools(self):
        tools = request.env["rental.tool"].sudo().search([("is_published", "=", True)])
        return tools.mapped("name")

    @http.route("/rental/question", type="http", auth="public", methods=["POST"], website=True)
    def question(self, name="", email="", **post):
        """What a visitor writes becomes a record of its own."""
        request.env["rental.question"].sudo().create({"name": name, "email": email})
        return request.redirect("/thanks")

    @http.route("/rental/order/plain/<int:order_id>", type="json", auth="public")
    def plain(self, order_id):
        """Without sudo(), rights and rules hold."""
        return request.env["rental.order"].browse(order_id).amount

    @http.route("/rental/example", type="http", auth="public")
    def example(self, **kw):
        """A file that the module brings."""
        example = request.env.ref("rental_shop.example_contract").sudo()
        return request.make_response(example.raw)
