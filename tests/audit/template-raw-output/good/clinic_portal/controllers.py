from markupsafe import Markup

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class ClinicPortal(CustomerPortal):
    @http.route("/my/request/<int:request_id>", type="http", auth="public")
    def clinic_request(self, request_id, access_token=None, notice=None, **kw):
        request_sudo = self._document_check_access("clinic.request", request_id, access_token)
        values = {"clinic_request": request_sudo, "notice": notice, "Markup": Markup}
        return request.render("clinic_portal.request_page", values)
