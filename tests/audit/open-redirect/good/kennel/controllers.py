import werkzeug

from odoo import http
from odoo.http import request

FRIENDS = ("https://shelter.example/", "https://vet.example/")


class Kennel(http.Controller):
    @http.route("/kennel/back", type="http", auth="public")
    def back(self, to="/", **kw):
        return request.redirect(to)

    @http.route("/kennel/page", type="http", auth="public")
    def page(self, number=1, **kw):
        return werkzeug.utils.redirect("/kennel/list/%s" % int(number))

    @http.route("/kennel/friend", type="http", auth="public")
    def friend(self, to, **kw):
        if to not in FRIENDS:
            to = FRIENDS[0]
        return request.redirect(to, local=False)

    @http.route("/kennel/<int:animal_id>/link", type="http", auth="user")
    def link(self, animal_id, **kw):
        """Where it goes was stored by who may write the record."""
        return request.redirect(request.env["kennel.animal"].browse(animal_id).link, local=False)

    @http.route("/kennel/shop", type="http", auth="public")
    def shop(self, shop_id, **kw):
        """A number is no address."""
        return request.redirect("https://shop.example/s/%s" % shop_id, local=False)

    @http.route("/kennel/renew", type="http", auth="user")
    def renew(self, account_id, **kw):
        return request.redirect(self._link(account_id), local=False)

    def _link(self, account_id):
        return account_id
