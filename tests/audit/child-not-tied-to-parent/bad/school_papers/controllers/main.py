from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Papers(CustomerPortal):
    @http.route("/my/course/<int:course_id>/paper/<int:paper_id>", type="json", auth="public")
    def paper(self, course_id, paper_id, access_token=None):
        try:
            self._document_check_access("school.course", course_id, access_token)
        except (AccessError, MissingError):
            return False
        paper = request.env["school.paper"].sudo().browse(paper_id)
        return {"name": paper.name, "marks": paper.marks}

    @http.route("/my/course/paper/marks", type="json", auth="user")
    def set_marks(self, course_id, paper_id, marks):
        course = request.env["school.course"].browse(course_id)
        course.check_access("read")
        request.env["school.paper"].sudo().browse(paper_id).write({"marks": marks})
        return True
