"""Circles of groups that imply each other, found in one walk over all links."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.policy.policy import Policy


def circles(policy: Policy) -> Iterator[tuple[str, ...]]:
    """The sets of two groups or more each of which implies all the others, each sorted, in order of name.

    In time that grows with the number of links (Kosaraju's two walks), since a file may hold very many.
    """
    back: dict[str, list[str]] = {}
    for name, group in policy.groups.items():
        for link in group.implies:
            if link.group in policy.groups:
                back.setdefault(link.group, []).append(name)
    placed: set[str] = set()
    found = []
    for start in reversed(_finished(policy)):
        waiting, together = [start], []
        while waiting:
            name = waiting.pop()
            if name not in placed:
                placed.add(name)
                together.append(name)
                waiting += back.get(name, ())
        if len(together) > 1:
            found.append(tuple(sorted(together)))
    yield from sorted(found)


def _finished(policy: Policy) -> list[str]:
    """All groups, each after those it implies that were not met before it."""
    seen: set[str] = set()
    order: list[str] = []
    for start in sorted(policy.groups):
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(policy.groups[start].implies))]
        while path:
            name, links = path[-1]
            following = next((link.group for link in links if link.group not in seen), None)
            if following is None:
                order.append(name)
                path.pop()
                continue
            seen.add(following)
            if following in policy.groups:
                path.append((following, iter(policy.groups[following].implies)))
    return order
