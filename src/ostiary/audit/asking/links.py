"""Chains of implied groups, and which link of one to blame."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.audit.finding import Evidence
from ostiary.policy.definitions import Implication
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

Step = tuple[str, Implication]


def steps(start: str, way: Sequence[Implication]) -> list[Step]:
    """A chain as pairs: who implies, and the link."""
    found: list[Step] = []
    for link in way:
        found.append((start, link))
        start = link.group
    return found


def closing_link(policy: Policy, links: Sequence[Step]) -> Step:
    """The link that was added last, by the order modules are loaded in: without it there was no way."""
    order = remembered(
        policy, ("audit order",), lambda: {name: place for place, name in enumerate(policy.modules)}
    )
    return max(links, key=lambda step: order.get(step[1].origin.module, -1))


def linked(links: Sequence[Step]) -> list[Evidence]:
    """A chain as evidence."""
    return [Evidence(f"{holder} implies {link.group}", link.origin) for holder, link in links]
