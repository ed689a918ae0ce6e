from odoo import fields, models


class Ward(models.Model):
    _name = "clinic.ward"
    _description = "Ward"

    name = fields.Char()
    notice = fields.Html(sanitize=False)
    directions = fields.Text()


class Request(models.Model):
    _name = "clinic.request"
    _description = "Request of a patient"
    _inherit = ["portal.mixin"]

    patient_id = fields.Many2one("res.partner")
    ward_id = fields.Many2one("clinic.ward")
    subject = fields.Char()
    message = fields.Text()
    summary = fields.Char(compute="_compute_summary")

    def _compute_summary(self):
        for request in self:
            request.summary = request.subject
