"""The group graph: chosen groups, layers and places."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from ostiary.policy import Group, Implication
from ostiary.report import graph
from ostiary.report.layout import Size, layout
from report.samples import GROUPS, HOSTILE, at, garden


def overlaps(nodes: list[graph.Node]) -> list[tuple[str, str]]:
    return [
        (one.group, other.group)
        for one, other in combinations(nodes, 2)
        if one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]


def many(count: int) -> dict[str, Group]:
    chance = random.Random(7)
    groups = dict(garden().groups)
    names = [f"m{at % 9}.group_number_{at}" for at in range(count)]
    for index, name in enumerate(names):
        implied = chance.sample(names[:index], min(index, chance.randint(0, 2))) or ["base.group_user"]
        links = tuple(Implication(other, at(GROUPS, index)) for other in implied)
        groups[name] = Group(origin=at(GROUPS, index), xmlid=name, name=f"Group {index}", implies=links)
    return groups


@pytest.mark.parametrize("count", [0, 5, 30, 110])
def test_nothing_overlaps_and_arrows_point_right(count: int) -> None:
    picture = graph.picture(garden(groups=many(count)), most=500)
    nodes = {node.group: node for node in picture.nodes}
    assert overlaps(list(nodes.values())) == []
    for link in picture.links:
        assert nodes[link.group].x < nodes[link.implied].x
    assert all(node.x >= 0 and node.x + node.width <= picture.width for node in nodes.values())
    assert all(node.y >= 0 and node.y + node.height <= picture.height for node in nodes.values())


def test_many_groups_are_narrowed_to_those_around_share_users() -> None:
    picture = graph.picture(garden(groups=many(110)))
    assert picture.narrowed
    assert len(picture.nodes) <= 2 * graph.MOST
    assert {"base.group_portal", "garden.group_friend"} <= {node.group for node in picture.nodes}
    assert picture.left_out > 0


def test_a_way_to_internal_users_is_marked() -> None:
    groups = dict(garden().groups)
    groups["garden.group_visitor"] = Group(
        origin=at(GROUPS, 4),
        xmlid="garden.group_visitor",
        name="Visitor",
        implies=(Implication("base.group_user", at(GROUPS, 5)),),
    )
    picture = graph.picture(garden(groups=groups))
    marked = {(link.group, link.implied) for link in picture.links if link.breach}
    assert ("base.group_portal", "garden.group_visitor") in marked
    assert ("garden.group_visitor", "base.group_user") in marked
    assert ("garden.group_gardener", "base.group_user") not in marked


def test_cycles_and_unknown_groups_are_drawn() -> None:
    groups = dict(garden().groups)
    for one, other in (("a.one", "a.two"), ("a.two", "a.one"), ("a.self", "a.self"), ("a.lost", "not.read")):
        groups[one] = Group(origin=at(GROUPS), xmlid=one, name=one, implies=(Implication(other, at(GROUPS)),))
    picture = graph.picture(garden(groups=groups))
    assert {"a.one", "a.two", "a.lost", "not.read"} <= {node.group for node in picture.nodes}
    assert "a.self" in picture.alone
    assert ("a.two", "a.one") in {(link.group, link.implied) for link in picture.links}


def test_it_is_the_same_from_run_to_run() -> None:
    policy = garden(groups=many(60))
    assert graph.picture(policy, 500) == graph.picture(garden(groups=many(60)), 500)


def test_hostile_names_are_cut() -> None:
    groups = {
        each: Group(
            origin=at(GROUPS), xmlid=each, name=each, implies=(Implication("base.group_user", at(GROUPS)),)
        )
        for each in HOSTILE
    }
    picture = graph.picture(garden(groups={**garden().groups, **groups}))
    assert all(node.width < 320 for node in picture.nodes)


def test_nothing_to_place() -> None:
    empty = layout({}, [])
    assert empty.nodes == {}
    assert layout({"a": 10.0}, [("a", "b")], Size()).edges == {}
