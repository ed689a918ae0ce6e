from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/file/<int:attachment_id>/share", type="json", auth="user")
    def share(self, attachment_id):
        request.env["ir.attachment"].sudo().browse(attachment_id).write({"public": True})
        return "/web/content/%s" % attachment_id
