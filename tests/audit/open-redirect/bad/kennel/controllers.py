import werkzeug

from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/back", type="http", auth="public")
    def back(self, to="/", **kw):
        return werkzeug.utils.redirect(to)

    @http.route("/kennel/partner", type="http", auth="public")
    def partner(self, **kw):
        return request.redirect(kw.get("url"), local=False)

    @http.route("/kennel/friend", type="http", auth="public")
    def friend(self, url, **kw):
        """The end of a host says nothing of what stands before it."""
        if not werkzeug.urls.url_parse(url).netloc.endswith("kennel.example"):
            raise werkzeug.exceptions.NotFound()
        return request.redirect(url, local=False)

    @http.route("/kennel/allow", type="http", auth="user", methods=["POST"])
    def allow(self, to, **kw):
        """No link leads here: a form of this site does."""
        return request.redirect(to, local=False)
