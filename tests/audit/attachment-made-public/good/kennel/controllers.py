import base64

from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/file/<int:attachment_id>/share", type="json", auth="user")
    def share(self, attachment_id):
        attachment = request.env["ir.attachment"].browse(attachment_id)
        attachment.check_access("write")
        return attachment.sudo().generate_access_token()

    @http.route("/kennel/photo", type="http", auth="user", methods=["POST"])
    def photo(self, photo=None, **post):
        """What they bring themselves."""
        request.env["ir.attachment"].sudo().create(
            {"name": photo.filename, "datas": base64.b64encode(photo.read()), "public": True}
        )
        return "done"
