"""The group graph: which groups are worth drawing, and the ways by which people from outside become internal users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ostiary.policy.audience import share_groups
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.report.layout import Edge, Layout, Point, Size, layout
from ostiary.report.text import line, place

MOST = 48
# The width of a letter in each of the two fonts, in pixels.
_TITLE = 7.7
_LABEL = 6.65
_LONGEST = 34


class Node(msgspec.Struct, frozen=True):
    """A group as drawn. `kind` is `share`, `internal`, `breach` (share users who become internal) or `other`."""

    group: str
    title: str
    label: str
    kind: str
    x: float
    y: float
    width: float
    height: float


class Link(msgspec.Struct, frozen=True):
    """An implied link as drawn. `path` is an SVG path; `breach` marks a link that lets share users become internal."""

    group: str
    implied: str
    path: str
    place: str
    breach: bool


class Picture(msgspec.Struct, frozen=True):
    """The drawing, the groups that stand alone, and how many were left out.

    `narrowed` is true where only what is around the share groups is drawn.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    alone: tuple[str, ...]
    left_out: int
    narrowed: bool
    width: int
    height: int


def breaches(policy: Policy) -> dict[Edge, str]:
    """The links by which portal or public users become internal ones, each with the group they start from."""
    found: dict[Edge, str] = {}
    for start in (PORTAL, PUBLIC, *sorted(policy.groups)):
        closed = closure(policy, (start,))
        if INTERNAL not in closed or closed.isdisjoint((PORTAL, PUBLIC)):
            continue
        goals = [INTERNAL] if start in (PORTAL, PUBLIC) else [INTERNAL, *({PORTAL, PUBLIC} & closed)]
        for goal in sorted(goals):
            here = start
            for link in chain(policy, start, goal) or ():
                found.setdefault((here, link.group), start)
                here = link.group
    return found


def chosen(policy: Policy, most: int = MOST) -> tuple[list[str], bool]:
    """The groups to draw: all around the audited modules, or, where these are too many, around the share groups.

    Also whether they were too many.
    """
    share = [group for group in share_groups(policy) if group in policy.groups]
    crossing = [group for edge in breaches(policy) for group in edge]
    near = _unique([*share, INTERNAL, *crossing, *_implied(policy, share), *_implying(policy, share)])
    audited = [name for name, group in policy.groups.items() if _audited(policy, group.origin.module)]
    wide = _unique([*near, *audited, *_implied(policy, audited)])
    if len(wide) <= most:
        return wide, False
    return near[: 2 * most], True


def picture(policy: Policy, most: int = MOST) -> Picture:
    """The group graph as drawn."""
    groups, narrowed = chosen(policy, most)
    drawn = set(groups)
    places = {
        (group, link.group): place(link.origin)
        for group in groups
        if group in policy.groups
        for link in policy.groups[group].implies
        if link.group in drawn and link.group != group
    }
    linked = {group for edge in places for group in edge}
    alone = tuple(group for group in groups if group not in linked)
    titles = {group: _title(policy, group) for group in groups if group in linked}
    widths = {group: _width(title, group) for group, title in titles.items()}
    size = Size()
    placed = layout(widths, places, size)
    crossing = breaches(policy)
    share = set(share_groups(policy))
    nodes = tuple(
        Node(
            group,
            titles[group],
            _cut(line(group)),
            _kind(group, share, crossing),
            *placed.nodes[group],
            widths[group],
            size.height,
        )
        for group in widths
    )
    links = tuple(
        Link(
            group,
            implied,
            _svg(placed, (group, implied)),
            places[group, implied],
            (group, implied) in crossing,
        )
        for group, implied in sorted(places, key=lambda edge: (edge in crossing, edge))
    )
    left_out = sum(group not in drawn for group in policy.groups)
    return Picture(nodes, links, alone, left_out, narrowed, round(placed.width), round(placed.height))


def _audited(policy: Policy, module: str) -> bool:
    known = policy.modules.get(module)
    return known is None or not (known.context or known.facts)


def _kind(group: str, share: set[str], crossing: dict[Edge, str]) -> str:
    if group in crossing.values():
        return "breach"
    if group in share:
        return "share"
    return "internal" if group == INTERNAL else "other"


def _implied(policy: Policy, groups: Sequence[str]) -> list[str]:
    return [link.group for group in groups if group in policy.groups for link in policy.groups[group].implies]


def _implying(policy: Policy, groups: Sequence[str]) -> list[str]:
    wanted = set(groups)
    return [
        name for name, group in policy.groups.items() if any(link.group in wanted for link in group.implies)
    ]


def _unique(groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(groups))


def _title(policy: Policy, group: str) -> str:
    known = policy.groups.get(group)
    if known is None or known.unresolved:
        return "not read"
    return _cut(line(known.name or group))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _width(title: str, group: str) -> float:
    return round(max(len(title) * _TITLE, len(_cut(line(group))) * _LABEL) + 26)


def _svg(placed: Layout, edge: Edge) -> str:
    points = placed.edges[edge]
    path = f"M{_number(points[0])}"
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (to_x - x) / 2
        path += f"C{_number((x + bend, y))} {_number((to_x - bend, to_y))} {_number((to_x, to_y))}"
    return path


def _number(point: Point) -> str:
    return f"{point[0]:.0f},{point[1]:.0f}"
