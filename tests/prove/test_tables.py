"""The tables that a witness is put into, and witnesses that were once refused because of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ostiary.policy import Policy
from ostiary.prove import Change, Prover, Verdict
from ostiary.prove.difference import differences
from ostiary.prove.tables import Tables
from ostiary.records.memory import Reader
from ostiary.records.schema import Links, Schema
from ostiary.records.store import Store
from policy.build import READ, field, model, policy, right, rule

PORTAL = "base.group_portal"
COMPANY = model("res.company", [field("name"), field("parent_id", "many2one", comodel="res.company")])
FRIENDS: dict[str, Any] = {"relation_table": "x_friend", "type_": "many2many"}
PARTNER = model(
    "res.partner",
    [
        field("name"),
        field("friend_ids", comodel="x.thing", relation_columns=("partner_id", "thing_id"), **FRIENDS),
    ],
)
USER = model(
    "res.users",
    [
        field("partner_id", "many2one", comodel="res.partner"),
        field("company_id", "many2one", comodel="res.company"),
        field("company_ids", "many2many", comodel="res.company"),
    ],
)
THING = model(
    "x.thing",
    [
        field("name"),
        field("on", "date"),
        field("at", "datetime"),
        field("state", "selection"),
        field("published", "boolean"),
        field("price", "float", company_dependent=True),
        field("parent_id", "many2one", comodel="x.thing"),
        field("partner_id", "many2one", comodel="res.partner"),
        field("friend_ids", comodel="res.partner", relation_columns=("thing_id", "partner_id"), **FRIENDS),
    ],
    parent_store=True,
)  # fmt: skip
# The relation of things and their friends, as a model of its own.
FRIEND = model("x.friend", [field("note"), field("partner_id", "many2one", comodel="res.partner")])


def made(*rules: str, models: tuple[object, ...] = ()) -> Policy:
    return policy(
        models=[COMPANY, PARTNER, USER, THING, *models],
        rights=[right("x.right", "x.thing", PORTAL)],
        rules=[rule(f"x.rule_{place}", "x.thing", text, [PORTAL]) for place, text in enumerate(rules)],
    )


@pytest.fixture
def tables() -> Iterator[Tables]:
    found = Tables(Schema(made(models=(FRIEND,))))
    yield found
    found.close()


def read(tables: Tables, model: str, name: str, record: int, company: int | None = None) -> object:
    """A value as `records` reads it."""
    reader = Reader(Store(tables.schema, tables.connection))
    kind = tables.schema.field(model, name)
    return reader.related(kind)[record] if isinstance(kind, Links) else reader.column(kind, company)[record]  # type: ignore[arg-type]


def test_a_row_is_read_as_it_was_written(tables: Tables) -> None:
    assert tables.make("x_thing")
    values = {
        "name": "A",
        "on": "2026-02-03",
        "at": "2026-02-03 04:05:06",
        "price": {7: 2.5},
        "partner_id": 4,
    }
    tables.insert("x.thing", {"id": 3, **values})
    assert read(tables, "x.thing", "name", 3) == "A"
    assert str(read(tables, "x.thing", "on", 3)) == "2026-02-03"
    assert str(read(tables, "x.thing", "at", 3)) == "2026-02-03 04:05:06"
    assert read(tables, "x.thing", "partner_id", 3) == 4
    assert read(tables, "x.thing", "price", 3, company=7) == 2.5
    assert read(tables, "x.thing", "price", 3, company=8) == 0.0
    assert read(tables, "x.thing", "state", 3) is False


def test_a_table_is_made_once(tables: Tables) -> None:
    assert tables.make("x_thing")
    assert not tables.make("x_thing")
    assert not tables.make("no_such_table")
    assert not tables.grow()


def test_children_lie_below_their_parents(tables: Tables) -> None:
    tables.make("x_thing")
    for record, parent in ((1, None), (2, 1), (3, 2)):
        tables.insert("x.thing", {"id": record, "parent_id": parent})
    table = tables.schema.model("x.thing").table
    paths = tables.connection.execute(sa.select(table.c.id, table.c.parent_path).order_by(table.c.id)).all()
    assert [tuple(one) for one in paths] == [(1, "1/"), (2, "1/2/"), (3, "1/2/3/")]


def test_a_relation_told_from_both_sides_is_one(tables: Tables) -> None:
    kinds = [tables.schema.field(*one) for one in (("x.thing", "friend_ids"), ("res.partner", "friend_ids"))]
    assert all(isinstance(kind, Links) for kind in kinds)
    for name in ("x_thing", "res_partner", "x_friend"):
        tables.make(name)
    tables.insert("x.thing", {"id": 3, "friend_ids": [8, 9]})
    tables.insert("res.partner", {"id": 8, "friend_ids": [3]})
    assert read(tables, "x.thing", "friend_ids", 3) == (8, 9)
    assert read(tables, "res.partner", "friend_ids", 8) == (3,)


def test_nothing_is_left_after_clearing(tables: Tables) -> None:
    for name in ("x_thing", "res_partner", "x_friend"):
        tables.schema.field("x.thing", "friend_ids")
        tables.make(name)
    for _ in range(2):
        tables.insert("x.thing", {"id": 3, "friend_ids": [8]})
        assert read(tables, "x.thing", "friend_ids", 3) == (8,)
        tables.clear()
    store = Store(tables.schema, tables.connection)
    assert list(Reader(store).ids("x.thing")) == []


def test_a_relation_that_is_a_model_too_has_the_columns_of_both(tables: Tables) -> None:
    tables.schema.field("x.thing", "friend_ids")
    tables.make("x_friend")
    columns = {row[1] for row in tables.connection.exec_driver_sql("PRAGMA table_info(x_friend)")}
    assert columns >= {"id", "note", "partner_id", "thing_id"}


def test_a_table_grows_by_what_is_asked_for_later() -> None:
    tables = Tables(Schema(made(models=(FRIEND,))))
    tables.make("x_friend")
    tables.schema.field("x.thing", "friend_ids")  # brings a column
    assert tables.grow()
    tables.make("x_thing")
    tables.insert("x.thing", {"id": 1, "friend_ids": [2]})
    assert read(tables, "x.thing", "friend_ids", 1) == (2,)
    tables.close()


def test_a_user_may_have_no_contact() -> None:
    """Where nothing says that a contact is required, one who has none is who passes."""
    mine = "[('partner_id', '=', user.partner_id.id), ('state', '=', 'sent')]"
    with Prover(made(mine)) as prover:
        proof = prover.isolation("portal", "x.thing", READ)
    assert proof.verdict is Verdict.CONDITIONAL, proof
    assert proof.witness is not None
    assert proof.witness.reproduced
    assert proof.witness.user.values["partner_id"] is None
    assert not proof.defect


def test_many_rules_on_one_relation_are_told_apart() -> None:
    """What many rules say of the same lines is said once: said for each, it comes to more than is ever said."""
    texts = [f"[('friend_ids', 'in', [user.partner_id.id]), ('state', '!=', 's{one}')]" for one in range(60)]
    changed = [*texts[:30], "[('published', '=', True)]", *texts[31:]]
    asked = differences(made(*texts), made(*changed), audiences=["portal"], models=["x.thing"], modes=[READ])
    found = list(asked)
    assert [one.change for one in found] == [Change.MORE]
    assert found[0].gained is not None
    assert found[0].causes == ("x.rule_30",)
