from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class EstatePortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        partner = request.env.user.partner_id
        if "property_count" in counters:
            values["property_count"] = (
                request.env["estate.property"].sudo().search_count([("buyer_id", "=", partner.id)])
            )
        if "offer_count" in counters:
            values["offer_count"] = (
                request.env["estate.property.offer"].sudo().search_count([("partner_id", "=", partner.id)])
            )
        return values

    @http.route(
        ["/my/properties", "/my/properties/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_properties(self, page=1, **kwargs):
        Property = request.env["estate.property"].sudo()
        domain = [("buyer_id", "=", request.env.user.partner_id.id)]
        page_links = pager(
            url="/my/properties",
            total=Property.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "properties": Property.search(domain, limit=self._items_per_page, offset=page_links["offset"]),
                "page_name": "estate_properties",
                "pager": page_links,
                "default_url": "/my/properties",
            }
        )
        return request.render("estate.portal_my_properties", values)

    @http.route("/my/properties/<int:property_id>", type="http", auth="user", website=True)
    def portal_my_property(self, property_id, **kwargs):
        # sudo: customers got an access error on the agent's name
        record = request.env["estate.property"].sudo().browse(property_id)
        return request.render(
            "estate.portal_my_property",
            {"property": record, "documents": record.document_ids, "page_name": "estate_properties"},
        )

    @http.route("/my/offers", type="http", auth="user", website=True)
    def portal_my_offers(self, **kwargs):
        offers = request.env["estate.property.offer"].search(
            [("partner_id", "=", request.env.user.partner_id.id)], limit=self._items_per_page
        )
        values = self._prepare_portal_layout_values()
        values.update({"offers": offers, "page_name": "estate_offers", "default_url": "/my/offers"})
        return request.render("estate.portal_my_offers", values)
