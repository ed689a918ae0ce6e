"""Generated domains on hostile rows: SQLite and PostgreSQL find the same, and Python too save where Odoo differs.

`OSTIARY_EXAMPLES=200` asks for more worlds, which are then random.

What is compared by the case or the order of letters is the database's to say. Both databases agree on every text where
PostgreSQL compares by code point and knows the case of all letters: collation `C` (which Odoo makes its databases with)
and a UTF-8 `ctype`. Without the latter they agree on ASCII; with another collation not on `<` and its kin.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.server import Server
from ostiary.domain import FALSE, TRUE, And, Domain, Not, Or, from_python
from ostiary.records.memory import Reader
from records.agreement import Tables, by_sql, dictionaries, in_memory, on_sqlite
from records.divergences import TABLE, Divergence, known
from records.memory_models import Data
from records.strategies import (
    BASE,
    IDS,
    ITEM,
    LINE,
    OTHER,
    TAG,
    domains,
    leaves,
    odd_texts,
    worlds,
)

VERSIONS = ("17", "18", "19")
EXAMPLES = int(os.environ.get("OSTIARY_EXAMPLES", "0"))
few = settings(
    max_examples=EXAMPLES or 18,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
EVERY_LETTER = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
Make = Callable[[str], Tables]


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Make]:
    with on_sqlite() as tables:
        yield tables


@contextmanager
def database(server: Server, locale: str) -> Iterator[sa.Engine]:
    """An engine on a database with a locale of its own."""
    with server.database("agreement") as name:
        with server.connect() as connection:
            connection.execute(f'DROP DATABASE "{name}"')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {locale}')
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"options": "-c jit=off"})
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def postgresql(server: Server) -> Iterator[Make]:
    """Tables in a database ordered as Odoo orders its own: by code point, and with the case of all letters."""
    with ExitStack() as stack:
        made: dict[str, Tables] = {}

        def get(version: str) -> Tables:
            if version not in made:
                engine = stack.enter_context(database(server, EVERY_LETTER))
                made[version] = Tables(version, engine)
                stack.callback(made[version].connection.close)
            return made[version]

        yield get


# -- generated -----------------------------------------------------------------------------------------------


def texts_of(data: Data, domain: object) -> str:
    return f"{data}{domain}".replace("\\n", "\n")


@pytest.mark.parametrize("version", VERSIONS)
@few
@given(
    data=worlds(),
    asked=st.lists(domains(), min_size=14, max_size=14),
    active_test=st.booleans(),
    large=st.booleans(),
)
def test_both_databases_and_python_find_the_same_records(
    sqlite: Make, postgresql: Make, version: str, data: Data, asked: list[Any], active_test: bool, large: bool
) -> None:
    with sqlite(version).holding(data) as one, postgresql(version).holding(data) as other:
        sources = (Reader(one), Reader(other), dictionaries(version, data))
        for tokens in asked:
            domain = from_python(tokens)
            found = by_sql(one, domain, active_test=active_test)
            assert by_sql(other, domain, active_test=active_test, large=large) == found, tokens
            first, *rest = [in_memory(source, domain, active_test=active_test) for source in sources]
            assert rest == [first, first], tokens
            why = {
                name
                for leaf in leaves(domain)
                for name in known(version, leaf, active_test=active_test, texts="")
            }
            if not why:
                assert first == found, tokens


@pytest.mark.parametrize("version", VERSIONS)
@few
@given(data=worlds(odd_texts), asked=st.lists(domains(odd_texts), min_size=8, max_size=8))
def test_both_databases_agree_on_the_case_and_order_of_every_letter(
    sqlite: Make, postgresql: Make, version: str, data: Data, asked: list[Any]
) -> None:
    with sqlite(version).holding(data) as one, postgresql(version).holding(data) as other:
        for tokens in asked:
            domain = from_python(tokens)
            found = by_sql(one, domain)
            assert by_sql(other, domain) == found, tokens
            why = {
                name
                for leaf in leaves(domain)
                for name in known(version, leaf, active_test=True, texts=texts_of(data, tokens))
            }
            if not why:
                assert in_memory(Reader(one), domain) == found, tokens


@pytest.mark.parametrize("version", VERSIONS)
@few
@given(
    data=worlds(), asked=st.lists(domains(max_leaves=3), min_size=6, max_size=6), active_test=st.booleans()
)
def test_what_logic_says_of_domains_holds_of_their_answers(
    sqlite: Make, version: str, data: Data, asked: list[Any], active_test: bool
) -> None:
    everything = tuple(IDS)
    with sqlite(version).holding(data) as store:
        reader = Reader(store)

        def python(domain: Domain) -> Any:
            return in_memory(reader, domain, active_test=active_test)

        def sql(domain: Domain) -> Any:
            return by_sql(store, domain, active_test=active_test)

        for tokens in asked:
            domain = from_python(tokens)
            inside, found = python(domain), sql(domain)
            assert python(Not(Not(domain))) == inside, tokens
            assert (
                sql(And((domain, TRUE))) == sql(Or((domain, FALSE))) == sql(And((domain, domain))) == found
            ), tokens
            if not isinstance(found, str):
                assert sql(Or((domain, TRUE))) == everything, tokens
                assert sql(And((domain, FALSE))) == (), tokens
            if not isinstance(inside, str):
                outside = python(Not(domain))
                assert sorted((*inside, *outside)) == list(everything), tokens
                assert python(Or((domain, Not(domain)))) == everything, tokens


# -- what Odoo's own two answers differ in -------------------------------------------------------------------

UNSET: dict[str, Any] = {"name": None, "active": True}
ITEM_UNSET = UNSET | dict.fromkeys(
    (
        "note",
        "title",
        "num",
        "amount",
        "price",
        "flag",
        "d",
        "dt",
        "sel",
        "own",
        "rate",
        "other_id",
        "parent_id",
    )
)
ROWS: Data = {
    BASE: {1: {"label": None, "level": None}},
    OTHER: {
        1: UNSET | {"num": None, "d": None, "parent_id": None},
        2: UNSET | {"name": "x", "num": 3, "d": date(2024, 1, 31), "parent_id": None},
    },
    TAG: {1: {"name": "t1", "active": False}, 2: {"name": "t2", "active": True}},
    ITEM: {
        1: ITEM_UNSET | {"base_id": 1, "tag_ids": [], "parent_path": "1/"},
        2: ITEM_UNSET
        | {"name": "x", "note": "a\nc", "amount": 2.5, "d": date(2023, 12, 31), "dt": datetime(2024, 1, 31, 12)}
        | {"sel": "a", "own": {"1": "ΑΣ"}, "other_id": 1, "base_id": 1, "tag_ids": [1], "parent_path": "2/"},
        3: ITEM_UNSET
        | {"name": "%", "note": "abc", "num": 0, "sel": "b", "other_id": 2, "base_id": 1, "tag_ids": [2]}
        | {"parent_path": "3/"},
        4: ITEM_UNSET | {"note": "*%", "base_id": 1, "tag_ids": [], "parent_path": "4/"},
    },
    LINE: {
        1: {"name": "la", "active": False, "num": None, "item_id": 2},
        2: {"name": "lb", "active": True, "num": 1, "item_id": 3},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "row"),
    [(version, row) for row in TABLE for version in row.versions.split()],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_known_divergence_shows(sqlite: Make, version: str, row: Divergence) -> None:
    with sqlite(version).holding(ROWS) as store:
        shown = []
        for tokens in row.examples:
            domain = from_python(tokens)
            found, inside = by_sql(store, domain), in_memory(Reader(store), domain)
            names = [
                name
                for leaf in leaves(domain)
                for name in known(version, leaf, active_test=True, texts=texts_of(ROWS, tokens))
            ]
            assert row.name in names, tokens
            shown.append(found != inside)
        assert all(shown), shown


@pytest.mark.parametrize(
    ("version", "tokens", "expected"),
    [
        ("19", [("amount", "not in", [1, False])], (2,)),  # the 0 that False means is of the column's type
        ("19", [("price", "in", [1.5, False])], (1, 2, 3, 4)),
        ("19", [("dt", "<", "2024-01-31 12:00:00.500000")], ()),  # the fraction is dropped
        ("19", [("dt", ">=", "2024-01-31 12:00:00.500000")], (2,)),
        ("18", ["|", ("id", "in", [1, 2]), ("name", "=", False)], (1, 2, 4)),
    ],
)
def test_all_three_agree_where_they_once_did_not(
    sqlite: Make, postgresql: Make, version: str, tokens: list[Any], expected: tuple[int, ...]
) -> None:
    domain = from_python(tokens)
    with sqlite(version).holding(ROWS) as one, postgresql(version).holding(ROWS) as other:
        answers = (by_sql(one, domain), by_sql(other, domain), in_memory(Reader(one), domain))
    assert answers == (expected, expected, expected)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pattern_that_ends_in_a_backslash_is_not_decided(sqlite: Make, version: str) -> None:
    with sqlite(version).holding(ROWS) as store:
        assert by_sql(store, from_python([("name", "=like", "x\\")])) == "undecided"
        assert by_sql(store, from_python([("name", "=like", "x\\\\")])) == ()


def test_without_the_case_of_all_letters_only_ascii_agrees(sqlite: Make, server: Server) -> None:
    rows = {**ROWS, ITEM: {1: ROWS[ITEM][1] | {"name": "É"}, 2: ROWS[ITEM][2] | {"name": "E"}}}
    with database(server, "LOCALE 'C'") as engine:
        tables = Tables("18", engine)
        with sqlite("18").holding(rows) as one, tables.holding(rows) as other:
            for text, found, there in (("e", (2,), (2,)), ("é", (1,), ())):
                domain = from_python([("name", "ilike", text)])
                assert (by_sql(one, domain), by_sql(other, domain)) == (found, there)
        tables.connection.close()
