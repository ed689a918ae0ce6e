from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAccess(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["res.company"].create({"name": "Harbour Agency"})
        cls.env.user.company_ids = [Command.link(cls.agency.id)]
        cls.agent = new_test_user(cls.env, "agent", groups="estate.estate_group_user")
        cls.colleague = new_test_user(cls.env, "colleague", groups="estate.estate_group_user")
        cls.manager = new_test_user(cls.env, "manager", groups="estate.estate_group_manager")
        cls.employee = new_test_user(cls.env, "employee", groups="base.group_user")
        cls.buyer = new_test_user(cls.env, "buyer", groups="base.group_portal")
        cls.stranger = new_test_user(cls.env, "stranger", groups="base.group_portal")
        cls.house = cls._property("House", user_id=cls.colleague.id, buyer_id=cls.buyer.partner_id.id)
        cls.flat = cls._property("Flat", user_id=False)
        cls.elsewhere = cls._property("Elsewhere", user_id=False, company_id=cls.agency.id)
        cls.offer = cls.env["estate.property.offer"].create(
            {"property_id": cls.house.id, "partner_id": cls.buyer.partner_id.id, "price": 100.0}
        )

    @classmethod
    def _property(cls, name, **values):
        return cls.env["estate.property"].create({"name": name, "expected_price": 100.0, **values})

    def _seen_by(self, user, model="estate.property"):
        return self.env[model].with_user(user).search([])

    def test_an_agent_sees_own_and_unassigned(self):
        self.assertEqual(self._seen_by(self.agent), self.flat)
        self.assertEqual(self._seen_by(self.colleague), self.house + self.flat)

    def test_a_manager_sees_the_agency_and_no_other(self):
        self.assertEqual(self._seen_by(self.manager), self.flat + self.house)

    def test_an_employee_sees_nothing(self):
        with self.assertRaises(AccessError):
            self._seen_by(self.employee)

    def test_nobody_deletes_properties(self):
        with self.assertRaises(AccessError):
            self.flat.with_user(self.manager).unlink()

    def test_an_agent_reads_types_and_cannot_change_them(self):
        kind = self.env["estate.property.type"].create({"name": "Castle"})
        self.assertEqual(kind.with_user(self.agent).name, "Castle")
        with self.assertRaises(AccessError):
            kind.with_user(self.agent).name = "Barn"

    def test_a_customer_sees_own_purchases_and_offers(self):
        self.assertEqual(self._seen_by(self.buyer), self.house)
        self.assertEqual(self._seen_by(self.buyer, "estate.property.offer"), self.offer)
        self.assertFalse(self._seen_by(self.stranger))
        self.assertFalse(self._seen_by(self.stranger, "estate.property.offer"))
        with self.assertRaises(AccessError):
            self.offer.with_user(self.buyer).price = 1.0

    def test_a_customer_reads_only_shared_documents(self):
        deed, plan = self.env["estate.property.document"].create(
            [
                {"name": "Deed", "property_id": self.house.id, "kind": "deed"},
                {"name": "Plan", "property_id": self.house.id, "shared": True},
            ]
        )
        self.assertEqual(self._seen_by(self.buyer, "estate.property.document"), plan)
        with self.assertRaises(AccessError):
            deed.with_user(self.buyer).read(["name"])

    def test_a_customer_never_reads_internal_fields(self):
        for field in ("internal_note", "lowest_price", "owner_id"):
            with self.assertRaises(AccessError):
                self.house.with_user(self.buyer).read([field])

    def test_only_who_may_write_can_sell(self):
        with self.assertRaises(AccessError):
            self.house.with_user(self.agent).action_sold()
        with self.assertRaises(AccessError):
            self.house.with_user(self.buyer).action_sold()
