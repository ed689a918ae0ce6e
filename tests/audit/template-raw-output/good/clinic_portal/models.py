from odoo import fields, models


class Ward(models.Model):
    _name = "clinic.ward"
    _description = "Ward"

    name = fields.Char()
    notice = fields.Html()
    beds = fields.Integer()


class Request(models.Model):
    _name = "clinic.request"
    _description = "Request of a patient"
    _inherit = ["portal.mixin"]

    patient_id = fields.Many2one("res.partner")
    ward_id = fields.Many2one("clinic.ward")
    subject = fields.Char()
    message = fields.Text()
    wishes = fields.Html()
    state = fields.Selection([("new", "New"), ("done", "Done")])
