from odoo import fields, models


class Course(models.Model):
    _name = "school.course"
    _description = "Course"
    _inherit = ["portal.mixin"]

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Pupil")
    paper_ids = fields.One2many("school.paper", "course_id")


class Paper(models.Model):
    _name = "school.paper"
    _description = "Paper"

    name = fields.Char()
    course_id = fields.Many2one("school.course")
    partner_id = fields.Many2one("res.partner", "Author")
    marks = fields.Text()
