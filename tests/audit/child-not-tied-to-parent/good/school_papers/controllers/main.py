from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class Papers(CustomerPortal):
    def _course(self, course_id, access_token):
        try:
            return self._document_check_access("school.course", course_id, access_token)
        except (AccessError, MissingError):
            return None

    @http.route("/my/course/<int:course_id>/paper/<int:paper_id>", type="json", auth="public")
    def paper(self, course_id, paper_id, access_token=None):
        """A search that names both."""
        try:
            course = self._document_check_access("school.course", course_id, access_token)
        except (AccessError, MissingError):
            return False
        tied = [("id", "=", paper_id), ("course_id", "=", course.id)]
        paper = request.env["school.paper"].sudo().search(tied, limit=1)
        return {"name": paper.name, "marks": paper.marks}

    @http.route("/my/course/<int:course_id>/among/<int:paper_id>", type="json", auth="public")
    def among(self, course_id, paper_id, access_token=None):
        """One of its own."""
        course = self._course(course_id, access_token)
        if course is None:
            return False
        paper = course.paper_ids.filtered(lambda one: one.id == paper_id)
        return {"name": paper.name, "marks": paper.marks}

    @http.route("/my/course/<int:course_id>/compared/<int:paper_id>", type="json", auth="public")
    def compared(self, course_id, paper_id, access_token=None):
        """The link is compared."""
        course = self._course(course_id, access_token)
        paper = request.env["school.paper"].sudo().browse(paper_id)
        if course is None or paper.course_id != course:
            return False
        return {"name": paper.name, "marks": paper.marks}

    @http.route("/my/course/<int:course_id>/file/<int:file_id>", type="json", auth="user")
    def file(self, course_id, file_id):
        """A file of a record that was asked for, by the record's own id."""
        course = request.env["school.course"].search([("id", "=", course_id)])
        if not course:
            return False
        tied = [("id", "=", file_id), ("res_id", "=", course_id), ("res_model", "=", "school.course")]
        return request.env["ir.attachment"].sudo().search(tied, limit=1).raw

    @http.route("/my/course/<int:course_id>/papers", type="json", auth="public")
    def papers(self, course_id, access_token=None):
        """All of those that belong to what was checked."""
        course = self._course(course_id, access_token)
        if course is None:
            return False
        return course.paper_ids.mapped("marks")
