"""A database that holds what no Odoo would: each bad value keeps one answer open, and none of the others."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from database import odoo
from database.server import Server
from ostiary.cli.decisions import _json
from ostiary.policy import MODES, Mode
from ostiary.records.access import Access
from ostiary.records.decisions import Wanted, decisions
from ostiary.records.driver import plain_errors
from ostiary.records.errors import Undecided
from ostiary.records.memory import amounts
from ostiary.records.memory.patterns import glob, like
from ostiary.records.opened import open_access
from ostiary.records.paths import path_ids
from ostiary.records.sql import hierarchy
from ostiary.sources.database import connect
from ostiary.sources.database.rows import opened_rows

BOOK, REPORT, PARTNER = "library.book", "library.report", "res.partner"
MORE = """
ALTER TABLE library_book ADD active bool, ADD x_price float, ADD lend_ids int, ADD parent_id int,
    ADD parent_path varchar, ADD due date, ADD title jsonb, ADD owner_id jsonb;
INSERT INTO library_book (id, create_uid, active) VALUES (1, 2, true), (2, 1, true), (3, 2, false);
INSERT INTO ir_model_fields (id, model_id, model, name, ttype, relation, store, translate, company_dependent) VALUES
    (101, 3, 'library.book', 'parent_id', 'many2one', 'library.book', true, false, false),
    (102, 3, 'library.book', 'parent_path', 'char', NULL, true, false, false),
    (103, 3, 'library.book', 'due', 'date', NULL, true, false, false),
    (104, 3, 'library.book', 'title', 'char', NULL, true, true, false),
    (105, 3, 'library.book', 'owner_id', 'many2one', 'res.partner', true, false, true),
    (106, 3, 'library.book', 'id', 'integer', NULL, true, false, false),
    (107, 6, 'library.report', 'ratio', 'integer', NULL, true, false, false),
    (108, 6, 'library.report', 'name', 'char', NULL, true, false, false);
INSERT INTO ir_model_access (id, name, model_id, group_id, active, perm_read, perm_write, perm_create, perm_unlink)
    VALUES (50, 'report', 6, 1, true, true, true, true, true);
DELETE FROM rule_group_rel WHERE group_id = 1;
UPDATE ir_rule SET active = false WHERE id = 2;
"""
VIEW = "DROP VIEW library_report; CREATE VIEW library_report AS "
RULE = "UPDATE ir_rule SET domain_force = $$%s$$, perm_read = true, model_id = %d WHERE id = 1;"

Opened = Callable[..., Any]


@pytest.fixture
def opened(server: Server) -> Iterator[Opened]:
    @contextmanager
    def open_(*statements: str) -> Iterator[Access]:
        with server.database("hostile") as name:
            with server.connect(name) as connection:
                odoo.build(connection, "18.0")
                connection.execute(MORE)
                for statement in statements:
                    connection.execute(statement)
            with opened_rows(server.url(name)) as (policy, connection):
                yield open_access(policy, connection)

    yield open_


def read(access: Access, *models: str, modes: tuple[Mode, ...] = (Mode.READ,)) -> list[dict[str, Any]]:
    return list(decisions(access, Wanted(["ada"], models, modes)))  # type: ignore[arg-type]


def rule(domain: str, model: int = 3) -> str:
    return RULE % (domain, model)


# -- one bad value leaves the others -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "model"),
    [
        ([VIEW + "SELECT 1 AS id, 1 / (random() * 0)::int AS ratio", rule("[('ratio', '=', 1)]", 6)], REPORT),
        ([VIEW + "SELECT NULL::int AS id UNION ALL SELECT 1"], REPORT),
        ([VIEW + "SELECT 'x'::text AS id"], REPORT),
        ([VIEW + "SELECT 1 AS id, ARRAY['a'] AS name", rule("[('name', 'ilike', 'a')]", 6)], REPORT),
        (["UPDATE library_book SET due = 'infinity'", rule("[('due', '!=', '2024-01-01')]")], BOOK),
        (["UPDATE library_book SET due = '0044-03-15 BC'", rule("[('due', '!=', '2024-01-01')]")], BOOK),
        (["UPDATE library_book SET title = '[1, 2]'", rule("[('title', 'ilike', 'a')]")], BOOK),
        (["""UPDATE library_book SET title = '{"en_US": {"a": 1}}'""", rule("[('title', '=', 'a')]")], BOOK),
        (["""UPDATE library_book SET owner_id = '{"1": "abc"}'""", rule("[('owner_id', '=', 1)]")], BOOK),
        (["""UPDATE library_book SET owner_id = '{"1": [1, 2]}'""", rule("[('owner_id', '=', 1)]")], BOOK),
        (
            [
                f"UPDATE library_book SET title = '{{\"en_US\": 1{'0' * 5000}}}'",
                rule("[('title', '=', 'a')]"),
            ],
            BOOK,
        ),
    ],
)
def test_a_bad_value_is_undecided_and_the_rest_is_decided(
    opened: Opened, statements: list[str], model: str
) -> None:
    with opened(*statements) as access:
        bad, good = read(access, model, "library.query" if model == "" else _other(model))
    assert bad["ids"] is None
    assert bad["undecided"].startswith("cannot be decided: ")
    assert "abc" not in bad["undecided"]
    assert good["ids"]
    assert "undecided" not in good


def _other(model: str) -> str:
    return BOOK if model == REPORT else REPORT


def test_ids_that_no_column_holds_match_nothing(opened: Opened) -> None:
    for domain in (
        "[('id', 'in', [99999999999, 1])]",
        "[('create_uid', 'in', [99999999999])]",
        f"['|', ('id', '=', 1), ('id', 'in', [{10**30}])]",
    ):
        with opened(rule(domain)) as access:
            (found,) = read(access, BOOK)
        assert "undecided" not in found, (domain, found)
        assert found["ids"] == found["search_ids"] == ([1] if "1]" in domain or "=', 1" in domain else [])


def test_a_tree_of_an_id_that_no_column_holds_fails_alone_as_in_odoo(opened: Opened) -> None:
    with opened(rule("[('id', 'child_of', 99999999999)]")) as access:
        bad, good = read(access, BOOK, REPORT)
    assert "undecided" not in bad
    assert bad.get("fails")
    assert good["ids"]


def test_limits_and_the_moment_outlive_an_error(opened: Opened) -> None:
    with opened(VIEW + "SELECT 1 / (random() * 0)::int AS id") as access:
        ask = access.store.connection.exec_driver_sql
        before = ask("SELECT now()").scalar()
        for _ in range(3):
            with pytest.raises(Undecided, match="PostgreSQL can't read library_report: DivisionByZero"):
                access.store.rows(sa.select(access.store.schema.model(REPORT).id))
        assert ask("SELECT now()").scalar() == before
        assert ask("SHOW statement_timeout").scalar() == "1min"
        assert ask("SHOW transaction_isolation").scalar() == "repeatable read"


def test_the_drivers_own_errors_are_raised(opened: Opened) -> None:
    with opened() as access:
        store, table = access.store, access.store.schema.model(BOOK).table
        store.rows(sa.select(table.c.id))
        with pytest.raises(psycopg.errors.QueryCanceled):
            store.connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
            store.rows(sa.select(sa.func.pg_sleep(5)))
        with pytest.raises(psycopg.Error), plain_errors():
            store.connection.exec_driver_sql("SELECT 1")
        # The transaction has failed: each way to ask says so as the driver does.
        for ask in (
            lambda: store.size(table),
            lambda: store.indexed(table.c.id),
            lambda: store.expected(sa.select(table.c.id)),
        ):
            with pytest.raises(psycopg.errors.InFailedSqlTransaction):
                ask()
        access.store.connection.connection.driver_connection.rollback()  # type: ignore[union-attr]


# -- a search path of the database's own -------------------------------------------------------------------------------


def test_a_database_can_not_put_its_functions_before_postgresqls(server: Server) -> None:
    with server.database("path") as name:
        with server.connect(name) as connection:
            connection.execute(
                "CREATE SCHEMA evil; CREATE SEQUENCE evil.ran;"
                "CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'ran'; END $$;"
                "CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'ran'; END $$;"
            )
            connection.execute(f"ALTER DATABASE {name} SET search_path = evil, pg_catalog, public")
        with connect.opened(server.url(name)) as (connection, _):
            assert connection.execute("SHOW search_path").fetchone() == (
                "pg_catalog, evil, pg_catalog, public",
            )
            assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
            assert connection.execute("SELECT current_setting('lock_timeout')").fetchone() == ("5s",)
        with server.connect(name) as connection:
            connection.execute(f"ALTER DATABASE {name} SET search_path = ''")
        with connect.opened(server.url(name)) as (connection, _):
            assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)


# -- trees, amounts, patterns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["abc/x/1/", "1" * 5000 + "/", "1//2/", "-1/", "1/" * 60_000])
def test_a_path_that_is_none_is_undecided(path: str) -> None:
    with pytest.raises(Undecided):
        path_ids(path)
    assert path_ids("1/7/") == [1, 7]


def test_a_name_that_means_too_many_roots_is_undecided(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hierarchy, "MANY_ROOTS", 2)
    with opened() as access:
        table = access.store.schema.model(BOOK).table
        scope: Any = SimpleNamespace(store=access.store)
        found: Any = SimpleNamespace(select=lambda: sa.select(table.c.id).where(table.c.id < 3))
        assert sorted(hierarchy._found_roots(scope, found)) == [1, 2]
        found.select = lambda: sa.select(table.c.id)
        with pytest.raises(Undecided, match="more than 2 roots"):
            hierarchy._found_roots(scope, found)


@pytest.mark.parametrize("value", [math.inf, math.nan, 1e300])
def test_an_amount_that_can_not_be_rounded_is_undecided(value: float) -> None:
    with pytest.raises(Undecided):
        amounts._rounded(value, 2)
    with pytest.raises(Undecided):
        amounts._rounded(1.0, 10**9)


def test_long_patterns_take_no_time() -> None:
    text, pattern = "a" * 1_000_000, "a" * 200_000 + "b"
    began = time.perf_counter()
    assert not like(pattern, exact=False, fold=True, dotall=True)(text)
    assert not glob(pattern, "ilike")(text)
    assert not like("%a" * 50_000 + "b", exact=True, fold=True, dotall=True)(text)
    assert time.perf_counter() - began < 5
    with pytest.raises(Undecided, match="too long to be compared"):
        like("_" + pattern, exact=False, fold=True, dotall=True)(text)
    with pytest.raises(Undecided, match="too long to be compared"):
        glob("_" + pattern, "ilike")(text)


@pytest.mark.parametrize(
    ("pattern", "text", "exact", "dotall", "found"),
    [
        ("a%b", "xa\nbx", False, True, True),
        ("a%b", "xa\nbx", False, False, False),
        ("a", "\na", False, False, False),
        ("a_b%", "a\nb", True, True, True),
        ("a_b%", "a\nb", True, False, False),
        ("a%b", "ab\n", True, True, True),
        ("ab", "ab\n", True, False, True),
        ("ab%b", "ab", True, True, False),
        (r"a\%b", "a%b", True, True, True),
        (r"a\%b", "axb", True, True, False),
    ],
)
def test_patterns_match_as_before(pattern: str, text: str, exact: bool, dotall: bool, found: bool) -> None:
    assert like(pattern, exact=exact, fold=False, dotall=dotall)(text) is found


# -- what is written ---------------------------------------------------------------------------------------------------


def test_a_line_of_json_commands_no_terminal() -> None:
    row = {"user": "a\x9b31m\u202eb", "domain": [["x", "=", math.inf], ["y", "in", [math.nan, 1.5]]]}
    line = _json(row)
    assert line.isascii()
    assert json.loads(line) == {
        "user": "a\x9b31m\u202eb",
        "domain": [["x", "=", "inf"], ["y", "in", ["nan", 1.5]]],
    }


def test_all_modes_of_a_broken_view_are_lines(opened: Opened) -> None:
    with opened(VIEW + "SELECT 1 / (random() * 0)::int AS id") as access:
        found = read(access, REPORT, modes=MODES)
    assert len(found) == len(MODES)
    assert all(one["undecided"] for one in found)
