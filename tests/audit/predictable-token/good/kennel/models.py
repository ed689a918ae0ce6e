import hashlib
import hmac
import random
import secrets
import string
import time
import uuid

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
    access_token = fields.Char(default=lambda self: secrets.token_urlsafe(20))
    token_date = fields.Datetime()
    color_code = fields.Char(default=lambda self: "#%06x" % random.randint(0, 0xFFFFFF))

    def action_invite(self):
        generator = random.SystemRandom()
        for animal in self:
            animal.access_token = uuid.uuid4().hex
            animal.token_date = fields.Datetime.now()
            password = "".join(generator.choice(string.ascii_letters) for _ in range(12))
            animal.user_id.password = password

    def _webhook_signature(self, secret):
        return hmac.new(secret.encode(), str(time.time()).encode(), hashlib.sha256).hexdigest()

    def _signed_token(self, secret):
        """Something that nobody knows goes into it."""
        return hashlib.sha256(f"{self.id}{secret}".encode()).hexdigest()

    def action_pick(self):
        """One of the tokens that are there."""
        token = random.choice(self.mapped("access_token"))
        delay = random.randint(1, 9)
        return {"token": token, "delay": delay}

    def _page_code(self):
        return random.choice(["a", "b"])


class Country(models.Model):
    _name = "kennel.country"
    _description = "Country"

    code = fields.Char(default=lambda self: "".join(random.choice(string.ascii_uppercase) for _ in range(2)))
