"""Domains as SQL beyond the executed cases: patterns, hostile domains, what must never pass for an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.records.test_sql_plans import SUPERUSER, TABLES, policy

from ostiary.domain import Symbol, Term, from_python
from ostiary.records.access_protocol import NoAccess
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Schema
from ostiary.records.sql import search, where
from ostiary.records.sql.patterns import like
from ostiary.records.store import Store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in TABLES.format(pattern="").split(";"):
            connection.exec_driver_sql(statement)
        names = ["Abc", "abd", "C%d", "Éd", None, "", "KELVIN \u212a", "back\\slash", "x_y", "xzy"]
        for id_, name in enumerate(names, 1):
            connection.execute(sa.text("INSERT INTO shop_tag VALUES (:a, :b)"), {"a": id_, "b": name})
        connection.commit()
        yield Store(Schema(policy()), connection)
    engine.dispose()


def found(store: Store, domain: list[Any], model: str = "shop.tag") -> list[int]:
    rows = store.rows(search(store, NoAccess(), SUPERUSER, model, from_python(domain)))
    return sorted(row[0] for row in rows)


@pytest.mark.parametrize(
    ("operator", "value", "ids"),
    [
        ("like", "ab", [2]),
        ("ilike", "AB", [1, 2]),
        ("ilike", "éD", [4]),
        ("=like", "x_y", [9, 10]),
        ("=like", r"x\_y", [9]),
        ("like", r"\%", [3]),
        ("like", r"\\", [8]),
        ("ilike", "k", [7, 8]),  # the sign of Kelvin is a K
        ("not ilike", "a", [3, 4, 5, 6, 7, 9, 10]),
        ("=ilike", "ABC", [1]),
        ("like", "", list(range(1, 11))),
        ("not like", "", []),
    ],
)
def test_sqlite_matches_patterns_as_postgresql_does(
    store: Store, operator: str, value: str, ids: list[int]
) -> None:
    assert found(store, [("name", operator, value)]) == ids


_TEXT = st.text(alphabet="aAbB%_\\é", max_size=8)


@given(_TEXT, _TEXT, st.booleans())
def test_a_pattern_means_its_regular_expression(text: str, pattern: str, fold: bool) -> None:
    parts, escaped = [], False
    for char in pattern:
        if escaped:
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
    flags = re.DOTALL | (re.IGNORECASE if fold else 0)
    assert like(text, pattern, fold) is (re.fullmatch("".join(parts), text, flags) is not None)


def test_a_pattern_of_many_parts_takes_no_longer() -> None:
    assert like("a" * 5_000, "%a" * 500 + "%b", False) is False


def test_null_matches_no_pattern() -> None:
    assert like(None, "%", False) is None


def test_a_path_through_too_many_models_is_undecided(store: Store) -> None:
    for hops in (40, 5_000):
        with pytest.raises(Undecided):
            found(store, [(".".join(["parent_id"] * hops), "=", 1)], "shop.partner")


def test_a_deep_path_and_a_deep_tree_are_still_answered(store: Store) -> None:
    assert found(store, [(".".join(["parent_id"] * 10), "=", 1)], "shop.partner") == []
    nested: list[Any] = [("name", "=", "x")]
    for _ in range(4):
        nested = [("parent_id", "any", ["|", ("id", "=", 1), *nested])]
    assert found(store, nested, "shop.partner") == []


def test_what_is_too_deep_for_sqlite_is_undecided(store: Store) -> None:
    nested: list[Any] = [("name", "=", "x")]
    for _ in range(14):
        nested = [("parent_id", "any", ["|", ("id", "=", 1), *nested])]
    with pytest.raises(Undecided):
        found(store, nested, "shop.partner")


def test_many_values_and_many_terms_are_still_answered(store: Store) -> None:
    assert found(store, [("id", "in", list(range(50_000)))]) == list(range(1, 11))
    terms: list[Any] = [("id", "!=", one) for one in range(11, 400)]
    assert found(store, terms) == list(range(1, 11))


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63, 10**30, 1.5])
def test_numbers_that_fit_in_no_column_match_nothing(store: Store, number: float) -> None:
    assert found(store, [("id", "=", number)]) == []
    assert found(store, [("id", "in", [number])]) == []


@pytest.mark.parametrize(
    ("domain", "error"),
    [
        ([("name", "~", 1)], "ValueError"),
        ([("name", "any!", [])], "ValueError"),
        ([("name", "in", "Abc")], "ValueError"),
        ([("name", "any", [])], "ValueError"),
        ([("name", "=", "nul\0")], "ValueError"),
        ([("name", "=", "half \ud800")], "UnicodeEncodeError"),
        ([("name.more", "=", 1)], "ValueError"),
        ([("id", "in", [True])], "UndefinedFunction"),
        ([("id", "in", ["x"])], "InvalidTextRepresentation"),
        (["&", ("id", "=", 1)], "ValueError"),
    ],
)
def test_what_odoo_refuses_fails_with_its_error(store: Store, domain: list[Any], error: str) -> None:
    with pytest.raises(Fails) as caught:
        found(store, domain)
    assert caught.value.error == error


def test_a_domain_with_symbols_is_not_ground(store: Store) -> None:
    with pytest.raises(Undecided):
        where(store, NoAccess(), SUPERUSER, "shop.tag", Term("id", "=", Symbol("user", ("id",))))


def test_values_never_stand_in_the_statement(store: Store) -> None:
    domain = from_python(
        ["|", ("name", "ilike", "s3cret"), ("name", "in", ["s3cret", "more"]), ("id", "=", 31337)]
    )
    statement = str(where(store, NoAccess(), SUPERUSER, "shop.tag", domain).compile(store.connection))
    assert "s3cret" not in statement
    assert "31337" not in statement


def test_a_term_that_nothing_can_match_hides_what_else_is_wrong(store: Store) -> None:
    """Odoo answers a domain that is false by its form before it looks at the fields in it."""
    assert found(store, [("nothing", "=", 1), ("id", "in", [])]) == []
