"""Whom a rule binds, as groups that one can ask about: share groups and groups of internal users apart."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import group_of, weight
from ostiary.audit.finding import Severity
from ostiary.audit.rules.openings import held_by
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.groups import user_type_conflict
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.rules import applicable
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.policy.subject import Subject

_LABELS = {PORTAL: "portal", PUBLIC: "public", INTERNAL: "internal"}


def holders(policy: Policy, group: str) -> Iterator[str]:
    """Who holds a group: itself where internal users can, and the share groups that bring it."""
    if is_internal(policy, group):
        yield group
    for label in audience_of(policy, group).labels:
        found = group_of(label)
        if found is not None:
            yield found


def is_internal(policy: Policy, group: str) -> bool:
    """Whether whoever holds the group is an internal user."""
    held = held_by(policy, group)
    return INTERNAL in held and not user_type_conflict(held)


def label_of(group: str) -> str:
    """How a finding names who holds a group."""
    return _LABELS.get(group, group)


def asked_as(group: str) -> str:
    """How facts and proofs know who holds a group."""
    label = label_of(group)
    return group if label == "internal" else label


def rated_as(policy: Policy, group: str) -> str:
    """The audience whose gravity counts for who holds a group."""
    return "internal" if is_internal(policy, group) else label_of(group)


def shown_to(policy: Policy, label: str, model: str) -> Severity:
    """How grave it is that share users read every record of a model.

    What is only discussed is low for visitors too: who reads a record doesn't read the messages on it.
    """
    found = severity(policy, label, model, Mode.READ)
    return min(found, Severity.LOW) if weight(policy, model) is Weight.DISCUSSED else found


def granted(policy: Policy, group: str, model: str, mode: Mode) -> bool:
    """Whether an access right lets in who holds a group."""
    return bool(granting(policy, subject_of(policy, group), model, mode))


def binding(policy: Policy, group: str, model: str, mode: Mode) -> tuple[RecordRule, ...]:
    """The group rules of the model that bind who holds a group."""
    return remembered(
        policy,
        ("audit binding", group, model, mode),
        lambda: tuple(applicable(policy, subject_of(policy, group), model, mode).group),
    )


def subject_of(policy: Policy, group: str) -> Subject:
    """Somebody who holds a group and what it implies."""
    return Subject(name=group, groups=held_by(policy, group))
