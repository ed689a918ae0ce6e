"""No text and no object makes reading fail, hang or run something."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.domain import (
    DomainSemantics,
    Opaque,
    canonical,
    from_python,
    normalize,
    opaques,
    parse,
    problems,
    to_english,
    to_odoo,
    truth,
)

SEMANTICS = DomainSemantics.of(18)

ONES = [1] * 60
HOSTILE = {
    "garbage": "([{'\"" * 220_000,
    "brackets": "[" * 40_000,
    "closed brackets": "[" * 40_000 + "]" * 40_000,
    "deep any": "[('a','any'," * 70 + "[]" + ")]" * 70,
    "minus": "[('a','='," + "-" * 40_000 + "1)]",
    "spaced minus": "[('a','='," + "- " * 40_000 + "1)]",
    "inverted": "~" * 40_000 + "1",
    "not": "not " * 30_000 + "1",
    "lambda": "lambda:" * 30_000 + "1",
    "conditional": "a if b else " * 20_000 + "1",
    "attributes": "a" + ".b" * 40_000,
    "calls": "a" + "()" * 40_000,
    "items": "a" + "[0]" * 30_000,
    "sum": "[]+" * 30_000 + "[]",
    "calls with commas": "a" + "(1,)" * 30_000,
    "chains in chains": "(" * 70 + "a" + (".b" * 400 + ")") * 70,
    "signs in brackets": "[('a','='," + ("(" + "-" * 60) * 70 + "1" + ")" * 70 + ")]",
    "chains in lists": "(" * 70 + "a" + (".b" * 400 + ",)") * 70,
    "quotes": '"' * 60_001,
    "triple quotes": "'''a\\" * 40_000,
    "escapes": "'\\" * 60_000,
    "power": "2**" * 30_000 + "1",
    "comparison": "1<" * 20_000 + "1",
    "huge integer": "[('a','='," + "9" * 40_000 + ")]",
    "big repeat": "[('a','=','x'*10**9)]",
    "all negations": "[" + "'!'," * 20_000 + "('a','=',1)]",
    "alternating": "[" + "'&','|'," * 20_000 + "('a','=',1)]",
    "NUL": "[('a','=',1)]\0",
    "surrogate": "[('a','=','\udcff')]",
    "form feed": "\f[('a','=',1)]\x1c",
    "unrolled": f"[('a','in',[[[[x for x in r] for r in {ONES}] for s in {ONES}] for t in {ONES}])]",
    "many choices": "['|'" + "] + ([('a','=',1),('b','=',1)] if user.x else [('c','=',1)]) + ['|'" * 30 + "]",
    "wide": "['|'" * 1 + ",('a','=',1)" * 5_000 + "]",
}


def everything(text: str) -> None:
    domain = parse(text)
    assert parse(to_odoo(domain)) == domain
    normalize(domain)
    canonical(domain)
    truth(domain)
    to_english(domain)
    problems(domain, SEMANTICS)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_within_bounds(name: str) -> None:
    started = time.process_time()
    domain = parse(HOSTILE[name])
    assert time.process_time() - started < 2
    if name not in ("form feed", "wide", "sum", "many choices"):
        assert list(opaques(domain)), "unreadable text must say so"
    assert problems(domain, SEMANTICS) is not None


def test_hostile_text_does_not_break_a_small_stack() -> None:
    done: list[str] = []

    def read() -> None:
        for name, text in HOSTILE.items():
            parse(text)
            done.append(name)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert done == list(HOSTILE)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    everything(text)


names = st.sampled_from(("user", "x", "company_ids", "time"))
python_atoms = st.one_of(
    names,
    st.integers(0, 5).map(str),
    st.sampled_from(
        ("'&'", "'|'", "'!'", "'a'", "'='", "'in'", "'any'", "None", "b''", "...", "''", "1e999")
    ),
)


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, st.sampled_from(("'='", "'in'", "'any'", "'not any'")), inner).map(
            lambda t: f"('a', {t[1]}, {t[2]})"
        ),
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} % {p[1]})"),
        pair.map(lambda p: f"({p[0]} or {p[1]})"),
        pair.map(lambda p: f"({p[0]} and {p[1]})"),
        pair.map(lambda p: f"({p[0]} < {p[1]})"),
        pair.map(lambda p: f"({p[0]})[{p[1]}]"),
        pair.map(lambda p: f"[{p[0]} for x in {p[1]}]"),
        pair.map(lambda p: f"[x for x in {p[0]} if {p[1]}]"),
        pair.map(lambda p: f"(lambda x: {p[0]})({p[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        inner.map(lambda e: f"({e}).mapped('a.id')"),
        inner.map(lambda e: f"user.has_group({e})"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"list({e})"),
        inner.map(lambda e: f"f(*{e})"),
        inner.map(lambda e: f"'%s' % ({e})"),
    )


@settings(max_examples=200, deadline=None)
@given(st.recursive(python_atoms, grow, max_leaves=12))
def test_any_python_expression(text: str) -> None:
    everything(text)
    everything(f"[('a', '=', {text})]")


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=3),
            st.sampled_from("&|!"),
            st.binary(),
        ),
        lambda inner: (
            st.lists(inner, max_size=4) | st.tuples(st.just("a"), st.sampled_from(("=", "any")), inner)
        ),
        max_leaves=10,
    )
)
def test_any_python_object(tokens: object) -> None:
    domain = from_python(tokens)
    to_odoo(domain)
    to_english(domain)


def test_a_list_that_contains_itself() -> None:
    loop: list[object] = []
    loop.extend([("a", "any", loop), ("b", "any", loop)])
    assert isinstance(from_python(loop), Opaque)


def test_nothing_is_run(tmp_path: Path) -> None:
    target = str(tmp_path / "touched")
    parse(f"[('a', '=', open({target!r}, 'w').close())]")
    parse(f"[('a', '=', [open({target!r}, 'w') for x in (1,)])]")
    assert not list(tmp_path.iterdir())
