import hmac
import os

import requests

from odoo import api, fields, models


class Animal(models.Model):
    _name = "kennel.animal"
    _description = "Animal"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Owner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("in", "Here"), ("out", "Home")])
    fee = fields.Float()
    visits = fields.Integer()

API_KEY_PARAMETER = "kennel.api_key"
TOKEN_URL = "https://chips.example/oauth2/token"
PASSWORD_PATTERN = r"^(?=.*[0-9])[A-Za-z0-9]{8,}$"
SECRET_KEY = os.environ.get("KENNEL_SECRET_KEY", "")
PUBLIC_KEY = "pk_live_51HqLyjWDarjtT1zdp7dc9fK2xQ7vLm41"
SANDBOX_CREDENTIALS = {"client_secret": "9fK2xQ7vLm41ZtPw83RbNc60"}
LABELS = {"password": "Contraseña1 nueva", "access_token": "Access token", "api_key": "x-api-key"}


class Chip(models.Model):
    _name = "kennel.chip"
    _description = "Chip register"

    api_key = fields.Char("API key", help="As in your-api-key-here-1234", groups="base.group_system")
    password = fields.Char(default="")
    token_type = fields.Char(default="bearer2")

    def action_fetch(self, token=None):
        token = token or self.env["ir.config_parameter"].sudo().get_param("kennel.api_key")
        response = requests.get("https://chips.example/v1", auth=("kennel", token), headers={"X-Key": token})
        response.set_cookie("fileToken", "dummy-because-the-client-waits-for-one-1")
        return response

    def action_sign(self, secret, text):
        return hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()

    def action_login(self):
        """An example: password='Welpe2019!', https://user:password@host/."""
        if self.password == "admin":
            raise ValueError("Choose another one.")
        return {"password": "password", "next_page_token": "9fK2xQ7vLm41ZtPw83RbNc60", "secret": "%s" % self.password}
