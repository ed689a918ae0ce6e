from odoo.tools import SQL

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

    _order_columns = {"name": "name", "fee": "fee"}

    @api.model
    def since(self, date):
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE create_date > %s", [date])
        return self.env.cr.fetchall()

    @api.model
    def of_month(self, month):
        """A number can't be more than a number."""
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE extract(month FROM create_date) = %d" % int(month))
        return self.env.cr.fetchall()

    @api.model
    def sorted_by(self, column):
        if column not in ("name", "fee"):
            raise ValueError(column)
        self.env.cr.execute("SELECT id FROM kennel_animal ORDER BY %s" % column)
        return self.env.cr.fetchall()

    @api.model
    def of_names(self, names):
        marks = ", ".join(["%s"] * len(names))
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE name IN (" + marks + ")", names)
        return self.env.cr.fetchall()

    @api.model
    def of_mine(self):
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE user_id = %s" % self.env.uid)
        return self.env.cr.fetchall()

    @api.model
    def by(self, column):
        self.env.cr.execute(SQL("SELECT id FROM kennel_animal ORDER BY %s", SQL.identifier(column)))
        return self.env.cr.fetchall()

    def _helper(self, text):
        """Nobody calls this over RPC."""
        self.env.cr.execute("SELECT id FROM kennel_animal WHERE name = '%s'" % text)
