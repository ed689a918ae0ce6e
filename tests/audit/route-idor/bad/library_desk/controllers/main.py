from odoo import http
from odoo.http import request


class Desk(http.Controller):
    def _loan(self, loan_id):
        return request.env["library.loan"].sudo().browse(int(loan_id))

    @http.route("/my/desk/loan/<int:loan_id>", type="http", auth="user", website=True)
    def loan(self, loan_id, **kw):
        """By a helper, and the page shows it."""
        loan = self._loan(loan_id)
        return request.render("library_desk.loan_page", {"loan": loan})

    @http.route("/my/desk/loan/note", type="json", auth="user")
    def loan_note(self, number, note):
        """A search for an id is the same as a browse; and it is changed."""
        loan = request.env["library.loan"].sudo().search([("id", "=", number)], limit=1)
        loan.write({"note": note})
        return True

    @http.route("/my/desk/loan/<int:loan_id>/state", type="json", auth="user")
    def loan_state(self, loan_id):
        """Little is told: low."""
        return request.env["library.loan"].sudo().browse(loan_id).state

    @http.route("/my/desk/fine/<int:fine_id>", type="json", auth="user")
    def fine(self, fine_id):
        """With the rights of who asks, which hold nothing back."""
        fine = request.env["library.fine"].browse(fine_id)
        return {"reader": fine.partner_id.name, "amount": fine.amount}

    @http.route("/my/desk/loan/mine/<int:loan_id>", type="json", auth="user")
    def loan_by_the_rules(self, loan_id):
        """With the rights of who asks, which are proved to hold: a note."""
        loan = request.env["library.loan"].browse(loan_id)
        return {"name": loan.name, "note": loan.note}

    @http.route("/my/desk/loans", type="http", auth="user", website=True)
    def loans(self, show_all=False, **kw):
        """One's own, unless something else is asked for."""
        domain = [("state", "=", "open")]
        if not show_all:
            domain += [("partner_id", "=", request.env.user.partner_id.id)]
        loans = request.env["library.loan"].sudo().search(domain)
        return request.render("library_desk.loans_page", {"loans": loans})

    @http.route("/my/desk/loan/<int:loan_id>/scan", type="http", auth="user")
    def scan(self, loan_id, **kw):
        """The token that is handed out opens the file."""
        loan = request.env["library.loan"].sudo().browse(loan_id)
        scan = (
            request.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", "library.loan"), ("res_id", "=", loan.id)], limit=1)
        )
        token = scan.generate_access_token()[0]
        return request.redirect(f"/web/content/{scan.id}?access_token={token}")

    @http.route("/my/desk/loan/<int:loan_id>/picked", type="json", auth="user")
    def picked(self, loan_id):
        """A helper for any model gets hold of it: the line to change is this one."""
        return picked("library.loan", loan_id).note


def picked(model, record_id):
    return request.env[model].sudo().browse(int(record_id))
