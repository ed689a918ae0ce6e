import hashlib
import random
import string
import time
import uuid
from datetime import datetime
from random import randint

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
    access_token = fields.Char(
        default=lambda self: "".join(random.choice(string.ascii_letters) for _ in range(20))
    )
    pin_code = fields.Char()

    def action_invite(self):
        for animal in self:
            animal.pin_code = str(randint(1000, 9999))
            animal.access_token = hashlib.md5(str(time.time()).encode()).hexdigest()

    def action_open(self):
        token = uuid.uuid1().hex
        self.write({"access_token": token})

    def _session_token(self):
        return hashlib.sha256(f"{self.id}-{self.partner_id.email}".encode()).hexdigest()

    def _random_text(self, size):
        letters = string.ascii_uppercase
        return "".join(random.choices(letters, k=size))

    def action_reset(self):
        self.user_id.password = self._random_text(8)
        return self.env["res.users"].create({"login": "x", "password": "%s!" % datetime.now().strftime("%H%M%S")})


class Voucher(models.Model):
    _name = "kennel.voucher"
    _description = "Voucher"

    code = fields.Char(default=lambda self: self._new_code())

    @api.model
    def _new_code(self):
        code = ""
        for _ in range(8):
            code += random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        return code
