from odoo import fields, models


class Report(models.Model):
    _name = "school.report"
    _description = "Report"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Mark(models.Model):
    _name = "school.mark"
    _description = "Mark"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])


class Excuse(models.Model):
    _name = "school.excuse"
    _description = "Excuse"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")


class Lesson(models.Model):
    _name = "school.lesson"
    _description = "Lesson"

    name = fields.Char()
    user_id = fields.Many2one("res.users")
