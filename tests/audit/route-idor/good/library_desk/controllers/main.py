from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Desk(CustomerPortal):
    def _my_loan(self, loan_id):
        loan = request.env["library.loan"].sudo().browse(loan_id)
        if loan.partner_id.commercial_partner_id != request.env.user.partner_id.commercial_partner_id:
            raise AccessError("This loan is not yours.")
        return loan

    @http.route("/my/desk/loan/<int:loan_id>", type="http", auth="user", website=True)
    def loan(self, loan_id, access_token=None, **kw):
        try:
            loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        return request.render("library_desk.loan_page", {"loan": loan_sudo})

    @http.route("/my/desk/loan/<int:loan_id>/sign", type="json", auth="user")
    def sign(self, loan_id, access_token=None):
        """What is written after the check of the document is not the caller's choice."""
        try:
            loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
        except (AccessError, MissingError):
            return False
        loan_sudo.write({"state": "done"})
        return True

    @http.route("/my/desk/loan/<int:loan_id>/note", type="json", auth="user")
    def loan_note(self, loan_id, note):
        """A helper asserts whose it is."""
        loan = self._my_loan(loan_id)
        loan.write({"note": note})
        return True

    @http.route("/my/desk/loan/checked/<int:loan_id>", type="json", auth="user")
    def loan_checked(self, loan_id):
        loan = request.env["library.loan"].browse(loan_id)
        loan.check_access("read")
        return loan.sudo().note

    @http.route("/my/desk/loan/searched/<int:loan_id>", type="json", auth="user")
    def loan_searched(self, loan_id):
        """Among one's own."""
        mine = [("id", "=", loan_id), ("partner_id", "=", request.env.user.partner_id.id)]
        loan = request.env["library.loan"].sudo().search(mine, limit=1)
        return loan.note

    @http.route("/my/desk/loan/found/<int:loan_id>", type="json", auth="user")
    def loan_found(self, loan_id):
        """What a search with one's own rights finds, one may read."""
        loan = request.env["library.loan"].search([("id", "=", loan_id)])
        if not loan:
            return False
        return loan.sudo().note

    @http.route("/my/desk/loan/upload/<int:loan_id>", type="json", auth="user")
    def upload(self, loan_id, data):
        """Something is hung on a record that was asked for."""
        loan = request.env["library.loan"].search([("id", "=", loan_id)])
        if not loan:
            return False
        attachment = request.env["ir.attachment"].sudo()
        return attachment.create({"name": "note", "raw": data, "res_model": "library.loan", "res_id": loan.id}).id

    @http.route("/my/desk/loan/last", type="json", auth="user")
    def last_loan(self):
        """What the server keeps in the session was put there by the server."""
        loan = request.env["library.loan"].sudo().browse(request.session.get("last_loan_id"))
        return loan.note

    @http.route("/my/desk/loans", type="json", auth="user")
    def loans(self, state="open"):
        mine = [("partner_id", "=", request.env.user.partner_id.id), ("state", "=", state)]
        return request.env["library.loan"].sudo().search(mine).mapped("note")

    @http.route("/my/desk/shelf/<int:shelf_id>", type="json", auth="user")
    def shelf(self, shelf_id):
        """Everybody may know where a shelf is."""
        shelf = request.env["library.shelf"].sudo().browse(shelf_id)
        return {"name": shelf.name, "floor": shelf.floor}

    @http.route("/desk/fine/<int:fine_id>", type="json", auth="user")
    def fine(self, fine_id):
        """Staff only."""
        if not request.env.user.has_group("base.group_user"):
            return False
        return request.env["library.fine"].sudo().browse(fine_id).amount

    @http.route('/my/desk/loan/page/<model("library.loan"):loan>', type="http", auth="user", website=True)
    def loan_page(self, loan, **kw):
        """Odoo has asked whether the caller may read it."""
        return request.render("library_desk.loan_page", {"loan": loan})

    @http.route("/my/desk/loan/<int:loan_id>/scan", type="http", auth="user")
    def scan(self, loan_id, **kw):
        """The token of a file of what they may read."""
        loan = request.env["library.loan"].browse(loan_id)
        loan.check_access("read")
        scan = (
            request.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", "library.loan"), ("res_id", "=", loan.id)], limit=1)
        )
        token = scan.generate_access_token()[0]
        return request.redirect(f"/web/content/{scan.id}?access_token={token}")
