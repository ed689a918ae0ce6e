import hmac

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.http import request
from odoo.tools import consteq


class Kennel(http.Controller):
    @http.route("/kennel/home", type="http", auth="user", methods=["POST"])
    def home(self, animal_id, **kw):
        request.env["kennel.animal"].browse(int(animal_id)).action_home()
        return "done"

    @http.route("/kennel/json", type="json", auth="user", csrf=False)
    def json(self, animal_id):
        """A json route has no such check, whatever it says."""
        request.env["kennel.animal"].browse(int(animal_id)).action_home()

    @http.route("/kennel/list", type="http", auth="user", methods=["POST"], csrf=False)
    def list(self, **kw):
        """Nothing is changed, and another site can't read the answer."""
        return ",".join(request.env["kennel.animal"].search([]).mapped("name"))

    @http.route("/kennel/webhook", type="http", auth="public", methods=["POST"], csrf=False)
    def webhook(self, animal_id, **kw):
        secret = request.env["ir.config_parameter"].sudo().get_param("kennel.webhook_secret")
        sent = request.httprequest.headers.get("X-Signature", "")
        if not secret or not hmac.compare_digest(sent, secret):
            raise Forbidden()
        request.env["kennel.animal"].sudo().browse(int(animal_id)).write({"fee": 0.0})
        return "ok"

    @http.route("/kennel/<int:animal_id>/unsubscribe", type="http", auth="public", methods=["POST"], csrf=False)
    def unsubscribe(self, animal_id, token=None, **kw):
        animal = request.env["kennel.animal"].sudo().browse(animal_id)
        if not token or not animal.access_token or not consteq(animal.access_token, token):
            raise Forbidden()
        animal.write({"user_id": False})
        return "done"

    @http.route("/kennel/seen/<int:animal_id>", type="http", auth="public", methods=["GET"], csrf=False)
    def seen(self, animal_id, **kw):
        """A counter."""
        animal = request.env["kennel.animal"].sudo().browse(animal_id)
        animal.visits += 1
        return "ok"

    @http.route("/kennel/app/home", type="http", auth="user", methods=["POST"], csrf=False)
    def app_home(self, animal_id, **kw):
        """A form of another site can't send a header of its own."""
        if request.httprequest.headers.get("X-Kennel-App") != "1":
            return request.make_response("no", status=400)
        request.env["kennel.animal"].browse(int(animal_id)).action_home()
        return "done"

    @http.route("/kennel/app/login", type="http", auth="public", methods=["POST"], csrf=False)
    def app_login(self, login, password, **kw):
        """Who calls proves it by a password."""
        request.session.authenticate(request.db, {"type": "password", "login": login, "password": password})
        request.env["kennel.animal"].sudo().create({"name": login, "user_id": request.session.uid})
        return "done"

    @http.route("/kennel/app/pair", type="http", auth="public", methods=["POST"], csrf=False)
    def app_pair(self, code, name, **kw):
        """A code of one use, which another page doesn't know."""
        animal = request.env["kennel.animal"].sudo().search([("pairing_code", "=", code)], limit=1)
        if not animal:
            return "no"
        animal.write({"name": name, "pairing_code": False})
        return "done"

    @http.route("/kennel/asked", type="http", auth="public", methods=["POST"], csrf=False)
    def asked(self, name, **kw):
        """A log of who asked."""
        request.env["kennel.asked"].sudo().create({"name": name})
        return "thank you"
