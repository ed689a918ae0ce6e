"""Hypothesis strategies for domains, values and tests as ``parse`` can give them."""

from __future__ import annotations

from hypothesis import strategies as st

from ostiary.domain import (
    FALSE,
    TRUE,
    AllOf,
    And,
    AnyOf,
    Call,
    Choice,
    Compare,
    Domain,
    Each,
    HasGroup,
    IfElse,
    Literal,
    Negated,
    Not,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Test,
    Value,
    concat,
    conjunction,
    disjunction,
)

FIELDS = ("name", "state", "user_id", "partner_id.country_id", "line_ids.product_id.name", "id", "company_id")
GROUPS = ("shop.group_seller", "shop.group_manager", "base.group_user")
SCALAR_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "=?", "like", "not ilike", "=like", "=ilike")
LIST_OPERATORS = ("in", "not in", "child_of", "parent_of")

names = st.sampled_from(("partner_id", "company_ids", "login", "id", "ids", "employee_id"))
symbols = st.builds(
    Symbol,
    st.sampled_from(("user", "company_ids", "company_id", "website")),
    st.lists(names, max_size=3).map(tuple),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
literals = st.builds(Literal, scalars)
ids = st.builds(Literal, st.integers(min_value=1, max_value=5) | st.just(False))


def _each(element: Value, source: Symbol, condition: Test | None) -> Value:
    return Each(element, "item", source, condition)


def _deeper(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda items: Sequence(tuple(items))),
        st.lists(st.one_of(symbols, st.builds(Sequence, st.tuples(ids))), min_size=1, max_size=3).map(concat),
        st.builds(Choice, group_tests, inner, inner),
        st.builds(
            Call,
            st.just(Symbol("time", ("strftime",))),
            st.tuples(literals),
            st.just(()) | st.tuples(st.tuples(st.just("zone"), literals)),
        ),
        st.builds(_each, st.just(Symbol("item", ("name",))), symbols, st.none() | simple_tests),
    )


group_tests = st.builds(HasGroup, st.sampled_from(GROUPS))
simple_tests = st.one_of(
    group_tests,
    st.builds(Compare, st.sampled_from(("==", "!=", "<", "in", "is not")), symbols, literals),
)


def _all(items: list[Test]) -> Test:
    flat = [part for item in items for part in (item.items if isinstance(item, AllOf) else (item,))]
    return AllOf(tuple(flat))


def _any(items: list[Test]) -> Test:
    flat = [part for item in items for part in (item.items if isinstance(item, AnyOf) else (item,))]
    return AnyOf(tuple(flat))


tests = st.recursive(
    simple_tests,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_all),
        st.lists(inner, min_size=2, max_size=3).map(_any),
        inner.map(Negated),
    ),
    max_leaves=4,
)
values = st.recursive(literals | symbols, _deeper, max_leaves=4)


def domains(max_leaves: int = 8) -> st.SearchStrategy[Domain]:
    """Trees as ``parse`` gives them: nested ``And`` in ``And`` is flat, ``Not`` may stand anywhere."""

    def extend(inner: st.SearchStrategy[Domain]) -> st.SearchStrategy[Domain]:
        several = st.lists(inner, min_size=2, max_size=4)
        return st.one_of(
            several.map(conjunction),
            several.map(disjunction),
            inner.map(Not),
            st.builds(IfElse, tests, inner, inner),
            st.builds(
                Term,
                st.sampled_from(("line_ids", "partner_id.child_ids")),
                st.sampled_from(("any", "not any")),
                st.builds(Subdomain, inner),
            ),
        )

    leaves = st.one_of(
        st.sampled_from((TRUE, FALSE)),
        st.builds(Term, st.sampled_from(FIELDS), st.sampled_from(SCALAR_OPERATORS), values),
        st.builds(Term, st.sampled_from(FIELDS), st.sampled_from(LIST_OPERATORS), values),
    )
    return st.recursive(leaves, extend, max_leaves=max_leaves)


ATOMS = tuple(Term(name, "=", Literal(1)) for name in "abcd")


def boolean_domains(atoms: tuple[Term, ...] = ATOMS) -> st.SearchStrategy[Domain]:
    """Domains over a few independent terms, for truth tables."""

    def extend(inner: st.SearchStrategy[Domain]) -> st.SearchStrategy[Domain]:
        several = st.lists(inner, min_size=2, max_size=4).map(tuple)
        return st.one_of(
            st.builds(And, several),
            st.builds(Or, several),
            inner.map(Not),
            st.builds(IfElse, group_tests | st.builds(Negated, group_tests), inner, inner),
        )

    return st.recursive(st.sampled_from((*atoms, TRUE, FALSE)), extend, max_leaves=12)
