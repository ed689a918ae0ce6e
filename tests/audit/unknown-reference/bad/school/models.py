from odoo import fields, models


class Pupil(models.Model):
    _name = "school.pupil"
    _description = "Pupil"

    name = fields.Char()
    user_id = fields.Many2one("res.users")
    remark = fields.Text(groups="school.group_teachers")
    grade = fields.Char(groups="!school.group_guest")


class Report(models.Model):
    _name = "school.report"
    _description = "Report"

    user_id = fields.Many2one("res.users")
