from odoo import api, fields, models


class Teacher(models.Model):
    _name = "school.teacher"
    _description = "Teacher"

    name = fields.Char()
    room = fields.Char()
    hourly_cost = fields.Float(groups="school_courses.group_office")
    birthday = fields.Date()
    bonus = fields.Float()


class Course(models.Model):
    _name = "school.course"
    _description = "Course"

    teacher_id = fields.Many2one("school.teacher")
    partner_id = fields.Many2one("res.partner")
    # A name, and what tells nothing private.
    teacher_name = fields.Char(related="teacher_id.name")
    teacher_room = fields.Char(related="teacher_id.room", store=True)
    # Takes over the groups of its target, as Odoo does.
    teacher_cost = fields.Float(related="teacher_id.hourly_cost")
    # Read with the user's own rights.
    teacher_birthday = fields.Date(related="teacher_id.birthday", related_sudo=False)
    # Computed with the user's own rights: not stored.
    cost = fields.Float(compute="_compute_cost")
    # Stored, and for those who may know.
    total_cost = fields.Float(compute="_compute_cost", store=True, groups="school_courses.group_office")
    # That there is a value tells nothing of it.
    has_bonus = fields.Boolean(compute="_compute_has_bonus", store=True)
    # Portal users read their own courses alone.
    partner_phone = fields.Char(related="partner_id.phone")

    @api.depends("teacher_id.hourly_cost")
    def _compute_cost(self):
        for course in self:
            course.cost = course.total_cost = course.teacher_id.hourly_cost

    @api.depends("teacher_id.bonus")
    def _compute_has_bonus(self):
        for course in self:
            course.has_bonus = bool(course.teacher_id.bonus)
