from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request


class Prints(CustomerPortal):
    @http.route("/my/loan/<int:loan_id>/print", type="http", auth="user", website=True)
    def print_loan(self, loan_id, **kw):
        loan = request.env["library.loan"].sudo().browse(loan_id)
        return self._show_report(loan, "pdf", "library_prints.report_loan", download=True)

    @http.route("/loan/slip/<int:loan_id>", type="http", auth="public")
    def slip(self, loan_id, **kw):
        report = request.env["ir.actions.report"].sudo()
        pdf, kind = report._render_qweb_pdf("library_prints.report_loan", res_ids=[loan_id])
        return request.make_response(pdf, headers=[("Content-Type", "application/pdf")])

    @http.route("/loan/file/<int:file_id>", type="http", auth="public")
    def file(self, file_id, **kw):
        """Any file of the database, whatever record it belongs to."""
        attachment = request.env["ir.attachment"].sudo().browse(file_id)
        return request.env["ir.binary"]._get_stream_from(attachment).get_response()
