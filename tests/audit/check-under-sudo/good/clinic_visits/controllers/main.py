from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Visits(http.Controller):
    @http.route("/my/visit/<int:visit_id>", type="http", auth="user", website=True)
    def visit(self, visit_id, **kw):
        try:
            visit = request.env["clinic.visit"].browse(visit_id)
            visit.check_access("read")
        except (AccessError, MissingError):
            return request.redirect("/my")
        return request.render("clinic_visits.visit_page", {"visit": visit.sudo()})

    @http.route("/my/visit/user/<int:visit_id>", type="http", auth="user", website=True)
    def visit_as_user(self, visit_id, **kw):
        """A superuser's record that is given back to the user before it is asked for access."""
        visit_sudo = request.env["clinic.visit"].sudo().browse(visit_id)
        visit_sudo.with_user(request.env.user).check_access("read")
        return request.render("clinic_visits.visit_page", {"visit": visit_sudo})

    @http.route("/my/visit/both/<int:visit_id>", type="http", auth="user", website=True)
    def visit_checked_twice(self, visit_id, **kw):
        """One of two checks passes for everybody, and the other one doesn't."""
        visit_sudo = request.env["clinic.visit"].sudo().browse(visit_id)
        visit_sudo.check_access("read")
        if visit_sudo.partner_id != request.env.user.partner_id:
            return request.not_found()
        return request.render("clinic_visits.visit_page", {"visit": visit_sudo})

    @http.route("/my/visit/next", type="http", auth="user", website=True)
    def next_visit(self, **kw):
        """One's own by the search, whatever the check says."""
        mine = [("partner_id", "=", request.env.user.partner_id.id)]
        visit_sudo = request.env["clinic.visit"].sudo().search(mine, limit=1)
        visit_sudo.check_access("read")
        return request.render("clinic_visits.visit_page", {"visit": visit_sudo})
