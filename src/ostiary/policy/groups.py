"""Groups: what they imply, how, and who satisfies a specification such as `a,b,!c`.

Sources: `res.groups.implied_ids`, `res.users.has_groups` (18, 19), `models.user_has_groups` (17).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from ostiary.policy.definitions import Implication
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, USER_TYPES, Semantics

DEBUG_GROUP = "base.group_no_one"


def closure(policy: Policy, xmlids: Iterable[str]) -> frozenset[str]:
    """The groups given and all they imply, at any distance.

    Cycles are tolerated, as in Odoo; an external id the policy doesn't know stays in the result and implies
    nothing.
    """
    return frozenset().union(*(_closure_of(policy, xmlid) for xmlid in xmlids))


def _closure_of(policy: Policy, xmlid: str) -> frozenset[str]:
    def walk() -> frozenset[str]:
        seen = {xmlid}
        todo = [xmlid]
        while todo:
            group = policy.groups.get(todo.pop())
            for link in group.implies if group else ():
                if link.group not in seen:
                    seen.add(link.group)
                    todo.append(link.group)
        return frozenset(seen)

    return remembered(policy, ("closure", xmlid), walk)


def chain(policy: Policy, start: str, goal: str) -> tuple[Implication, ...] | None:
    """The shortest path of implied links from one group to another, each link with its origin.

    `()` where start is goal; None where start doesn't imply goal. Among paths of one length, the one
    whose links were defined first.
    """
    reached: dict[str, tuple[Implication, ...]] = {start: ()}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        if here == goal:
            return reached[here]
        group = policy.groups.get(here)
        for link in group.implies if group else ():
            if link.group not in reached:
                reached[link.group] = (*reached[here], link)
                todo.append(link.group)
    return None


def has_groups(spec: str, groups: Collection[str], semantics: Semantics, debug: bool = False) -> bool:
    """Whether someone who holds `groups` (a closed set) satisfies a specification such as `a,b,!c`.

    One held `!group` vetoes; then one held group is enough; a specification of only negatives holds for
    everybody else. An external id that doesn't exist is held by nobody, `.` by nobody at all, and
    `base.group_no_one` counts only in debug mode. Odoo: `has_groups` (18, 19), `user_has_groups` (17).
    """
    if semantics.dot_denies and spec == ".":
        return False
    names = [name.strip() for name in spec.split(",")]
    positives = [name for name in names if not name.startswith("!")]
    negatives = [name[1:] for name in names if name.startswith("!")]
    held = groups if debug else _without_debug_group(groups)
    if any(name in held for name in negatives):
        return False
    return not positives or any(name in held for name in positives)


def _without_debug_group(groups: Collection[str]) -> Collection[str]:
    return frozenset(groups) - {DEBUG_GROUP} if DEBUG_GROUP in groups else groups


def named_groups(spec: str | None) -> tuple[str, ...]:
    """The external ids a specification names, negated or not, in its order; `.` names none."""
    names = (name.strip().removeprefix("!") for name in (spec or "").split(","))
    return tuple(dict.fromkeys(name for name in names if name and name != "."))


def is_share(groups: Collection[str]) -> bool:
    """Whether a closed set makes a share user: one that isn't internal (`res.users.share`)."""
    return INTERNAL not in groups


def user_type_conflict(groups: Collection[str]) -> tuple[str, ...]:
    """The user types in a closed set where there are several, which Odoo refuses on a user; else `()`."""
    found = tuple(name for name in USER_TYPES if name in groups)
    return found if len(found) > 1 else ()
