import hmac

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.http import request
from odoo.tools import consteq


class Kennel(http.Controller):
    @http.route("/kennel/webhook", type="json", auth="none")
    def webhook(self, **kw):
        secret = request.env["ir.config_parameter"].sudo().get_param("kennel.webhook_secret")
        sent = request.httprequest.headers.get("Authorization", "")
        if not secret or not hmac.compare_digest(sent, f"Bearer {secret}"):
            raise Forbidden()
        return {"animals": request.env["kennel.animal"].sudo().search_count([])}

    @http.route("/kennel/animal/<int:animal_id>", type="http", auth="public")
    def animal(self, animal_id, token=None, **kw):
        animal = request.env["kennel.animal"].sudo().browse(animal_id)
        if not token or not animal.access_token or not consteq(animal.access_token, token):
            raise Forbidden()
        return request.make_response(animal.name)

    @http.route("/kennel/state", type="http", auth="public")
    def state(self, state="in", key=None, **kw):
        """No secret: a state, and the key of a table."""
        labels = {"in": "Here", "out": "Home"}
        if state != "in" and state not in labels:
            state = "in"
        if key not in labels:
            key = "in"
        return request.make_response(labels[state] + labels[key])

    @http.route("/kennel/found", type="http", auth="public")
    def found(self, token, **kw):
        animal = request.env["kennel.animal"].sudo().search([("access_token", "=", token)], limit=1)
        return request.make_response(animal.name or "")
