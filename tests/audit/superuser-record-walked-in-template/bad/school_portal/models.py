from odoo import fields, models


class Subject(models.Model):
    _name = "school.subject"
    _description = "Subject"

    name = fields.Char()
    description = fields.Text()


class Teacher(models.Model):
    _name = "school.teacher"
    _description = "Teacher"

    name = fields.Char()
    room = fields.Char()


class SchoolClass(models.Model):
    _name = "school.class"
    _description = "Class"

    name = fields.Char()
    pupil_ids = fields.One2many("school.pupil", "class_id")
    subject_ids = fields.Many2many("school.subject")
    teacher_id = fields.Many2one("school.teacher")
    president_id = fields.Many2one("res.partner")


class Pupil(models.Model):
    _name = "school.pupil"
    _description = "Pupil"

    name = fields.Char()
    class_id = fields.Many2one("school.class")
    guardian_id = fields.Many2one("res.partner")
    birthday = fields.Date()
    remark = fields.Text()


class Lesson(models.Model):
    _name = "school.lesson"
    _description = "Private lesson"
    _inherit = ["portal.mixin"]

    name = fields.Char()
    guardian_id = fields.Many2one("res.partner")
    class_id = fields.Many2one("school.class")
    task_ids = fields.One2many("school.lesson.task", "lesson_id")


class Task(models.Model):
    _name = "school.lesson.task"
    _description = "Task of a lesson"

    lesson_id = fields.Many2one("school.lesson", required=True, ondelete="cascade")
    description = fields.Text()
    partner_id = fields.Many2one("res.partner")
