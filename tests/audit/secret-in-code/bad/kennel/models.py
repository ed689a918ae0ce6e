import hmac

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

API_KEY = "9fK2xQ7vLm41ZtPw83RbNc60"
WEBHOOK_SALT = "kennel-of-the-hill"


class Chip(models.Model):
    _name = "kennel.chip"
    _description = "Chip register"

    name = fields.Char()
    password = fields.Char(default="Welpe2019!")

    def action_fetch(self):
        return requests.get("https://chips.example/v1", auth=("kennel", "k3nn3l-R0ver"), headers={"X-Key": API_KEY})

    def action_connect(self):
        return {"host": "ftp.example", "user": "kennel", "password": "s8Q!dogs"}

    def action_sign(self, text):
        return hmac.new(WEBHOOK_SALT.encode(), text.encode(), "sha256").hexdigest()

    @api.model
    def check_in(self, secret):
        if secret != "dR4gon-fl1es-77":
            return False
        return self.env["ir.config_parameter"].sudo().get_param("kennel.api_token", "a81Fd90cE77b42aa9F3e")

    @api.model
    def _connect(self, dsn="postgresql://kennel:w00fw00f9@db.example/chips"):
        return dsn

    @api.model
    def _create_user(self, user_password="admin"):
        return user_password
