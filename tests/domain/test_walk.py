"""Walking domains."""

from __future__ import annotations

from hypothesis import given, settings

from domain.strategies import domains
from ostiary.domain import Domain, IfElse, Opaque, Symbol, Term, nodes, opaques, parse, paths, symbols, terms

TEXT = """[
    '!', '|', ('a', '=', user.id), '!', ('b.c', 'in', company_ids + [False]),
    ('d', 'any', ['!', ('e', '=', user.x if user.has_group('g.h') else time.y)]),
] + ([('f', '=', 1)] if website.z else [(field, '=', 1)])"""


def test_terms_know_whether_they_are_negated() -> None:
    domain = parse(TEXT)
    assert [(term.path, negated) for term, negated in terms(domain)] == [
        ("a", True), ("b.c", False), ("d", False), ("f", False),
    ]  # fmt: skip
    assert [(term.path, negated) for term, negated in terms(domain, inner=True)] == [
        ("a", True), ("b.c", False), ("d", False), ("e", True), ("f", False),
    ]  # fmt: skip


def test_paths_symbols_and_opaques() -> None:
    domain = parse(TEXT)
    assert paths(domain) == {"a", "b.c", "d", "f"}
    assert [".".join((s.root, *s.path)) for s in symbols(domain)] == [
        "user.id", "company_ids", "user.x", "time.y", "website.z",
    ]  # fmt: skip
    [unreadable] = opaques(domain)
    assert isinstance(unreadable, Opaque)
    assert unreadable.text == "(field, '=', 1)"


def test_the_variable_of_a_comprehension_is_no_name_of_the_context() -> None:
    domain = parse("[('a', 'in', [c.name for c in user.company_ids if c.parent_id == company_id])]")
    assert set(symbols(domain)) == {Symbol("user", ("company_ids",)), Symbol("company_id")}


@settings(max_examples=90, deadline=None)
@given(domains())
def test_every_term_and_name_is_visited_once(domain: Domain) -> None:
    everything = list(nodes(domain))
    assert sum(isinstance(node, Term) for node in everything) == len(list(terms(domain, inner=True)))
    assert sum(isinstance(node, IfElse) for node in everything) == repr(domain).count("IfElse(")
    bound = repr(domain).count("Symbol(root='item'") + repr(domain).count("function=Symbol(")
    called = repr(domain).count("function=Symbol(")
    seen = sum(isinstance(node, Symbol) for node in everything)
    assert len(list(symbols(domain))) == seen - (bound - called)
