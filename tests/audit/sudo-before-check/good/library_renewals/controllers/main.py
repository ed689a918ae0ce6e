from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Renewals(CustomerPortal):
    @http.route("/my/loan/<int:loan_id>/renew", type="http", auth="user", website=True)
    def renew(self, loan_id, note="", access_token=None, **kw):
        try:
            loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        loan_sudo.write({"note": note})
        return request.render("library_renewals.renewed", {"loan": loan_sudo})

    @http.route("/my/loan/<int:loan_id>/close", type="json", auth="user")
    def close(self, loan_id):
        """What is read before the check is what the check asks for."""
        loan = request.env["library.loan"].sudo().browse(loan_id)
        if not loan.exists() or loan.partner_id != request.env.user.partner_id:
            return {"error": "not yours"}
        loan.state = "done"
        return {"closed": True}

    @http.route("/my/loan/<int:loan_id>/ask", type="json", auth="user")
    def ask(self, loan_id, note):
        """Something else is made before, of what the caller may."""
        request.env["library.fine"].create({"name": note})
        loan = request.env["library.loan"].browse(loan_id)
        loan.check_access("write")
        loan.sudo().write({"note": note})
        return True
