from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"
    _inherit = ["mail.thread"]

    name = fields.Char()
    user_id = fields.Many2one("res.users")
    room_id = fields.Many2one("clinic.room")


class Room(models.Model):
    _name = "clinic.room"
    _description = "Room"
    _inherit = ["mail.activity.mixin"]

    name = fields.Char()
    warden_id = fields.Many2one("res.users")
