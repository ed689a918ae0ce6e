from odoo import fields, models


class Partner(models.Model):
    _inherit = "res.partner"

    team_id = fields.Many2one("clinic.team")
    coach_id = fields.Many2one("res.users")
    enrolment_ids = fields.One2many("clinic.enrolment", "partner_id")


class Team(models.Model):
    _name = "clinic.team"
    _description = "Team"

    name = fields.Char(required=True)


class Enrolment(models.Model):
    _name = "clinic.enrolment"
    _description = "Enrolment"

    partner_id = fields.Many2one("res.partner", required=True)
    course_id = fields.Many2one("clinic.course", required=True)


class Course(models.Model):
    _name = "clinic.course"
    _description = "Course"

    name = fields.Char(required=True)
    teacher_id = fields.Many2one("res.partner")


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char(required=True)
    note = fields.Text()
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])
    website_published = fields.Boolean()
    partner_id = fields.Many2one("res.partner", required=True)
    country_id = fields.Many2one("res.country")
    team_id = fields.Many2one("clinic.team")
    user_id = fields.Many2one("res.users")
    group_ids = fields.Many2many("res.groups")


class Bill(models.Model):
    _name = "clinic.bill"
    _description = "Bill"

    partner_id = fields.Many2one("res.partner", required=True)
    category_ids = fields.Many2many("res.partner.category")


class Plan(models.Model):
    _name = "clinic.plan"
    _description = "Plan"

    partner_id = fields.Many2one("res.partner")
    keeper_id = fields.Many2one("res.users")


class Letter(models.Model):
    _name = "clinic.letter"
    _description = "Letter"

    partner_id = fields.Many2one("res.partner")
    team_id = fields.Many2one("clinic.team", required=True)
