"""The steps of an application's groups: user, officer, manager; and which group is an administrator's."""

from __future__ import annotations

import re

from ostiary.policy.groups import closure
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import USER_TYPES

# Whoever may give groups to users can give themselves all of them, so that the two are worth the same.
SETTINGS = "base.group_system"
ACCESS_RIGHTS = "base.group_erp_manager"
ADMINISTRATORS = (SETTINGS, ACCESS_RIGHTS)
_HIDDEN = "base.module_category_hidden"
_MANAGER = re.compile(r"(?:^|[^a-z])(?:manager|administrators?|admin|director|superuser)(?:$|[^a-z])")


def administrators_reached(policy: Policy, group: str) -> str | None:
    """The administrator's group that users of a group hold as well; None where they don't."""
    held = closure(policy, (group,))
    return next((name for name in ADMINISTRATORS if name in held), None)


def named_manager(policy: Policy, group: str) -> bool:
    """Whether a group's name or external id calls it a manager's or an administrator's."""
    known = policy.groups.get(group)
    words = f"{group.partition('.')[2]} {known.name if known else ''}".lower().replace("_", " ")
    return bool(_MANAGER.search(words))


def same_ladder(policy: Policy, one: str, other: str) -> bool:
    """Whether two groups are steps of one application: of one category, or of one module where they have none."""
    if one in USER_TYPES or other in USER_TYPES:
        return False
    return _ladder(policy, one) == _ladder(policy, other)


def _ladder(policy: Policy, group: str) -> str:
    known = policy.groups.get(group)
    if known is not None and known.category and known.category != _HIDDEN:
        return known.category
    return group.partition(".")[0]


def below(policy: Policy, group: str) -> frozenset[str]:
    """The steps under a group in its own application, whatever other groups imply."""

    def walk() -> frozenset[str]:
        seen: set[str] = set()
        waiting = [group]
        while waiting:
            known = policy.groups.get(waiting.pop())
            for link in known.implies if known else ():
                if link.group not in seen and same_ladder(policy, group, link.group):
                    seen.add(link.group)
                    waiting.append(link.group)
        return frozenset(seen - {group})

    return remembered(policy, ("audit below", group), walk)


def is_manager(policy: Policy, group: str) -> bool:
    """Whether a group is called a manager's and stands above another one of its application, with none above it."""
    return named_manager(policy, group) and bool(below(policy, group)) and not _above(policy, group)


def _above(policy: Policy, group: str) -> bool:
    lower = below(policy, group)
    return any(
        other not in lower and same_ladder(policy, group, other) and group in below(policy, other)
        for other in policy.groups
        if other != group
    )


def words(policy: Policy, group: str) -> str:
    """`“Library / Administrator” (library.group_manager)`, or the external id alone."""
    known = policy.groups.get(group)
    return f"“{known.name}” ({group})" if known and known.name and known.name != group else group
