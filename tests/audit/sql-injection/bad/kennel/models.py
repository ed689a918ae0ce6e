from odoo import api, fields, models


class Animal(models.Model):
    _name = "kennel.animal"
    _description = "Animal"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner", "Owner")
    user_id = fields.Many2one("res.users")
    state = fields.Selection([("in", "Here"), ("out", "Home")])
    fee = fields.Float()
    visits = fields.Integer()

    @api.model
    def since(self, date):
        self.env.cr.execute(f"SELECT id FROM kennel_animal WHERE create_date > '{date}'")
        return self.env.cr.fetchall()

    def sorted_by(self, column):
        query = "SELECT id FROM kennel_animal ORDER BY %s" % column
        self.env.cr.execute(query)
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def found(self, words):
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE " + self._condition(words))
        return self.env.cr.fetchall()

    def _condition(self, words):
        return " OR ".join("name ILIKE '%s'" % word for word in words)
