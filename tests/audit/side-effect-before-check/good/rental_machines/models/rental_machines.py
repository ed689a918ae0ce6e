from odoo import fields, models


class Machine(models.Model):
    _name = "rental.machine"
    _description = "Machine"

    name = fields.Char()
    state = fields.Selection([("free", "Free"), ("out", "Rented out")])
    partner_id = fields.Many2one("res.partner", "Customer")
    price = fields.Float()
    charge_id = fields.Many2one("rental.charge")

    def action_rent(self):
        self.check_access("write")
        for machine in self:
            self.env["rental.charge"].sudo().create(
                {"name": machine.name, "partner_id": machine.partner_id.id, "amount": machine.price}
            )
        self.write({"state": "out"})
        return True

    def action_return(self):
        """What is written first is refused to those who may not."""
        self.write({"state": "free"})
        self.env["rental.charge"].sudo().create({"name": "Returned"})
        return True

    def action_bill(self):
        """Its fields are read as the caller before, and what is made is taken back if they may not change it."""
        for machine in self:
            charge = self.env["rental.charge"].sudo().create(
                {
                    "name": machine.name,
                    "partner_id": machine.partner_id.id,
                    "amount": machine.price,
                }
            )
            machine.charge_id = charge.id
        return True

    def action_look(self):
        """A log is no effect of its own, nor is the date of the last visit."""
        self.env["rental.machine.log"].sudo().create({"name": "Seen"})
        self.env["rental.charge"].sudo().search([], limit=1).write({"last_seen": fields.Date.today()})
        self.write({"state": "out"})

    def action_service(self):
        if not self.env.user.has_group("base.group_system"):
            return False
        self.env["rental.charge"].sudo().create({"name": "Service"})
        self.write({"state": "free"})
        return True

    def _charge(self):
        """Nobody calls it from outside."""
        self.env["rental.charge"].sudo().create({"name": "Inside"})
        self.write({"state": "free"})



class Charge(models.Model):
    _name = "rental.charge"
    _description = "Charge"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    amount = fields.Float()
    last_seen = fields.Date()


class Log(models.Model):
    _name = "rental.machine.log"
    _description = "Log"

    name = fields.Char()
