from odoo import fields, models


class Gate(models.Model):
    _name = "rental.gate"
    _description = "Gate of a depot"

    name = fields.Char()
    opening_password = fields.Char()


class Contract(models.Model):
    _name = "rental.contract"
    _description = "Rental contract"
    _inherit = ["mail.thread", "portal.mixin"]

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    gate_id = fields.Many2one("rental.gate")
    price = fields.Float()
    note = fields.Html("Terms and conditions")
    margin = fields.Float()
    # Employees write down here what they think of the customer.
    remark = fields.Text("Internal remarks")
    insurance_risk = fields.Selection([("low", "Low"), ("high", "High")], groups="rental_portal.group_rental_manager")
    rating = fields.Integer()
    history = fields.Text()
    wishes = fields.Text()
    # A form of the portal writes it.
    request = fields.Text("Internal notes")


class Damage(models.Model):
    """For those who handle claims alone, by its access right; its views say no more."""

    _name = "rental.damage"
    _description = "Damage"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    course = fields.Text()
