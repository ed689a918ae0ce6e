from odoo import fields, models


class Order(models.Model):
    _name = "rental.order"
    _description = "Rental Order"
    _inherit = ["portal.mixin", "mail.thread"]

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Customer")
    amount = fields.Float()
    state = fields.Selection([("draft", "Draft"), ("done", "Done")])
    line_ids = fields.One2many("rental.order.line", "order_id")

    def action_confirm(self):
        self.write({"state": "done"})


class Line(models.Model):
    _name = "rental.order.line"
    _description = "Rental Order Line"

    order_id = fields.Many2one("rental.order", required=True)
    name = fields.Char()


class Tool(models.Model):
    _name = "rental.tool"
    _description = "Tool"

    name = fields.Char()
    is_published = fields.Boolean()
    price = fields.Float()
    views = fields.Integer()


class Question(models.Model):
    _name = "rental.question"
    _description = "Question"

    name = fields.Char()
    email = fields.Char()
