from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class SchoolPortal(CustomerPortal):
    @http.route("/my/lesson/<int:lesson_id>", type="http", auth="user")
    def lesson(self, lesson_id, **kw):
        lesson_sudo = self._document_check_access("school.lesson", lesson_id)
        return request.render("school_portal.lesson_page", {"lesson": lesson_sudo})
