from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class EstatePortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, model in (
            ("property_count", "estate.property"),
            ("offer_count", "estate.property.offer"),
        ):
            if counter in counters:
                Model = request.env[model]
                values[counter] = (
                    Model.search_count(self._estate_own_domain(model)) if Model.has_access("read") else 0
                )
        return values

    def _estate_own_domain(self, model):
        """Narrow the list to the visitor's own records.

        The record rules decide what may be seen; this only keeps an agent who opens the portal from finding the
        whole agency there.
        """
        partner = request.env.user.partner_id.commercial_partner_id
        path = "buyer_id" if model == "estate.property" else "partner_id"
        return [(path, "child_of", partner.id)]

    @http.route(
        ["/my/properties", "/my/properties/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_properties(self, page=1, **kwargs):
        Property = request.env["estate.property"]
        domain = self._estate_own_domain("estate.property")
        page_links = pager(
            url="/my/properties",
            total=Property.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        properties = Property.search(domain, limit=self._items_per_page, offset=page_links["offset"])
        request.session["my_properties_history"] = properties.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "properties": properties,
                "page_name": "estate_properties",
                "pager": page_links,
                "default_url": "/my/properties",
            }
        )
        return request.render("estate.portal_my_properties", values)

    @http.route("/my/properties/<int:property_id>", type="http", auth="public", website=True)
    def portal_my_property(self, property_id, access_token=None, **kwargs):
        try:
            # Gives back a superuser record: the template may print only what a buyer may know.
            property_sudo = self._document_check_access(
                "estate.property", property_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        values = self._get_page_view_values(
            property_sudo,
            access_token,
            {
                "property": property_sudo,
                "documents": property_sudo.document_ids.filtered("shared"),
                "page_name": "estate_properties",
            },
            "my_properties_history",
            False,
            **kwargs,
        )
        return request.render("estate.portal_my_property", values)

    @http.route("/my/offers", type="http", auth="user", website=True)
    def portal_my_offers(self, **kwargs):
        offers = request.env["estate.property.offer"].search(
            self._estate_own_domain("estate.property.offer"), limit=self._items_per_page
        )
        values = self._prepare_portal_layout_values()
        values.update({"offers": offers, "page_name": "estate_offers", "default_url": "/my/offers"})
        return request.render("estate.portal_my_offers", values)
