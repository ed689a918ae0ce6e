from odoo import api, fields, models


class Teacher(models.Model):
    _name = "school.teacher"
    _description = "Teacher"

    name = fields.Char()
    hourly_cost = fields.Float(groups="school_lessons.group_office")
    birthday = fields.Date()


class Lesson(models.Model):
    _name = "school.lesson"
    _description = "Lesson"

    teacher_id = fields.Many2one("school.teacher")
    # Worked out, as superuser, from a field that has groups.
    cost = fields.Float(compute="_compute_cost", store=True)
    # Of a model that nobody but the office may read.
    teacher_birthday = fields.Date(related="teacher_id.birthday")
    # Takes groups away that the target has.
    teacher_cost = fields.Float(related="teacher_id.hourly_cost", groups="base.group_user")

    @api.depends("teacher_id.hourly_cost")
    def _compute_cost(self):
        for lesson in self:
            lesson.cost = lesson.teacher_id.hourly_cost


class Notice(models.Model):
    _name = "school.notice"
    _description = "Notice"

    partner_id = fields.Many2one("res.partner")
    # Every portal user reads every notice, but no contact except their own.
    partner_phone = fields.Char(related="partner_id.phone")
