"""Audience: the share users (portal, public, or of no type) that a definition reaches."""

from __future__ import annotations

import msgspec

from ostiary.policy.definitions import Implication
from ostiary.policy.groups import chain, closure
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

EVERYONE = "everyone"
_LABELS = {PORTAL: "portal", PUBLIC: "public"}
_GROUPS = {label: group for group, label in _LABELS.items()}


class Audience(msgspec.Struct, frozen=True):
    """The share users a definition reaches; falsy where it reaches none.

    `labels` says it in the fewest words: `everyone`, `portal`, `public`, or the external id of a custom share
    group that none of the other labels stands for. `groups` are all the share groups reached.
    """

    labels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.labels)


def share_groups(policy: Policy) -> tuple[str, ...]:
    """Portal, public, and each group that brings one of them without `base.group_user`, in order of name.

    The two user types come first, and are there even where the policy doesn't hold them.
    """

    def find() -> tuple[str, ...]:
        custom = sorted(
            xmlid
            for xmlid in policy.groups
            if xmlid not in _LABELS and _is_share_group(closure(policy, (xmlid,)))
        )
        return (PORTAL, PUBLIC, *custom)

    return remembered(policy, ("share groups",), find)


def _is_share_group(closed: frozenset[str]) -> bool:
    return not closed.isdisjoint(_LABELS) and INTERNAL not in closed


def audience_of(policy: Policy, group: str | None) -> Audience:
    """The share users that a definition bound to this group reaches, through implied groups too.

    None is the group of a groupless definition: it reaches every user, whatever their type.
    """
    if group is None:
        return Audience(labels=(EVERYONE,), groups=share_groups(policy), everyone=True)

    def find() -> Audience:
        reached = [xmlid for xmlid in share_groups(policy) if group in closure(policy, (xmlid,))]
        labels = [xmlid for xmlid in reached if not _stands_behind(policy, xmlid, reached)]
        return Audience(labels=tuple(_LABELS.get(xmlid, xmlid) for xmlid in labels), groups=tuple(reached))

    return remembered(policy, ("audience", group), find)


def _stands_behind(policy: Policy, xmlid: str, reached: list[str]) -> bool:
    """Whether another reached group brings this one's holders in: it is implied (or is first in a cycle)."""
    implied = closure(policy, (xmlid,))
    return any(
        other != xmlid
        and other in implied
        and (xmlid not in closure(policy, (other,)) or reached.index(other) < reached.index(xmlid))
        for other in reached
    )


def audience_chain(policy: Policy, label_group: str, group: str) -> tuple[Implication, ...] | None:
    """How the share users behind a label (`portal`, or an external id) come to hold a group: see `chain`."""
    return chain(policy, _GROUPS.get(label_group, label_group), group)
