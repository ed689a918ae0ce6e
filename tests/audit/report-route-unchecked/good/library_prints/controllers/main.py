from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Prints(CustomerPortal):
    @http.route("/my/loan/<int:loan_id>/print", type="http", auth="user", website=True)
    def print_loan(self, loan_id, access_token=None, **kw):
        try:
            loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        return self._show_report(loan_sudo, "pdf", "library_prints.report_loan", download=True)

    @http.route("/my/loans/print", type="http", auth="user")
    def print_all(self, **kw):
        """One's own."""
        mine = [("partner_id", "=", request.env.user.partner_id.id)]
        loans = request.env["library.loan"].sudo().search(mine)
        report = request.env["ir.actions.report"].sudo()
        pdf, kind = report._render_qweb_pdf("library_prints.report_loan", res_ids=loans.ids)
        return request.make_response(pdf, headers=[("Content-Type", "application/pdf")])

    @http.route("/my/loan/slip/<int:loan_id>", type="http", auth="user")
    def slip(self, loan_id, **kw):
        loan = request.env["library.loan"].browse(loan_id)
        loan.check_access("read")
        report = request.env["ir.actions.report"].sudo()
        pdf, kind = report._render_qweb_pdf("library_prints.report_loan", res_ids=loan.ids)
        return request.make_response(pdf, headers=[("Content-Type", "application/pdf")])
