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

    @http.route("/kennel/<int:animal_id>/badge", type="http", auth="public")
    def badge(self, animal_id, **kw):
        """The files of one field, which is there to be shown."""
        badges = (
            request.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", "kennel.animal"), ("res_field", "=", "badge"), ("res_id", "=", animal_id)])
        )
        badges.write({"public": True})
        return "done"

    @http.route("/kennel/style", type="http", auth="public")
    def style(self, **kw):
        """A part of the site, with an address of its own."""
        style = "body { color: %s }" % request.env.company.primary_color
        request.env["ir.attachment"].sudo().create(
            {"name": "kennel.css", "raw": style.encode(), "url": "/kennel/kennel.css", "public": True}
        )
        return "done"
