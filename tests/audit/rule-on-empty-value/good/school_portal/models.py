from odoo import fields, models


class Partner(models.Model):
    _inherit = "res.partner"

    guardian_id = fields.Many2one("school.guardian")


class Guardian(models.Model):
    _name = "school.guardian"
    _description = "Guardian"

    name = fields.Char(required=True)


class Report(models.Model):
    _name = "school.report"
    _description = "Report"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner")
    parent_id = fields.Many2one("res.partner")


class Fee(models.Model):
    _name = "school.fee"
    _description = "Fee"

    payer_id = fields.Many2one("res.partner")
    state = fields.Selection([("open", "Open")])


class Mark(models.Model):
    _name = "school.mark"
    _description = "Mark"

    partner_id = fields.Many2one("res.partner", required=True)


class Note(models.Model):
    _name = "school.note"
    _description = "Note"

    partner_id = fields.Many2one("res.partner")


class Trip(models.Model):
    _name = "school.trip"
    _description = "Trip"

    partner_id = fields.Many2one("res.partner")
