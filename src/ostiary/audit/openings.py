"""Who reads records of companies that are not their own: the audiences for whom no rule keeps companies apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from ostiary.audit.companies import (
    compares_own_companies,
    keeps_companies,
    mentions_company,
)
from ostiary.audit.limits import about_user
from ostiary.domain import Opaque, opaques
from ostiary.policy.definitions import Mode
from ostiary.policy.effective import Effective, effective, relevant_groups
from ostiary.policy.groups import closure, user_type_conflict
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import rights_on
from ostiary.policy.semantics import INTERNAL, USER_TYPES
from ostiary.policy.subject import Subject

_ADMINISTRATORS = frozenset({"base.group_system", "base.group_erp_manager"})


class Gap(IntEnum):
    """How far an audience gets beyond its companies, the widest last.

    `OWN`: to what is tied to the user. `UNREAD`: it can't be told. `CONDITION`: to records that something
    else singles out beside a company rule. `ALL`: no company is compared.
    """

    OWN = 1
    UNREAD = 2
    CONDITION = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """An audience that reads records of companies that aren't its own, and what lets it."""

    group: str
    share: bool
    gap: Gap
    found: Effective


def openings(policy: Policy, model: str) -> tuple[Opening, ...]:
    """The audiences for whom nothing keeps companies apart when they read the model, the widest gap first.

    What ties records to the user will do where some rule compares companies, and for share users.
    """

    def find() -> tuple[Opening, ...]:
        found = [
            one for group in readers_of(policy, model) if (one := _opening(policy, group, model)) is not None
        ]
        compared = any(mentions_company(rule.domain) for rule in policy.rules_by_model.get(model, ()))
        kept = [one for one in found if one.gap is not Gap.OWN or not (one.share or compared)]
        return tuple(sorted(kept, key=lambda one: -one.gap))

    return remembered(policy, ("audit company openings", model), find)


def readers_of(policy: Policy, model: str) -> Iterator[str]:
    """A group for each sort of user that may read the model, administrators apart, the plainest first.

    Groups above the one that a right names are among them, since their rules widen what it shows.
    """
    rights = rights_on(policy, model, Mode.READ)
    if not rights:
        return
    relevant = relevant_groups(policy, model, Mode.READ)
    named = {right.group for right in rights}
    everybody = None in named
    seen: set[frozenset[str]] = set()
    for group, held in _kinds_of_user(policy):
        if not everybody and held.isdisjoint(name for name in named if name):
            continue
        sort = (held & relevant) | held.intersection(USER_TYPES)
        if sort not in seen:
            seen.add(sort)
            yield group


def _kinds_of_user(policy: Policy) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each group that a user who is no administrator can have, with all that user holds, the plainest first."""

    def find() -> tuple[tuple[str, frozenset[str]], ...]:
        groups = dict.fromkeys((*USER_TYPES, *sorted(policy.groups)))
        kinds = [(group, held_by(policy, group)) for group in groups]
        kept = [
            (group, held)
            for group, held in kinds
            if _ADMINISTRATORS.isdisjoint(held) and not user_type_conflict(held)
        ]
        return tuple(sorted(kept, key=lambda kind: len(kind[1])))

    return remembered(policy, ("audit kinds of user",), find)


def held_by(policy: Policy, group: str) -> frozenset[str]:
    """What a user with this group holds: whoever has no user type of their own is an internal user."""
    held = closure(policy, (group,))
    return held if not held.isdisjoint(USER_TYPES) else held | closure(policy, (INTERNAL,))


def _opening(policy: Policy, group: str, model: str) -> Opening | None:
    held = held_by(policy, group)
    found = effective(policy, Subject(name=group, groups=held), model, Mode.READ)
    if keeps_companies(found.domain) or any(
        isinstance(part, Opaque) and part.invalid for part in opaques(found.domain)
    ):  # what Odoo refuses shows nobody anything, and is rule-invalid's to report
        return None
    kept = keeps_companies(found.domain, about_user)
    if kept:
        gap = Gap.OWN
    elif kept is None:
        gap = Gap.UNREAD
    else:
        gap = Gap.CONDITION if compares_own_companies(found.domain) else Gap.ALL
    return Opening(group, INTERNAL not in held, gap, found)
