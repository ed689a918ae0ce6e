"""Generated domains on hostile rows: the compiled evaluator against the slow reference, in each version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.domain import from_python
from ostiary.records.errors import RecordsError
from ostiary.records.memory import compile_domain, filtered
from records.memory_models import SUPERUSER, Data, rows
from records.memory_reference import OdooError, Reference

VERSIONS = ("17", "18", "19")

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "Ab",
    "%",
    "_",
    "\\",
    "a%b",
    "a_b",
    "a\\b",
    "a\nb",
    "É",
    "é",
    "ß",
    "[a]",
    "*",
    "?",
]
DATES = ["2024-01-10", "2024-02-29", "1999-12-31"]
TIMES = ["2024-01-10 00:00:00", "2024-01-10 12:00:00", "2024-01-10 23:59:59", "2024-01-11 00:00:00"]
IDS = [1, 2, 3]

texts = st.sampled_from(TEXTS)
numbers = st.sampled_from([0, 1, -2, 5])
bools = st.booleans()

maybe = {
    "text": st.none() | texts,
    "number": st.none() | numbers,
    "float": st.none() | st.sampled_from([0.0, 0.5, -1.5]),
    "flag": st.none() | bools,
    "date": st.none() | st.sampled_from([date.fromisoformat(one) for one in DATES]),
    "time": st.none() | st.sampled_from([datetime.fromisoformat(one) for one in TIMES]),
}


@st.composite
def datasets(draw: st.DrawFn) -> Data:
    def named() -> dict[str, Any]:
        return {"name": draw(maybe["text"]), "active": draw(maybe["flag"])}

    some = st.none() | st.sampled_from(IDS)
    return {
        "zz.par": {one: named() | {"num": draw(maybe["number"])} for one in IDS},
        "zz.tag": {one: named() for one in IDS},
        "zz.line": {one: named() | {"rec_id": draw(some)} for one in IDS},
        "zz.rec": {
            one: named()
            | {
                "note": draw(maybe["text"]),
                "num": draw(maybe["number"]),
                "amount": draw(maybe["float"]),
                "flag": draw(maybe["flag"]),
                "d": draw(maybe["date"]),
                "dt": draw(maybe["time"]),
                "sel": draw(st.none() | st.sampled_from(["a", "b"])),
                "par_id": draw(some),
                "tag_ids": draw(st.lists(st.sampled_from(IDS), unique=True)),
            }
            for one in IDS
        },
    }


EQUAL = ["=", "!=", "in", "not in", "=?"]
ORDER = ["<", "<=", ">", ">="]
LIKE = ["like", "ilike", "not like", "not ilike", "=like", "=ilike"]


def values_of(base: st.SearchStrategy[Any], operator: str) -> st.SearchStrategy[Any]:
    if operator in ("in", "not in"):
        return st.lists(base | st.just(False), max_size=3)
    if operator in EQUAL:
        return base | st.just(False)
    return base


def term(paths: list[str], operators: list[str], base: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(operators).flatmap(
        lambda operator: st.tuples(st.sampled_from(paths), st.just(operator), values_of(base, operator))
    )


plain = [
    term(["name", "par_id.name", "tag_ids.name", "line_ids.name", "note"], EQUAL + LIKE, texts),
    term(["line_ids.rec_id.name", "line_ids.rec_id.par_id.name"], EQUAL + LIKE, texts),
    term(["line_ids.rec_id", "line_ids.rec_id.tag_ids"], EQUAL, st.sampled_from(IDS)),
    term(["name", "note"], ORDER, texts),
    term(["num", "par_id.num", "par_num", "id"], EQUAL + ORDER, numbers),
    term(["amount"], EQUAL + ORDER, st.sampled_from([0, 0.5, 1, -1.5])),
    term(["flag", "active", "par_id.active", "tag_ids.active"], EQUAL, bools),
    term(["d"], EQUAL + ORDER, st.sampled_from(DATES)),
    term(["dt"], EQUAL + ORDER, st.sampled_from(DATES + TIMES)),
    term(["sel"], EQUAL, st.sampled_from(["a", "b", ""])),
    term(["par_id", "tag_ids", "line_ids", "par_id.id"], EQUAL, st.sampled_from(IDS)),
    term(["par_id"], ORDER, st.sampled_from(IDS)),
    # Names are lists of texts only: a mix is compared by whichever Python sees first.
    st.tuples(
        st.sampled_from(["par_id", "tag_ids", "line_ids"]),
        st.sampled_from(["in", "not in"]),
        st.lists(texts, min_size=1, max_size=2),
    ),
    st.tuples(st.sampled_from(["par_id", "tag_ids", "line_ids"]), st.sampled_from(["=", "!=", *LIKE]), texts),
    # What Python doesn't coerce, and what Odoo refuses.
    term(["num", "par_num"], EQUAL, st.sampled_from(["1", "a"])),
    term(["num"], ORDER, st.sampled_from(["1", False])),
    term(["name"], EQUAL + ORDER, st.sampled_from([1, False])),
    term(["nope", "name.name"], ["="], texts),
]
constants = st.sampled_from([(1, "=", 1), (0, "=", 1)])


def inner(names: list[str]) -> st.SearchStrategy[list[Any]]:
    leaf = term(names, ["=", "!=", "like"], texts)
    return st.lists(leaf, max_size=2)


anies = st.tuples(
    st.sampled_from(["par_id", "tag_ids", "line_ids"]), st.sampled_from(["any", "not any"]), inner(["name"])
)
leaves = st.one_of(*plain, anies, constants).map(lambda leaf: [leaf])
domains = st.recursive(
    leaves,
    lambda more: st.one_of(
        more.map(lambda one: ["!", *one]),
        st.tuples(st.sampled_from("&|"), more, more).map(lambda parts: [parts[0], *parts[1], *parts[2]]),
        # Many alternatives, so that sets, hops and indexes are made.
        st.lists(more, min_size=2, max_size=7).map(
            lambda parts: ["|"] * (len(parts) - 1) + [one for part in parts for one in part]
        ),
    ),
    max_leaves=12,
)


def answer(make: Any) -> list[int] | str:
    try:
        return list(make())
    except OdooError as error:
        return str(error)
    except RecordsError as error:
        return str(getattr(error, "error", type(error).__name__))


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=90, deadline=None, derandomize=True)
@given(data=datasets(), domain=domains, active_test=bools)
def test_the_compiled_domain_answers_as_the_reference(
    version: str, data: Data, domain: list[Any], active_test: bool
) -> None:
    source, reference = rows(version, data), Reference(version, data, active_test)
    session = SUPERUSER.with_active_test(active_test)
    tree = from_python(domain)
    expected = answer(lambda: reference.filtered("zz.rec", domain, IDS))
    assert answer(lambda: filtered(source, None, session, "zz.rec", tree, IDS)) == expected
    test = compile_domain(source, None, session, "zz.rec", tree)
    for one in IDS:
        alone = answer(lambda one=one: reference.filtered("zz.rec", domain, [one]))
        assert answer(lambda one=one: [one] if test(one) else []) == alone


@st.composite
def forests(draw: st.DrawFn) -> Data:
    """Trees of up to six nodes, some archived; each parent has a smaller id."""
    found: dict[int, dict[str, Any]] = {}
    for one in range(1, 7):
        parent = draw(st.none() | st.sampled_from(range(1, one))) if one > 1 else None
        path = f"{found[parent]['parent_path'] if parent else ''}{one}/"
        found[one] = {"name": draw(texts), "active": draw(bools), "parent_id": parent, "parent_path": path}
    return {"zz.nodes": found, "zz.noden": found}


def line_of(nodes: dict[int, dict[str, Any]], node: int | None) -> set[int]:
    """A node and those above it."""
    return {node, *line_of(nodes, nodes[node]["parent_id"])} if node else set()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", ["zz.nodes", "zz.noden"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    data=forests(),
    operator=st.sampled_from(["child_of", "parent_of"]),
    ids=st.lists(st.sampled_from(range(1, 7))),
)
def test_a_hierarchy_is_followed_through_archived_records(
    version: str, model: str, data: Data, operator: str, ids: list[int]
) -> None:
    nodes = data[model]
    if operator == "child_of":
        expected = [one for one in nodes if line_of(nodes, one) & set(ids)]
    else:
        expected = sorted({above for one in ids for above in line_of(nodes, one)})
    for path in ("id", "parent_id"):
        # On a field to the model itself, the field is the hierarchy and the record is tested.
        domain = from_python([(path, operator, ids)])
        assert filtered(rows(version, data), None, SUPERUSER, model, domain, list(nodes)) == expected


def test_nothing_is_merged_past_a_term_that_fails() -> None:
    """In 19 the terms are asked in their order, and the one that fails stands between two that together say yes."""
    data: Data = {"zz.par": {}, "zz.tag": {}, "zz.line": {}, "zz.rec": {1: {"name": None}}}
    tree = from_python(["|", "|", ("name", "!=", False), ("nope", "=", False), ("name", "=", "")])
    assert answer(lambda: filtered(rows("19", data), None, SUPERUSER, "zz.rec", tree, [1])) == "ValueError"
    tree = from_python(["|", "|", ("name", "!=", False), ("name", "=", ""), ("nope", "=", False)])
    assert answer(lambda: filtered(rows("19", data), None, SUPERUSER, "zz.rec", tree, [1])) == [1]
