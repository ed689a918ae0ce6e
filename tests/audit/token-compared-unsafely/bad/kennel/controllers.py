from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/webhook", type="json", auth="none")
    def webhook(self, **kw):
        """Passes as long as nobody has set the secret, and for any header that holds it."""
        secret = request.env["ir.config_parameter"].sudo().get_param("kennel.webhook_secret") or ""
        if secret not in request.httprequest.headers.get("Authorization", ""):
            raise Forbidden()
        return {"animals": request.env["kennel.animal"].sudo().search_count([])}

    @http.route("/kennel/animal/<int:animal_id>", type="http", auth="public")
    def animal(self, animal_id, token=None, **kw):
        animal = request.env["kennel.animal"].sudo().browse(animal_id)
        if not token or animal.access_token != token:
            raise Forbidden()
        return request.make_response(animal.name)
