"""Closures, shortest chains and specifications, on small graphs and on random ones with cycles."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.policy import (
    Implication,
    Policy,
    Semantics,
    chain,
    closure,
    has_groups,
    is_share,
    user_type_conflict,
)
from ostiary.policy.groups import named_groups
from policy.build import VERSIONS, at, groups, policy

NAMES = [f"m.g{number}" for number in range(6)]
graphs = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(NAMES), max_size=3, unique=True) for name in NAMES}
)
sets = st.frozensets(st.sampled_from(NAMES), max_size=4)


def made(graph: Mapping[str, list[str]]) -> Policy:
    return policy(groups=groups(graph))


def test_closure_follows_links_through_a_cycle_and_keeps_unknown_ids() -> None:
    graph = made({"m.a": ["m.b"], "m.b": ["m.c"], "m.c": ["m.a"], "m.d": ["m.a"]})
    assert closure(graph, ["m.a"]) == {"m.a", "m.b", "m.c"}
    assert closure(graph, ["m.d", "x.unknown"]) == {"m.a", "m.b", "m.c", "m.d", "x.unknown"}
    assert closure(graph, []) == frozenset()


def test_chain_is_the_shortest_and_says_where_each_link_was_made() -> None:
    graph = made({"m.a": ["m.long", "m.b"], "m.long": ["m.longer"], "m.longer": ["m.c"], "m.b": ["m.c"]})
    assert chain(graph, "m.a", "m.c") == (Implication("m.b", at("m.b", 3)), Implication("m.c", at("m.c", 9)))
    assert chain(graph, "m.a", "m.a") == ()
    other = made({"m.a": ["m.b", "m.long"], "m.long": ["m.longer"], "m.longer": ["m.c"], "m.b": ["m.c"]})
    assert [link.group for link in chain(other, "m.a", "m.c") or ()] == ["m.b", "m.c"]
    assert chain(graph, "m.c", "m.a") is None
    assert chain(graph, "x.unknown", "m.a") is None


@given(graphs, sets)
def test_closure_is_reflexive_transitive_and_minimal(
    graph: dict[str, list[str]], start: frozenset[str]
) -> None:
    closed = closure(made(graph), start)
    assert start <= closed
    assert closure(made(graph), closed) == closed
    assert all(goal in closed for name in closed for goal in graph.get(name, ()))
    reachable, more = set(start), set(start)
    while more:
        more = {goal for name in more for goal in graph.get(name, ())} - reachable
        reachable |= more
    assert closed == reachable


@given(graphs, sets, sets)
def test_closure_is_monotone(
    graph: dict[str, list[str]], some: frozenset[str], others: frozenset[str]
) -> None:
    here = made(graph)
    assert closure(here, some) | closure(here, others) == closure(here, some | others)


@given(graphs, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_chain_is_a_path_and_none_is_shorter(graph: dict[str, list[str]], start: str, goal: str) -> None:
    here = made(graph)
    found = chain(here, start, goal)
    assert (found is not None) is (goal in closure(here, [start]))
    if found is None:
        return
    stops = [start, *(link.group for link in found)]
    assert stops[-1] == goal
    for before, link in zip(stops, found, strict=False):
        assert link in here.groups[before].implies
    within = {start}
    for _ in range(len(found)):
        assert goal not in within
        within |= {name for one in within for name in graph.get(one, ())}
    assert goal in within


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("spec,expected", [
    ("m.a", True), ("m.z", False), ("!m.a", False), ("!m.z", True), ("m.z,m.a", True), (" m.a , m.z ", True),
    ("m.a,!m.b", False), ("!m.b,m.a", False), ("!m.z,!m.y", True), ("m.z,!m.y", False), (".", False), ("", False),
    (".,m.a", True),
])  # fmt: skip
def test_has_groups(version: str, spec: str, expected: bool) -> None:
    assert has_groups(spec, {"m.a", "m.b"}, Semantics.of(version)) is expected


@pytest.mark.parametrize("spec,plain,debug", [
    ("base.group_no_one", False, True), ("!base.group_no_one", True, False), ("base.group_no_one,m.a", True, True),
])  # fmt: skip
def test_debug_group_counts_in_debug_mode_only(spec: str, plain: bool, debug: bool) -> None:
    held = {"base.group_no_one", "m.a"}
    assert has_groups(spec, held, Semantics.of("18.0")) is plain
    assert has_groups(spec, held, Semantics.of("18.0"), debug=True) is debug


specs = st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES)), min_size=1, max_size=5)


@given(specs, sets)
def test_order_in_a_specification_never_matters(parts: list[tuple[bool, str]], held: frozenset[str]) -> None:
    words = [f"!{name}" if negated else name for negated, name in parts]
    answers = {
        has_groups(",".join(order), held, Semantics.of("19.0"))
        for order in (words, words[::-1], sorted(words))
    }
    assert len(answers) == 1
    vetoed = any(negated and name in held for negated, name in parts)
    wanted = [name for negated, name in parts if not negated]
    assert answers == {not vetoed and (not wanted or any(name in held for name in wanted))}


def test_named_groups() -> None:
    assert named_groups("m.a, !m.b,m.a") == ("m.a", "m.b")
    assert named_groups(".") == named_groups("") == named_groups(None) == ()


def test_user_types() -> None:
    assert is_share({"base.group_portal"})
    assert is_share(frozenset())
    assert not is_share({"base.group_user", "m.a"})
    assert user_type_conflict({"base.group_user", "m.a"}) == ()
    both = {"base.group_public", "base.group_portal"}
    assert user_type_conflict(both) == ("base.group_portal", "base.group_public")
