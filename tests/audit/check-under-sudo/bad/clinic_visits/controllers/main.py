from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Visits(http.Controller):
    @http.route("/my/visit/<int:visit_id>", type="http", auth="user", website=True)
    def visit(self, visit_id, **kw):
        """It looks safe: what is asked for access is the superuser's record, to whom all is allowed."""
        try:
            visit_sudo = request.env["clinic.visit"].sudo().browse(visit_id)
            visit_sudo.check_access("read")
        except (AccessError, MissingError):
            return request.redirect("/my")
        return request.render("clinic_visits.visit_page", {"visit": visit_sudo})

    @http.route("/my/visit/plain/<int:visit_id>", type="http", auth="user", website=True)
    def visit_plain(self, visit_id, **kw):
        """No check at all: the rules decide, and there is none for customers. Another check says so."""
        visit = request.env["clinic.visit"].browse(visit_id)
        return request.render("clinic_visits.visit_page", {"visit": visit})

    @http.route("/my/visit/owner/<int:visit_id>", type="http", auth="user", website=True)
    def visit_of_the_owner(self, visit_id, **kw):
        """It is written as it should be: whose the record is, is compared with who asks."""
        visit_sudo = request.env["clinic.visit"].sudo().browse(visit_id).exists()
        if not visit_sudo or visit_sudo.partner_id != request.env.user.partner_id:
            return request.not_found()
        return request.render("clinic_visits.visit_page", {"visit": visit_sudo})

    @http.route("/my/visit/<int:visit_id>/reason", type="json", auth="user")
    def set_reason(self, visit_id, reason):
        visits = request.env["clinic.visit"].sudo()
        visit = visits.browse(int(visit_id))
        if not visit.has_access("write"):
            return {"error": "not yours"}
        visit.write({"reason": reason})
        return {"reason": visit.reason}

    @http.route("/my/visit/<int:visit_id>/arrive", type="http", auth="user", website=True)
    def arrive(self, visit_id, reason=None, **kw):
        """Two faults: it is changed before anything is checked, and the check that comes then always passes."""
        visit = request.env["clinic.visit"].sudo().browse(visit_id)
        visit.write({"reason": reason})
        try:
            visit.check_access("read")
        except AccessError:
            return request.redirect("/my")
        return request.render("clinic_visits.visit_page", {"visit": visit})
