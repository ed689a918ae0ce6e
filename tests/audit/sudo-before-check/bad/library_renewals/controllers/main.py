from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Renewals(CustomerPortal):
    @http.route("/my/loan/<int:loan_id>/renew", type="http", auth="user", website=True)
    def renew(self, loan_id, note="", access_token=None, **kw):
        """The change stays when the check sends away whoever asked for it."""
        loan_sudo = request.env["library.loan"].sudo().browse(loan_id)
        loan_sudo.write({"note": note})
        try:
            self._document_check_access("library.loan", loan_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        return request.render("library_renewals.renewed", {"loan": loan_sudo})

    @http.route("/my/loan/<int:loan_id>/close", type="json", auth="user")
    def close(self, loan_id):
        loan = request.env["library.loan"].sudo().browse(loan_id)
        loan.state = "done"
        if loan.partner_id != request.env.user.partner_id:
            return {"error": "not yours"}
        return {"closed": True}
