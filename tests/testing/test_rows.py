"""What a file says there is, as rows: values, what follows from them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from ostiary.testing.database import Databases
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import parse_tests
from ostiary.testing.target import Targets
from ostiary.testing.world import World, world_of

MANIFEST = (
    "{'name': 'Shop', 'version': '18.0.1.0.0', 'depends': ['base'], 'data': ['security/ir.model.access.csv', "
    "'security/rules.xml'], 'demo': ['demo/demo.xml', 'demo/shop.order.csv']}"
)
MODELS = """\
from odoo import api, fields, models

class Order(models.Model):
    _name = "shop.order"
    name = fields.Char()
    state = fields.Selection([("draft", "Draft"), ("done", "Done")], default="draft")
    amount = fields.Float()
    paid = fields.Boolean()
    day = fields.Date()
    at = fields.Datetime()
    rate = fields.Float(company_dependent=True)
    what = fields.Reference([("res.partner", "Contact")])
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user)
    partner_id = fields.Many2one("res.partner")
    parent_id = fields.Many2one("shop.order")
    company_id = fields.Many2one("res.company")
    team = fields.Char(compute="_compute_team", store=True)
    line_ids = fields.One2many("shop.line", "order_id")
    tag_ids = fields.Many2many("shop.tag")

    def _compute_team(self):
        pass

class Line(models.Model):
    _name = "shop.line"
    name = fields.Char()
    order_id = fields.Many2one("shop.order")
    company_id = fields.Many2one(related="order_id.company_id", store=True)

class Tag(models.Model):
    _name = "shop.tag"
    name = fields.Char()
"""
RIGHTS = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\na,a,model_shop_order,,1,1,1,1\n"
RULES = """\
<odoo><record id="rule" model="ir.rule"><field name="model_id" ref="model_shop_order"/>
<field name="domain_force">[('user_id', '=', user.id), ('team', '!=', 'x')]</field></record></odoo>
"""
DEMO = """\
<odoo>
  <record id="buyer" model="res.partner"><field name="name">Buyer</field></record>
  <record id="agent" model="res.users"><field name="login">agent</field><field name="partner_id" ref="buyer"/></record>
  <record id="one" model="shop.order">
    <field name="name">One</field><field name="amount">1.5</field><field name="paid">True</field>
    <field name="partner_id" ref="buyer"/><field name="user_id" ref="agent"/><field name="team">north</field>
    <field name="day" eval="(DateTime.today()).strftime('%Y-01-01')"/>
  </record>
  <record id="two" model="shop.order"><field name="user_id" eval="obj().me()"/><field name="team">south</field></record>
</odoo>
"""
Make = Callable[..., World]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Targets:
    folder = tmp_path_factory.mktemp("shop") / "shop"
    for name, text in {
        "__manifest__.py": MANIFEST,
        "__init__.py": "from . import models",
        "models.py": MODELS,
        "security/ir.model.access.csv": RIGHTS,
        "security/rules.xml": RULES,
        "demo/demo.xml": DEMO,
        "demo/shop.order.csv": "id,name,user_id/id,team,state\nthree,Three,agent,east,done\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Targets([str(folder)], cache=False)


@pytest.fixture(scope="module")
def kept() -> Iterator[Databases]:
    with Databases() as made:
        yield made


@pytest.fixture
def make(shop: Targets, kept: Databases) -> Iterator[Make]:
    """The world of a file about the shop."""
    with ExitStack() as stack:

        def made(text: str) -> World:
            tests = parse_tests(text.encode(), Path("a.access.yaml"), "a")
            return stack.enter_context(world_of(tests, shop.policy_of(tests), kept, shop.data_of(tests)))

        yield made


def row(world: World, name: str) -> dict[str, object]:
    """The row of a record, by its name."""
    model, record = world.things[name]
    table = world.schema.model(model).table
    (found,) = world.connection.execute(sa.select(table).where(table.c.id == record)).mappings().all()
    return dict(found)


def refused(make: Make, text: str) -> list[str]:
    with pytest.raises(InvalidTests) as caught:
        make(text)
    return [one.removeprefix("a:") for one in caught.value.mistakes]


ORDER = "records: {shop.order: {one: {user_id: false, team: x, %s}}}\n"


def test_values_lie_in_tables_as_odoo_stores_them(make: Make) -> None:
    world = make(
        """\
companies: {north: {}, south: {parent: north}}
users:
  anna: {groups: internal, values: {signature: Hello}}
  joel: {groups: portal, company: south, partner: {name: Joel J.}}
records:
  shop.tag: {red: {name: Red}}
  shop.order:
    first:
      name: First
      amount: 1.5
      day: 2026-01-31
      at: "2026-01-31 10:00:00"
      rate: {north: 2.5}
      what: res.partner,joel
      user_id: anna
      partner_id: anna
      parent_id: second
      company_id: south
      team: a
      tag_ids: [red]
      line_ids: [{name: inner}]
    second: {user_id: joel, state: done, paid: true, team: b, day: today - 3 days}
  shop.line: {outer: {order_id: first}}
"""
    )
    first, second = row(world, "first"), row(world, "second")
    partner = world.things["anna"][1]
    assert (first["state"], first["paid"], first["amount"], second["amount"]) == ("draft", False, 1.5, 0.0)
    assert (str(first["day"]), str(first["at"])) == ("2026-01-31", "2026-01-31 10:00:00")
    assert first["rate"] == {str(world.things["north"][1]): 2.5}
    assert first["user_id"] == partner
    assert first["partner_id"] == row(world, "anna")["partner_id"]
    assert first["parent_id"] == second["id"]
    assert first["what"] == f"res.partner,{row(world, 'joel')['partner_id']}"
    assert (second["state"], second["paid"]) == ("done", True)
    assert second["day"] is not None
    assert row(world, "south")["parent_id"] == world.things["north"][1]
    contact = world.schema.model("res.partner").table
    names = dict(world.connection.execute(sa.select(contact.c.id, contact.c.name)).all())
    assert names[row(world, "joel")["partner_id"]] == "Joel J."
    # What is stored of other rows follows from them.
    assert row(world, "outer")["company_id"] == world.things["south"][1]
    line = world.schema.model("shop.line").table
    inner = world.connection.execute(
        sa.select(line.c.order_id, line.c.company_id).where(line.c.name == "inner")
    )
    assert inner.one() == (first["id"], world.things["south"][1])


def test_records_may_lead_to_each_other_but_not_hang_below_themselves(make: Make) -> None:
    world = make(
        "users: {a: {groups: internal, partner: pa}}\n"
        "records: {res.partner: {pa: {user_id: a}}}\n"
    )  # fmt: skip
    assert row(world, "pa")["id"] == row(world, "a")["partner_id"]
    order = "user_id: false, team: a, parent_id"
    text = f"records: {{shop.order: {{x: {{{order}: y}}, y: {{{order}: x}}}}}}"
    assert any("refers to itself in a circle" in one for one in refused(make, text))


def test_a_field_that_odoo_fills_in_and_a_rule_reads_has_to_be_written(make: Make) -> None:
    assert refused(make, "records: {shop.order: {one: {}}}\n") == [
        "1: one has no team, which Odoo's Python computes and record rules read: give it a value, or false for none.",
        "1: one has no user_id, which Odoo fills in (with who creates it) and record rules read: give it a value, or "
        "false for none.",
    ]
    assert (
        row(make("records: {shop.order: {one: {user_id: false, team: false}}}\n"), "one")["user_id"] is None
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("records: {shop.orde: {a: {}}}", "1: there is no model shop.orde; did you mean shop.order"),
        ("records: {base: {a: {}}}", "1: "),
        (ORDER % "nam: x", "1: shop.order has no field nam; did you mean name?"),
        (ORDER % "partner_id: anna", "1: there is no record anna."),
        (ORDER % "partner_id: base.group_user",
         "1: base.group_user is a record of res.groups, and one of res.partner is wanted."),
        (ORDER % "amount: much", "1: amount of shop.order can't be 'much': it takes a number."),
        (ORDER % "amount: 1e400", "1: amount of shop.order can't be '1e400': it takes a number that a computer keeps "
         "exactly."),
        (ORDER % "paid: maybe", "1: paid of shop.order can't be 'maybe': it takes true or false."),
        (ORDER % "day: soon", "1: day of shop.order can't be 'soon': it takes as in 2026-01-31, or `today - 3 days`."),
        (ORDER % "day: today + 999999 years", "1: day of shop.order can't be 'today + 999999 years': it takes a moment "
         "that there is."),
        (ORDER % "rate: 3", "1: rate of shop.order depends on the company: write its values by company."),
        (ORDER % "display_name: x", "1: display_name of shop.order is in no table, so it has no value of its own"),
        (ORDER % "id: 3", "1: id of shop.order is given by the database: a record is known by its name."),
        (ORDER % "tag_ids: [{name: x}]", "1: tag_ids of shop.order takes names of shop.tag, or a list of them."),
        ("users: {a: internl}", "1: there is no group internl; did you mean internal?"),
        ("users: {a: [internal, portal]}", "1: a would be of two user types, which Odoo refuses: "),
        ("users: {a: {groups: internal, company: x}}", "1: there is no company x."),
        ("companies: {x: {}, y: {}}\nusers: {a: {groups: internal, company: x, companies: [y]}}",
         "2: a works in x, which is not among their companies: add it to `companies`."),
        ("companies: {x: {parent: x}}", "1: x is a branch of itself."),
        ("companies: {a: {}}\nusers: {a: internal}", "2: a is the name of a company already."),
        ("users: {a: {groups: internal, partner: b}}", "1: there is no b under res.partner in `records`."),
        ("users: {admin: internal}", "1: there is a user with the login admin already, from base.user_admin."),
        ("records: {shop.tag: {shop.one: {}}}",
         "1: there is no record shop.one in the data files, which are only read with `demo: true`."),
        ("records: {shop.tag: {a: {}}, shop.line: {a: {}}}", "1: a is the name of a record of shop.tag already."),
    ],
)  # fmt: skip
def test_a_mistake_in_users_and_records_is_said_with_its_line(make: Make, text: str, said: str) -> None:
    (found, *_) = refused(make, text)
    assert found.startswith(said)


# -- data files --------------------------------------------------------------------------------------------------


def test_records_of_data_files_are_there_by_external_id(make: Make) -> None:
    world = make("demo: true\nrecords: {shop.order: {shop.two: {user_id: admin}}}\n")
    one, two, three = (row(world, f"shop.{name}") for name in ("one", "two", "three"))
    assert (one["name"], one["amount"], one["paid"], one["state"]) == ("One", 1.5, True, "draft")
    assert one["user_id"] == world.things["agent"][1]
    assert one["partner_id"] == row(world, "agent")["partner_id"]
    assert one["day"] is None
    assert two["user_id"] == world.things["admin"][1]
    assert (three["name"], three["state"]) == ("Three", "done")


def test_a_value_that_is_code_and_that_a_rule_reads_has_to_be_given(make: Make) -> None:
    (found,) = refused(make, "demo: true\n")
    assert found.startswith("1: user_id of shop.two (")
    assert "demo.xml:9) is written as code (obj().me()), and record rules read it: give it a value" in found
