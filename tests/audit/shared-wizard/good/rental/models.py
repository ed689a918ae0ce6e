from odoo import fields, models


class Claim(models.TransientModel):
    _name = "rental.claim.wizard"
    _description = "Claim"

    partner_id = fields.Many2one("res.partner")
    photo_file = fields.Binary()


class Sorting(models.TransientModel):
    _name = "rental.sorting.wizard"
    _description = "Sort offers"

    order_by = fields.Selection([("price", "Price"), ("place", "Place")])


class Upload(models.TransientModel):
    _name = "rental.upload.wizard"
    _description = "Hand in a file"

    data = fields.Binary()


class Handover(models.TransientModel):
    _name = "rental.handover.wizard"
    _description = "Hand over"

    partner_id = fields.Many2one("res.partner")
    protocol = fields.Binary()


class Gateway(models.TransientModel):
    _name = "rental.gateway.wizard"
    _description = "Connect a gateway"

    api_key = fields.Char(groups="base.group_system")
