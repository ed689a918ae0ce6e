"""A small library of books, for the tests of order and groups: definitions, and rows on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from ostiary.policy import (
    MODES,
    AccessRight,
    Field,
    Group,
    Model,
    Module,
    Origin,
    Policy,
    RecordRule,
    Subject,
)
from ostiary.records.access import Access
from ostiary.records.create import create_tables, insert
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.sql.scope import Scope
from ostiary.records.store import Store

HERE = Origin(path="library.py", module="lib")
BOSS = "lib.group_boss"
CLERK = "lib.group_clerk"
BOOK = "lib.book"


def _field(name: str, type_: str, **more: Any) -> Field:
    return Field(origin=HERE, name=name, type=type_, module="lib", **more)


def _model(name: str, *fields: Field, **more: Any) -> Model:
    found = (_field("name", "char"), *fields)
    return Model(origin=HERE, name=name, modules=("lib",), fields={one.name: one for one in found}, **more)


def _models() -> list[Model]:
    link = {"comodel": "lib.item", "required": True}
    return [
        _model(
            BOOK,
            _field("pages", "integer"),
            _field("price", "float"),
            _field("done", "boolean"),
            _field("printed", "date"),
            _field("sold", "datetime"),
            _field("state", "selection"),
            _field("title", "char", translate=True),
            _field("stock", "integer", company_dependent=True),
            _field("shelf_id", "many2one", comodel="lib.shelf"),
            _field("author_id", "many2one", comodel="lib.author"),
            _field("plain_id", "many2one", comodel="lib.plain"),
            _field("next_id", "many2one", comodel=BOOK),
            _field("tag_ids", "many2many", comodel="lib.tag"),
            _field("part_ids", "one2many", comodel="lib.part", inverse="book_id"),
            _field("item_id", "many2one", **link),
            _field(
                "weight", "integer", related="item_id.weight", store=False, inherited=True, related_sudo=False
            ),
            _field("author_name", "char", related="author_id.name", store=False),
            _field("author_secret", "char", related="author_id.secret", store=False),
            _field("author_loose", "char", related="author_id.name", store=False, related_sudo=False),
            _field(
                "country_id", "many2one", comodel="lib.country", related="author_id.country_id", store=False
            ),
            _field("part_name", "char", related="part_ids.name", store=False),
            _field("one", "char", related="other", store=False),
            _field("other", "char", related="one", store=False),
            _field("made", "char", compute="_compute_made", store=False),
            _field("secret", "char", groups=BOSS),
            _field("secret_id", "many2one", comodel="lib.plain", groups=BOSS),
            _field("secret_ids", "many2many", comodel="lib.plain", groups=BOSS),
            inherits={"lib.item": "item_id"},
        ),
        _model("lib.item", _field("weight", "integer")),
        _model("lib.part", _field("book_id", "many2one", comodel=BOOK)),
        _model("lib.plain"),
        _model("lib.tag", _field("active", "boolean"), order="name desc"),
        _model("lib.country", order="name"),
        _model("lib.shelf", _field("sequence", "integer"), order="sequence desc, name"),
        _model(
            "lib.author",
            _field("country_id", "many2one", comodel="lib.country"),
            _field("secret", "char"),
            order="country_id, name desc",
        ),
        _model("lib.hidden", _field("code", "char", groups=BOSS), order="code"),
        _model("lib.case", _field("hidden_id", "many2one", comodel="lib.hidden"), order="hidden_id"),
        _model(
            "lib.loop",
            _field("next_id", "many2one", comodel="lib.loop"),
            _field("also_id", "many2one", comodel="lib.loop"),
            order="next_id, also_id, name",
        ),
        _model("lib.odd", order="name; DROP TABLE lib_odd", rec_name="name"),
        _model("lib.holder", _field("odd_id", "many2one", comodel="lib.odd")),
    ]


def policy(version: str = "18", *rules: tuple[str, str], **orders: str) -> Policy:
    """The Policy: a clerk may read everything but what is the boss's. `rules` are models and domains of global rules,
    `orders` other orders of models (`book="name desc"`)."""
    models = {one.name: one for one in _models()}
    for short, order in orders.items():
        models[f"lib.{short}"] = msgspec.structs.replace(models[f"lib.{short}"], order=order)
    return Policy(
        odoo=f"{version}.0",
        modules={"lib": Module(origin=HERE, name="lib")},
        models=models,
        groups={name: Group(origin=HERE, xmlid=name) for name in (BOSS, CLERK)},
        rights=[
            AccessRight(origin=HERE, xmlid=f"lib.right_{at}", model=name, group=CLERK, modes=MODES)
            for at, name in enumerate(models)
            if name != "lib.country"
        ],
        rules=[
            RecordRule(origin=HERE, xmlid=f"lib.rule_{at}", model=model, domain_force=domain)
            for at, (model, domain) in enumerate(rules)
        ],
    )


@dataclass
class Library:
    """The rows, over an open connection, seen through a policy."""

    connection: sa.Connection
    version: str = "18"

    def access(self, *rules: tuple[str, str], **orders: str) -> Access:
        store = Store(Schema(policy(self.version, *rules, **orders)), self.connection)
        return Access(store, Reader(store))

    def scope(self, model: str = BOOK, who: str = CLERK, access: Access | None = None) -> Scope:
        access = access or self.access()
        table = access.store.schema.model(model)
        return Scope(access.store, access, session(who), table, table.table)


def session(who: str = CLERK) -> Session:
    """A clerk, a boss (who is a clerk as well), or the superuser (`su`)."""
    groups = frozenset({CLERK}) | ({BOSS} if who == BOSS else set())
    return Session(Subject(name=who, groups=groups), 7, 1, (1,), superuser=who == "su")


@contextmanager
def library(engine: sa.Engine, version: str = "18") -> Iterator[Library]:
    """Tables and rows; nothing is kept."""
    with engine.connect() as connection:
        schema = Schema(policy(version))
        create_tables(schema, connection)
        for model, rows in ROWS.items():
            for id_, row in enumerate(rows, 1):
                assert insert(schema, connection, model, row) == id_
        yield Library(connection, version)
    engine.dispose()


def _book(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "title": f"T {name}", **values}


_DAY = datetime(2024, 3, 1, 13, 5, 7)
ROWS: dict[str, list[dict[str, Any]]] = {
    "lib.country": [{"name": "Norway"}, {"name": "Brazil"}],
    "lib.shelf": [{"name": "low", "sequence": 1}, {"name": "high", "sequence": 9}, {"name": "none"}],
    "lib.author": [
        {"name": "Amado", "country_id": 2, "secret": "s3"},
        {"name": "Hamsun", "country_id": 1, "secret": "s1"},
        {"name": "Undset", "country_id": 1, "secret": "s2"},
        {"name": "Anon"},
    ],
    "lib.plain": [{"name": "p1"}, {"name": "p2"}],
    "lib.tag": [{"name": "t1", "active": True}, {"name": "t2", "active": True}, {"name": "t3", "active": False}],
    "lib.item": [{"name": f"i{at}", "weight": at % 3} for at in range(1, 7)],
    BOOK: [
        _book("a", pages=10, price=1.5, done=True, printed=date(2023, 12, 31), sold=_DAY, state="new", shelf_id=1,
              author_id=2, plain_id=2, tag_ids=[1, 2], item_id=1, secret="z", stock={1: 5}),
        _book("b", pages=20, price=2.5, done=False, printed=date(2024, 1, 1), state="sold", shelf_id=2, author_id=1,
              plain_id=1, tag_ids=[2], item_id=2, secret="y", sold=datetime(2024, 3, 1, 23, 59, 59)),
        _book("c", pages=10, price=0.0, printed=date(2024, 2, 29), state="new", author_id=3, item_id=3, secret="x",
              sold=datetime(2024, 3, 2)),
        _book("d", pages=30, done=True, printed=date(2024, 12, 31), shelf_id=3, author_id=4, plain_id=2, tag_ids=[3],
              item_id=4, secret="w", sold=datetime(2025, 1, 1, 8)),
        _book("e", price=4.0, done=False, state="new", shelf_id=2, item_id=5, next_id=1, plain_id=1),
    ],
    "lib.part": [{"name": "x", "book_id": 1}],
    "lib.hidden": [{"name": "h", "code": "1"}],
    "lib.case": [{"name": "k", "hidden_id": 1}],
    "lib.loop": [{"name": "l1", "next_id": 2}, {"name": "l2", "next_id": 1}, {"name": "l0"}],
    "lib.odd": [{"name": "o2"}, {"name": "o1"}],
    "lib.holder": [{"name": "first", "odd_id": 1}, {"name": "second", "odd_id": 2}],
}  # fmt: skip
