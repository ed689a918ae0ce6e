from odoo import fields, models


class Pupil(models.Model):
    _name = "school.pupil"
    _description = "Pupil"

    name = fields.Char()
    user_id = fields.Many2one("res.users")
    remark = fields.Text(groups="school.group_teacher")
    grade = fields.Char(groups="!base.group_portal,hr.group_hr_user")


class Report(models.Model):
    _name = "school.report"
    _description = "Report"

    user_id = fields.Many2one("res.users")
