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
        self.env["rental.charge"].sudo().create({"name": "Rent"})
        self.write({"state": "out"})
        return True

    def action_free(self):
        self.write({"state": "free"})
        return True



class Charge(models.Model):
    _name = "rental.charge"
    _description = "Charge"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    amount = fields.Float()


class Charged(models.Model):
    _inherit = "rental.machine"

    def action_free(self):
        """Who may read the machine has a charge made, and what is overridden refuses them only then."""
        for machine in self:
            self.env["rental.charge"].sudo().create({"name": machine.name, "amount": machine.price})
        return super().action_free()
