"""Rewriting keeps meaning: held against truth tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.evaluator import holds, worlds
from domain.strategies import ATOMS, GROUPS, boolean_domains, domains
from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Domain,
    DomainSemantics,
    IfElse,
    Literal,
    Not,
    Opaque,
    Or,
    Sequence,
    Symbol,
    Term,
    Truthy,
    canonical,
    distribute_not,
    fold,
    normalize,
    parse,
    to_odoo,
    truth,
)

many = settings(max_examples=90, deadline=None)
WORLDS = list(worlds(ATOMS, GROUPS))


@many
@given(boolean_domains())
def test_normal_forms_accept_the_same_records(domain: Domain) -> None:
    forms = (normalize(domain), canonical(domain))
    for atoms, groups in WORLDS:
        expected = holds(domain, atoms, groups)
        assert all(holds(form, atoms, groups) is expected for form in forms)


@many
@given(boolean_domains())
def test_folding_answers_the_group_tests(domain: Domain) -> None:
    for held in ({*GROUPS}, set(), {GROUPS[0]}):
        groups = frozenset(held)
        folded = fold(domain, lambda xmlid, groups=groups: xmlid in groups)
        assert "has_group" not in to_odoo(folded)
        for atoms, _ in WORLDS[:: 2 ** len(GROUPS)]:
            assert holds(folded, atoms, groups) is holds(domain, atoms, groups)


@many
@given(boolean_domains())
def test_folding_leaves_unknown_groups(domain: Domain) -> None:
    folded = fold(domain, lambda xmlid: True if xmlid == GROUPS[0] else None)
    for atoms, groups in WORLDS:
        if GROUPS[0] in groups:
            assert holds(folded, atoms, groups) is holds(domain, atoms, groups)


@many
@given(boolean_domains())
def test_carrying_the_not_down_keeps_the_meaning_of_complements(domain: Domain) -> None:
    spread = distribute_not(domain, DomainSemantics.of(18))
    assert "'!'" not in to_odoo(spread)
    for atoms, groups in WORLDS:
        opposites = {Term(atom.path, "!=", atom.value): not value for atom, value in atoms.items()}
        assert holds(spread, {**atoms, **opposites}, groups) is holds(domain, atoms, groups)


@many
@given(boolean_domains())
def test_truth_is_sound(domain: Domain) -> None:
    seen = {holds(domain, atoms, groups) for atoms, groups in WORLDS}
    verdict = truth(domain)
    if verdict is not None:
        assert seen == {verdict}


@many
@given(domains())
def test_normal_forms_are_stable(domain: Domain) -> None:
    once = normalize(domain)
    assert normalize(once) == once
    assert canonical(canonical(domain)) == canonical(domain)
    assert canonical(once) == canonical(domain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[('id', '!=', False)]", TRUE),
        ("[('id', '=', False)]", FALSE),
        ("['!', ('id', '=', None)]", TRUE),
        ("[('a', 'in', [])]", FALSE),
        ("[('a', 'not in', [])]", TRUE),
        ("[('a.b', 'in', [])]", FALSE),
        ("['!', ('a', 'in', [])]", TRUE),
        ("[('a', 'child_of', [])]", FALSE),
        ("[('a', 'any', [(0, '=', 1)])]", FALSE),
        ("['|', ('a', '=', 1), '!', ('a', '=', 1)]", TRUE),
        ("[('a', '<', 1), '!', ('a', '<', 1)]", FALSE),
        ("['|', ('a', '=', user.id), '!', ('a', '=', user.id)]", TRUE),
    ],
)
def test_constants(text: str, expected: Domain) -> None:
    assert normalize(parse(text)) == expected
    assert truth(parse(text)) is (expected == TRUE)


@pytest.mark.parametrize(
    "text",
    [
        "[('a.b', 'not in', [])]",  # false for records without `a`
        "['|', ('a', '<', 1), '!', ('a', '<', 1)]",  # unset dates match neither in SQL up to 18
        "['|', ('a', 'child_of', 1), '!', ('a', 'child_of', 1)]",
        "['|', ('a', '=', 0), '!', ('a', '=', 0)]",  # 17: an unset number matches neither
        "['|', ('a', '=', 1), ('a', '!=', 1)]",
        "[('a', '=', x[0])]",
        "[('a', 'not any', [(0, '=', 1)])]",
        "[('partner_id.id', '!=', False)]",
    ],
)
def test_what_is_not_constant_stays_open(text: str) -> None:
    assert truth(parse(text)) is None


def test_the_unreadable_is_neither_true_nor_false() -> None:
    unknown = Opaque("f()", 0, "only known by running it")
    assert truth(unknown) is truth(Not(unknown)) is None
    assert truth(Or((unknown, Not(unknown)))) is None
    assert truth(And((unknown, FALSE))) is False
    assert truth(Or((unknown, TRUE))) is True


def test_canonical_forgets_order_and_spelling() -> None:
    one = parse("['|', ('b', '<>', 1), '&', ('a', 'in', [2, 1, 2]), ('c', '=', 3)]")
    other = parse("['|', '&', ('c', '=', 3), ('a', 'in', (1, 2)), ('b', '!=', 1)]")
    assert one != other
    assert canonical(one) == canonical(other)
    assert canonical(parse("[('a', '=', False)]")) != canonical(parse("[('a', '=', 0)]"))


A_LT = Term("a", "<", Literal(1))
A_GE = Term("a", ">=", Literal(1))
UNSET = Term("a", "in", Sequence((Literal(False),)))


@pytest.mark.parametrize(
    ("version", "text", "expected"),
    [
        ("17", "['!', ('a', '<', 1)]", "[('a', '>=', 1)]"),
        ("18", "['!', ('a', 'ilike', 'x')]", "[('a', 'not ilike', 'x')]"),
        ("18", "['!', ('a', '=like', 'x')]", "['!', ('a', '=like', 'x')]"),
        ("19", "['!', ('a', '=like', 'x')]", "[('a', 'not =like', 'x')]"),
        ("18", "['!', ('a', 'child_of', 1)]", "['!', ('a', 'child_of', 1)]"),
        ("19", "['!', ('a', 'child_of', 1)]", "['!', ('a', 'child_of', 1)]"),
        ("17", "['!', ('a', '=?', 1)]", "['!', ('a', '=?', 1)]"),
        ("18", "['!', ('a', '=?', 1)]", "[('a', '!=', 1)]"),
        ("18", "['!', ('a', '=?', False)]", "[(0, '=', 1)]"),
        ("18", "[('a.b', '!=', 1)]", "[('a', 'any', [('b', '!=', 1)])]"),
        ("18", "['!', ('a.b', '=', 1)]", "[('a', 'not any', [('b', '=', 1)])]"),
        ("18", "['!', ('a.b.c', '<', 1)]", "[('a', 'not any', [('b', 'any', [('c', '<', 1)])])]"),
        ("18", "['!', ('a', 'any', ['!', ('b', '=', 1)])]", "[('a', 'not any', [('b', '!=', 1)])]"),
        ("18", "['!', '|', ('a', '=', 1), ('b', 'in', [1])]", "[('a', '!=', 1), ('b', 'not in', [1])]"),
        ("18", "['!', ('day.month_number', '=', 1)]", "[('day.month_number', '!=', 1)]"),
        ("19", "['!', ('day.month_number', '=', 1)]", "['!', ('day.month_number', '=', 1)]"),
        ("17", "[('day.month_number', '=', 1)]", "[('day', 'any', [('month_number', '=', 1)])]"),
    ],
)
def test_what_search_makes_of_a_domain(version: str, text: str, expected: str) -> None:
    assert to_odoo(distribute_not(parse(text), DomainSemantics.of(version))) == expected


def test_a_negated_inequality_in_19_needs_the_field_type() -> None:
    semantics = DomainSemantics.of(19)
    domain = Not(A_LT)
    assert distribute_not(domain, semantics) == domain
    assert distribute_not(domain, semantics, has_falsy_value=lambda _: True) == A_GE
    assert distribute_not(domain, semantics, has_falsy_value=lambda _: False) == Or((UNSET, A_GE))


def test_the_not_of_an_optional_equal_asks_the_value() -> None:
    who = Symbol("user", ("x",))
    asked = distribute_not(Not(Term("a", "=?", who)), DomainSemantics.of(18))
    assert asked == IfElse(Truthy(who), Term("a", "!=", who), FALSE)


def test_fields_are_asked_for_with_their_path_from_the_outer_model() -> None:
    asked: list[str] = []

    def relational(path: str) -> bool:
        asked.append(path)
        return path != "line_ids.properties"

    domain = parse("[('line_ids', 'any', [('properties.color', '=', 1), ('product_id.name', '=', 'x')])]")
    result = distribute_not(domain, DomainSemantics.of(18), relational=relational)
    assert asked == ["line_ids.properties", "line_ids.product_id"]
    inner = "('properties.color', '=', 1), ('product_id', 'any', [('name', '=', 'x')])"
    assert to_odoo(result) == f"[('line_ids', 'any', [{inner}])]"
