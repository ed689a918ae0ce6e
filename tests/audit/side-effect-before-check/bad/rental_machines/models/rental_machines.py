from odoo import fields, models


class Machine(models.Model):
    _name = "rental.machine"
    _description = "Machine"

    name = fields.Char()
    state = fields.Selection([("free", "Free"), ("out", "Rented out")])
    partner_id = fields.Many2one("res.partner", "Customer")
    price = fields.Float()

    def action_rent(self):
        """The charge is there before it turns out whether the caller may rent out the machine."""
        for machine in self:
            self.env["rental.charge"].sudo().create(
                {"name": machine.name, "partner_id": machine.partner_id.id, "amount": machine.price}
            )
        self.write({"state": "out"})
        return True



class Charge(models.Model):
    _name = "rental.charge"
    _description = "Charge"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    amount = fields.Float()
