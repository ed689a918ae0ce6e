from odoo import http
from odoo.http import request
from odoo.tools import consteq
from werkzeug.exceptions import NotFound


class Papers(http.Controller):
    @http.route("/course/<int:course_id>/paper/<int:paper_id>", type="json", auth="public")
    def paper(self, course_id, paper_id, access_token=""):
        course = request.env["school.course"].sudo().browse(course_id)
        if not access_token or not consteq(course.access_token or "", access_token):
            raise NotFound()
        paper = request.env["school.paper"].sudo().browse(paper_id)
        return {"name": paper.name, "marks": paper.marks}
