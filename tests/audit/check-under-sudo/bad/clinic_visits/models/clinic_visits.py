from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", "Patient", required=True)
    reason = fields.Text()
    diagnosis = fields.Text()

    def summary(self):
        visits = self.sudo()
        visits.check_access("read")
        return [{"reason": one.reason, "diagnosis": one.diagnosis} for one in visits]
