from odoo.exceptions import AccessError

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
    def get_totals(self):
        return self.read_group([], ["fee:sum"], ["partner_id"])

    @api.model
    def get_mine(self):
        self.env.cr.execute("SELECT name, fee FROM kennel_animal WHERE user_id = %s", [self.env.uid])
        return self.env.cr.dictfetchall()

    @api.model
    def get_my_total(self):
        self.env.cr.execute("SELECT name, fee FROM kennel_animal WHERE user_id = %s" % self.env.uid)
        return self.env.cr.fetchone()

    @api.model
    def get_ids(self):
        """Ids alone tell nothing."""
        self.env.cr.execute("SELECT id, partner_id FROM kennel_animal")
        return self.env.cr.fetchall()

    @api.model
    def get_all(self):
        if not self.env.user.has_group("base.group_user"):
            raise AccessError("For us.")
        self.env.cr.execute("SELECT name, fee FROM kennel_animal")
        return self.env.cr.dictfetchall()

    def renumber(self):
        """What is read stays here."""
        self.check_access("write")
        self.env.cr.execute("SELECT MAX(visits) FROM kennel_animal")
        for animal in self:
            animal.visits = self.env.cr.fetchone()[0] + 1

    def _get_totals(self):
        self.env.cr.execute("SELECT partner_id, SUM(fee) FROM kennel_animal GROUP BY partner_id")
        return self.env.cr.dictfetchall()


class Food(models.Model):
    _name = "kennel.food"
    _description = "Food"

    name = fields.Char()

    @api.model
    def get_names(self):
        """About nobody."""
        self.env.cr.execute("SELECT name FROM kennel_food")
        return self.env.cr.fetchall()
