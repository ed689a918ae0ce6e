"""The Reader on tables: the executed cases on SQLite and PostgreSQL, and how values come out of columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from database.server import Server
from ostiary.domain import from_python
from ostiary.records.errors import Fails, RecordsError, Undecided
from ostiary.records.memory import Reader, compile_domain, filtered
from ostiary.records.memory import reader as reading
from ostiary.records.memory.steady import is_steady
from ostiary.records.schema import Schema
from ostiary.records.store import Store
from records.fixture import DIALECTS, VERSIONS, Fixture, fixture
from records.memory_models import SUPERUSER, model, policy
from records.memory_models import field as define
from records.test_memory_cases import CASES, DOMAINS, needs_cases


@pytest.fixture(scope="module", params=[(version, dialect) for version in VERSIONS for dialect in DIALECTS])
def made(request: pytest.FixtureRequest) -> Iterator[Fixture]:
    version, dialect = request.param
    server: Server | None = request.getfixturevalue("server") if dialect == "postgresql" else None
    with fixture(version, dialect, server) as found:
        yield found


@needs_cases
def test_python_answers_on_tables_as_odoo_did(made: Fixture) -> None:
    cases = json.loads(CASES.read_text())
    reader, version = Reader(made.store), made.policy.odoo[:2]
    ids = [made.ids[name] for name in ("Abc", "abd", "C%d", "Éd")]
    session = made.session(None)

    def answer(domain: list[Any]) -> str:
        try:
            return made.names("zz.rec", filtered(reader, None, session, "zz.rec", from_python(domain), ids))
        except RecordsError as error:
            return "!" + getattr(error, "error", "AccessError")

    wrong = {
        name: (found, expected)
        for name, domain in DOMAINS.items()
        if (found := answer(domain)) != (expected := cases["D.py  " + name][version].partition(":")[0])
    }
    assert not wrong


@needs_cases
def test_a_field_of_the_parent_is_read_through_the_link(made: Fixture) -> None:
    reader = Reader(made.store)
    one = made.ids["del"]
    domain = from_python([("name", "=", "D1"), ("num", "=", 3), ("own", "=", "o")])
    assert filtered(reader, None, made.session(None), "zz.del", domain, [one]) == [one]


def table(*rows: dict[str, Any]) -> Reader:
    """A Reader of one table `zz.x` on SQLite."""
    fields = [
        define("name", "char"),
        define("number", "integer"),
        define("amount", "float"),
        define("price", "monetary"),
        define("flag", "boolean"),
        define("what", "reference"),
        define("data", "json"),
        define("limit", "float", company_dependent=True),
    ]
    defined = policy("18")
    defined.models["zz.x"] = model("zz.x", *fields)
    schema = Schema(defined)
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    here = schema.model("zz.x").table
    schema.metadata.create_all(engine, tables=[here])
    connection = engine.connect()
    names = {name for row in rows for name in row}
    for number, row in enumerate(rows, 1):
        connection.execute(here.insert().values({"id": number} | dict.fromkeys(names) | row))
    return Reader(Store(schema, connection))


def test_null_is_what_python_shows_it_as() -> None:
    reader = table({}, {"name": "", "number": 0, "amount": 0.0, "flag": False, "what": "zz.par,3"})
    shown = {
        name: list(reader.values(SUPERUSER, "zz.x", name, [1, 2]).values())
        for name in ("name", "number", "amount", "price", "flag")
    }
    assert shown == {
        "name": [False, ""],
        "number": [0, 0],
        "amount": [0.0, 0.0],
        "price": [0.0, 0.0],
        "flag": [False, False],
    }
    unset, what = reader.values(SUPERUSER, "zz.x", "what", [1, 2]).values()
    assert unset is None
    assert str(what) == "zz.par(3,)"
    assert what != "zz.par,3"


def test_a_missing_record_fails_where_a_field_is_read() -> None:
    reader = table({"name": "a"})
    for domain in (
        [("name", "=", "a")],
        [("id", "=", 1), ("name", "=", "a")],
        ["&", ("name", "=", "a"), (0, "=", 1)],
        ["|", (1, "=", 1), ("name", "in", [])],
    ):
        test = compile_domain(reader, None, SUPERUSER, "zz.x", from_python(domain))
        with pytest.raises(Fails, match="does not exist") as caught:
            test(77)
        assert caught.value.error == "MissingError"
    assert filtered(reader, None, SUPERUSER, "zz.x", from_python([("id", "in", [1, 77])]), [1, 77]) == [1, 77]
    assert filtered(reader, None, SUPERUSER, "zz.x", from_python([("id", "child_of", [])]), [77]) == []


def test_a_large_table_is_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SMALL", 5)
    monkeypatch.setattr(reading, "CHUNK", 4)
    reader = table(*[{"number": number} for number in range(1, 21)])
    asked: list[str] = []
    rows = reader.store.rows
    monkeypatch.setattr(
        reader.store, "rows", lambda statement: asked.append(str(statement)) or rows(statement)
    )
    test = compile_domain(reader, None, SUPERUSER, "zz.x", from_python([("number", ">", 10)]))
    assert [one for one in (1, 2, 3, 17, 18, 19) if test(one)] == [17, 18, 19]
    assert len(asked) == 3  # how many rows there are, and two chunks
    assert [one for one in (1, 2, 3, 17, 18, 19) if test(one)] == [17, 18, 19]
    assert len(asked) == 3


def test_a_company_dependent_value_is_that_of_the_session_or_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = table({"limit": {"1": 5.0}}, {"limit": {"2": 7.0}}, {})
    monkeypatch.setattr(reader.store, "fallback", lambda model, name, company: 1.5 if company == 1 else None)

    def values(company: int | None) -> list[Any]:
        from dataclasses import replace

        session = replace(SUPERUSER, company=company)
        return list(reader.values(session, "zz.x", "limit", [1, 2, 3]).values())

    assert values(1) == [5.0, 1.5, 1.5]
    assert values(2) == [0.0, 7.0, 0.0]
    with pytest.raises(Undecided, match="depends on the company"):
        values(None)


def test_what_depends_on_nobody_is_read_once_for_all_superusers() -> None:
    defined = policy("18")
    defined.models["zz.rec"].fields["limit"] = define("limit", "float", company_dependent=True)
    chosen = define(
        "chosen_ids", "one2many", comodel="zz.line", inverse="rec_id", domain="[('name', '=', user.name)]"
    )
    defined.models["zz.rec"].fields["chosen_ids"] = chosen
    schema = Schema(defined)
    steady = {
        name: is_steady(schema, schema.field("zz.rec", name))
        for name in ("name", "par_id", "tag_ids", "line_ids", "par_num", "made", "limit", "chosen_ids")
    }
    assert [name for name, is_one in steady.items() if not is_one] == ["made", "limit", "chosen_ids"]
