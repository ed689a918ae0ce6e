from odoo import _, api, fields, models
from odoo.exceptions import UserError


class EstateProperty(models.Model):
    _name = "estate.property"
    _description = "Property"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    description = fields.Text()
    street = fields.Char()
    postcode = fields.Char()
    date_availability = fields.Date(copy=False)
    bedrooms = fields.Integer(default=2)
    living_area = fields.Integer(string="Living area (sqm)")
    state = fields.Selection(
        [
            ("new", "New"),
            ("offer_received", "Offer received"),
            ("offer_accepted", "Offer accepted"),
            ("sold", "Sold"),
            ("cancelled", "Cancelled"),
        ],
        default="new",
        required=True,
        copy=False,
        tracking=True,
    )
    property_type_id = fields.Many2one("estate.property.type", string="Type")
    tag_ids = fields.Many2many("estate.property.tag", string="Tags")
    company_id = fields.Many2one(
        "res.company", string="Agency", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Agent", index=True, check_company=True, default=lambda self: self.env.user
    )
    buyer_id = fields.Many2one("res.partner", string="Buyer", index=True, copy=False, tracking=True)
    expected_price = fields.Monetary(required=True)
    selling_price = fields.Monetary(readonly=True, copy=False)
    offer_ids = fields.One2many("estate.property.offer", "property_id", string="Offers")
    viewing_ids = fields.One2many("estate.property.viewing", "property_id", string="Viewings")
    document_ids = fields.One2many("estate.property.document", "property_id", string="Documents")

    # What the agency knows and a buyer must not: kept from everyone else by the field itself, not by a view.
    owner_id = fields.Many2one("res.partner", string="Owner", groups="estate.estate_group_user")
    lowest_price = fields.Monetary(
        string="Lowest price the owner takes", groups="estate.estate_group_user", copy=False
    )
    best_price = fields.Monetary(
        string="Best offer", compute="_compute_best_price", groups="estate.estate_group_user"
    )
    internal_note = fields.Text(groups="estate.estate_group_user")

    _sql_constraints = [
        ("expected_price_positive", "CHECK(expected_price > 0)", "The expected price must be positive."),
    ]

    @api.depends("offer_ids.price")
    def _compute_best_price(self):
        for record in self:
            record.best_price = max(record.offer_ids.mapped("price"), default=0.0)

    def _compute_access_url(self):
        super()._compute_access_url()
        for record in self:
            record.access_url = f"/my/properties/{record.id}"

    @api.ondelete(at_uninstall=False)
    def _unlink_only_new_or_cancelled(self):
        if any(record.state not in ("new", "cancelled") for record in self):
            raise UserError(_("Only a new or a cancelled property can be deleted."))

    def action_sold(self):
        if any(record.state == "cancelled" for record in self):
            raise UserError(_("A cancelled property cannot be sold."))
        if any(not record.buyer_id for record in self):
            raise UserError(_("Accept an offer first: there is no buyer yet."))
        self.write({"state": "sold"})
        return True

    def action_cancel(self):
        if any(record.state == "sold" for record in self):
            raise UserError(_("A sold property cannot be cancelled."))
        self.write({"state": "cancelled"})
        return True
