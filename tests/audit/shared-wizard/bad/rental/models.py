from odoo import fields, models


class Claim(models.TransientModel):
    _name = "rental.claim.wizard"
    _description = "Claim"

    partner_id = fields.Many2one("res.partner")
    photo_file = fields.Binary()


class Quote(models.TransientModel):
    _name = "rental.quote.wizard"
    _description = "Ask for a quote"

    partner_id = fields.Many2one("res.partner")


class Gateway(models.TransientModel):
    _name = "rental.gateway.wizard"
    _description = "Connect a gateway"

    api_key = fields.Char()
