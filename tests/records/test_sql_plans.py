"""What the databases make of each shape of condition: an index where there is one, no query asked row by row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from database.server import Server
from ostiary.domain import from_python
from ostiary.policy import Field, Model, Origin, Policy, Subject
from ostiary.records.access_protocol import NoAccess
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.sql import where
from ostiary.records.store import Store

ORDERS = 60_000
PARTNERS = 20_000
SUPERUSER = Session(Subject(name="root", groups=frozenset(), superuser=True), 1, 1, (1,), superuser=True)
_HERE = Origin(path="test_sql_plans.py")

TABLES = """
CREATE TABLE shop_partner (id integer PRIMARY KEY, name text, parent_id integer, parent_path text);
CREATE TABLE shop_order (id integer PRIMARY KEY, name text, user_id integer, company_id integer, partner_id integer);
CREATE TABLE shop_line (id integer PRIMARY KEY, order_id integer NOT NULL, salesman_id integer, product text);
CREATE TABLE shop_follower (id integer PRIMARY KEY, res_id integer, partner_id integer);
CREATE TABLE shop_rel (order_id integer NOT NULL, tag_id integer NOT NULL, PRIMARY KEY (order_id, tag_id));
CREATE TABLE shop_tag (id integer PRIMARY KEY, name text);
CREATE INDEX order_user ON shop_order (user_id);
CREATE INDEX order_company ON shop_order (company_id);
CREATE INDEX order_partner ON shop_order (partner_id);
CREATE INDEX line_order ON shop_line (order_id);
CREATE INDEX line_salesman ON shop_line (salesman_id);
CREATE INDEX follower_record ON shop_follower (res_id);
CREATE INDEX follower_partner ON shop_follower (partner_id);
CREATE INDEX rel_tag ON shop_rel (tag_id, order_id);
CREATE INDEX partner_path ON shop_partner (parent_path {pattern});
"""


def _field(name: str, type_: str, **more: Any) -> Field:
    return Field(origin=_HERE, name=name, type=type_, **more)


def _model(name: str, *fields: Field, **more: Any) -> Model:
    return Model(origin=_HERE, name=name, fields={field.name: field for field in fields}, **more)


def policy() -> Policy:
    """Orders with lines, followers and tags, of partners in a tree."""
    models = [
        _model(
            "shop.partner",
            _field("name", "char"),
            _field("parent_id", "many2one", comodel="shop.partner"),
            _field("parent_path", "char"),
            parent_store=True,
        ),
        _model(
            "shop.order",
            _field("name", "char"),
            _field("user_id", "many2one", comodel="shop.tag"),
            _field("company_id", "many2one", comodel="shop.tag"),
            _field("partner_id", "many2one", comodel="shop.partner"),
            _field("line_ids", "one2many", comodel="shop.line", inverse="order_id"),
            _field("follower_ids", "one2many", comodel="shop.follower", inverse="res_id"),
            _field(
                "tag_ids",
                "many2many",
                comodel="shop.tag",
                relation_table="shop_rel",
                relation_columns=("order_id", "tag_id"),
            ),
        ),
        _model(
            "shop.line",
            _field("order_id", "many2one", comodel="shop.order", required=True),
            _field("salesman_id", "many2one", comodel="shop.tag"),
            _field("product", "char"),
        ),
        _model(
            "shop.follower",
            _field("res_id", "many2one", comodel="shop.order"),
            _field("partner_id", "many2one", comodel="shop.partner"),
        ),
        _model("shop.tag", _field("name", "char")),
    ]
    return Policy(odoo="18.0", models={model.name: model for model in models})


@dataclass
class Shop:
    store: Store

    def plan(self, domain: list[Any]) -> str:
        """How the database means to find the orders of a domain."""
        condition = where(self.store, NoAccess(), SUPERUSER, "shop.order", from_python(domain))
        table = self.store.schema.model("shop.order").table
        statement = sa.select(table.c.id).where(condition)
        compiled = statement.compile(
            self.store.connection, compile_kwargs={"literal_binds": self.store.dialect == "postgresql"}
        )
        if self.store.dialect == "postgresql":
            rows = self.store.connection.exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).all()
            return "\n".join(row[0] for row in rows)
        values = tuple(compiled.params[name] for name in compiled.positiontup or ())
        rows = self.store.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
        return "\n".join(row[3] for row in rows)

    def sql(self, domain: list[Any]) -> str:
        condition = where(self.store, NoAccess(), SUPERUSER, "shop.order", from_python(domain))
        return str(condition.compile(self.store.connection))


def _insert(connection: sa.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in rows[0])
        driver.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row.values()) for row in rows])
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _fill(connection: sa.Connection, pattern: str) -> None:
    for statement in TABLES.format(pattern=pattern).split(";"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    pick = random.Random(7)
    partners = [
        {
            "a": one,
            "b": f"p{one}",
            "c": top if one != top else None,
            "d": f"{top}/{one}/" if one != top else f"{one}/",
        }
        for one in range(1, PARTNERS + 1)
        for top in [one - one % 20 or 1]
    ]
    orders = [
        {
            "a": one,
            "b": f"o{one}",
            "c": pick.randrange(1, 3000),
            "d": pick.randrange(1, 3000),
            "e": pick.randrange(1, PARTNERS),
        }
        for one in range(1, ORDERS + 1)
    ]
    lines = [
        {"a": one, "b": pick.randrange(1, ORDERS), "c": pick.randrange(1, 3000), "d": f"x{one % 50}"}
        for one in range(1, ORDERS + 1)
    ]
    followers = [
        {"a": one, "b": pick.randrange(1, ORDERS), "c": pick.randrange(1, PARTNERS)}
        for one in range(1, ORDERS + 1)
    ]
    links = [
        {"a": a, "b": b}
        for a, b in {(pick.randrange(1, ORDERS), pick.randrange(1, 3000)) for _ in range(ORDERS)}
    ]
    for table, rows in (
        ("shop_partner", partners),
        ("shop_order", orders),
        ("shop_line", lines),
        ("shop_follower", followers),
        ("shop_rel", links),
        ("shop_tag", [{"a": one, "b": f"t{one}"} for one in range(1, 3000)]),
    ):
        _insert(connection, table, rows)
    connection.exec_driver_sql("ANALYZE")
    connection.commit()


@pytest.fixture(scope="module")
def shops(request: pytest.FixtureRequest) -> Iterator[dict[str, Shop]]:
    """The same rows in both kinds of database."""
    with ExitStack() as stack:
        server: Server = request.getfixturevalue("server")
        name = stack.enter_context(server.database("plans"))
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        made = {}
        for dialect, engine in (
            ("postgresql", sa.create_engine(url, poolclass=sa.NullPool)),
            ("sqlite", sa.create_engine("sqlite://")),
        ):
            stack.callback(engine.dispose)
            connection = stack.enter_context(engine.connect())
            _fill(connection, "text_pattern_ops" if dialect == "postgresql" else "")
            made[dialect] = Shop(Store(Schema(policy()), connection))
        yield made


USER = ["user_id", "=", 3]
SHAPES: dict[str, list[Any]] = {
    "a set of ids alone": [["line_ids.salesman_id", "=", 7]],
    "a set of ids or a value": ["|", ["line_ids.salesman_id", "=", 7], USER],
    "one set or another": ["|", ["line_ids.salesman_id", "=", 7], ["follower_ids.partner_id", "in", [5, 6]]],
    "one of a list or unset": [["company_id", "in", [1, 2, False]]],
    "a tree": [["partner_id", "child_of", [41]]],
    "a tree or a value": ["|", ["partner_id", "child_of", [41]], USER],
    "a tree of followers": [["follower_ids.partner_id", "child_of", [41]]],
    "links": ["|", ["tag_ids", "in", [5]], USER],
    "lines, none of which": [USER, ["line_ids", "not any", [["salesman_id", "=", 7]]]],
    "no line": [USER, ["line_ids", "=", False]],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_postgresql_reads_orders_by_an_index(shops: dict[str, Shop], shape: str) -> None:
    plan = shops["postgresql"].plan(SHAPES[shape])
    assert "Seq Scan on shop_order" not in plan, plan
    assert "(SubPlan" not in plan, plan  # a query for each row; InitPlan is one for all


@pytest.mark.parametrize("shape", SHAPES)
def test_sqlite_reads_orders_by_an_index(shops: dict[str, Shop], shape: str) -> None:
    plan = shops["sqlite"].plan(SHAPES[shape])
    assert "SCAN shop_order" not in plan.replace("SCAN shop_order_", ""), plan
    if "none" not in shape and "no " not in shape:
        assert "CORRELATED" not in plan, plan


def test_a_large_set_under_an_or_is_asked_for_the_row_at_hand(shops: dict[str, Shop]) -> None:
    """IN would be asked for every row and read all lines each time where they don't fit into `work_mem`."""
    domain = ["|", ["line_ids.product", "!=", "x1"], USER]
    assert "EXISTS" in shops["postgresql"].sql(domain)
    assert "EXISTS" not in shops["sqlite"].sql(domain)


def test_what_is_not_to_be_found_is_joined(shops: dict[str, Shop]) -> None:
    plan = shops["postgresql"].plan([["line_ids", "=", False]])
    assert "Anti Join" in plan
    assert "SubPlan" not in plan


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
@pytest.mark.parametrize("count", [2, 500])
def test_a_list_is_one_parameter(shops: dict[str, Shop], dialect: str, count: int) -> None:
    condition = where(
        shops[dialect].store,
        NoAccess(),
        SUPERUSER,
        "shop.order",
        from_python([["user_id", "in", list(range(count))]]),
    )
    compiled = condition.compile(shops[dialect].store.connection)
    assert len(compiled.params) == 1
    assert "OR" not in str(compiled).replace("shop_order", "")
