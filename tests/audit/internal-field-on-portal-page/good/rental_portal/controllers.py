from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class RentalPortal(CustomerPortal):
    @http.route("/my/contract/<int:contract_id>", type="http", auth="public")
    def contract(self, contract_id, access_token=None, **kw):
        contract_sudo = self._document_check_access("rental.contract", contract_id, access_token)
        return request.render("rental_portal.contract_page", {"contract": contract_sudo})

    @http.route("/my/contract/<int:contract_id>/request", type="json", auth="user")
    def ask(self, contract_id, text, access_token=None):
        contract_sudo = self._document_check_access("rental.contract", contract_id, access_token)
        contract_sudo.write({"request": text})
        return True

    @http.route("/my/damages", type="http", auth="user")
    def damages(self, **kw):
        domain = [("partner_id", "=", request.env.user.partner_id.id)]
        damages = request.env["rental.damage"].sudo().search(domain)
        return request.render("rental_portal.damages_page", {"damages": damages})

    @http.route("/rental/depot", type="http", auth="user")
    def depot(self, **kw):
        if not request.env.user.has_group("base.group_user"):
            return request.redirect("/my")
        contracts = request.env["rental.contract"].sudo().search([])
        return request.render("rental_portal.depot_page", {"contracts": contracts})
