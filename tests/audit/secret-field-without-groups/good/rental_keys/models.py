from odoo import fields, models


class Gateway(models.Model):
    _name = "rental.gateway"
    _description = "Payment Gateway"

    name = fields.Char()
    # Guarded, or not a secret: a word about one, a key for browsers, a flag, a date, a link.
    api_key = fields.Char(groups="base.group_system")
    password_hint = fields.Char()
    publishable_api_key = fields.Char()
    token_endpoint = fields.Char()
    password_minlength = fields.Integer()
    secret_expiration = fields.Date()
    use_token = fields.Boolean()
    token_id = fields.Many2one("rental.token")
    # Written and never given back.
    password = fields.Char(compute="_compute_password", inverse="_inverse_password")


class Token(models.Model):
    _name = "rental.token"
    _description = "Token"

    # Only administrators may read the model.
    token = fields.Char()
    client_secret = fields.Char()


class Mailbox(models.Model):
    _name = "rental.mailbox"
    _description = "Mailbox"

    # Every internal user, but their own alone.
    user_id = fields.Many2one("res.users")
    password = fields.Char()


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Rental Contract"
    _inherit = ["portal.mixin"]

    # Opens one document, which its readers have anyway.
    partner_id = fields.Many2one("res.partner")


class User(models.Model):
    _inherit = "res.users"

    # Made here, for the address of a form that strangers are given.
    dropbox_token = fields.Char(default=lambda self: self._new_dropbox(), readonly=True)


class Connect(models.TransientModel):
    _name = "rental.connect"
    _description = "Connect"

    password = fields.Char()
