"""``parse`` reads back what ``to_odoo`` prints."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.strategies import domains, values
from ostiary.domain import Domain, Term, Value, from_python, opaques, parse, to_odoo, value_to_odoo


@settings(max_examples=120, deadline=None)
@given(domains())
def test_a_tree_is_read_back_from_its_text(domain: Domain) -> None:
    assert parse(to_odoo(domain)) == domain


@settings(max_examples=90, deadline=None)
@given(values)
def test_a_value_is_read_back_from_its_text(value: Value) -> None:
    term = parse(f"[('field', '=', {value_to_odoo(value)})]")
    assert isinstance(term, Term)
    assert term.value == value


@pytest.mark.parametrize(
    "text",
    [
        "[('a', '=', (lambda x: x)(1))]",
        "[(field, '=', 1), ('b', '=', 2)]",
        "[('a', '=', 1), ('b', 'wat', 2)]",
        "make_domain(user) if user.has_group('x.y') else [('a', '=', 1)]",
        "[('a', '=', 1)] + (['|', ('b', '=', user.names[0])] + [('c', '=', 1)] if user.x else [])",
        "['|', ('a', '=', 1)]",
        "[('a',",
        "[('a', 'any', unknown)]",
        "[('a', '=', company_ids + user.ids[1:] + [3 - user.id])]",
        "[('a', '=', user.x or 'none'), ('b', '=', not user.y)]",
    ],
)
def test_unreadable_parts_are_read_back_too(text: str) -> None:
    once = parse(text)
    assert parse(to_odoo(once)) == once


def test_python_lists_and_text_give_the_same_tree() -> None:
    tokens = ["|", ("a.b", "in", [1, False]), "!", ["c", "any", [("d", "=", "x"), (1, "=", 1)]]]
    assert from_python(tokens) == parse(repr(tokens))
    assert not list(opaques(from_python(tokens)))
