"""Who may read a model, and which of its fields: the audiences that a check of fields asks about.

Labels are those of findings: `portal`, `public`, `everyone`, a share group, and `internal` for all internal users.
"""

from __future__ import annotations

from ostiary.audit.asking.facts import group_of, groups_held, rights_for_shares
from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.fields import UnknownField, may_use
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting, may
from ostiary.policy.semantics import INTERNAL
from ostiary.policy.subject import Subject

INSIDERS = "internal"


def known_as(label: str) -> str:
    """The label as facts and proofs know the audience: internal users go by their group there."""
    return INTERNAL if label == INSIDERS else label


def readers(policy: Policy, model: str) -> dict[str, AccessRight]:
    """The audiences that an access right lets read a model, share users first, each with a right that does.

    Internal users are listed where each of them may read it.
    """

    def build() -> dict[str, dict[str, AccessRight]]:
        found: dict[str, dict[str, AccessRight]] = {}
        for right, audience in rights_for_shares(policy):
            if Mode.READ in right.modes and not right.uncertain:
                for label in audience.labels:
                    found.setdefault(right.model, {}).setdefault(label, right)
        return found

    shares = remembered(policy, ("audit readers",), build).get(model, {})
    inside = granting(policy, subject_of(policy, INSIDERS), model, Mode.READ)
    if EVERYONE in shares or not inside:
        return shares
    return {**shares, INSIDERS: inside[0]}


def subject_of(policy: Policy, label: str) -> Subject:
    """Somebody of an audience, who holds nothing but what everybody of it holds."""
    known = known_as(label)
    return Subject(name=group_of(known) or label, groups=groups_held(policy, known))


def reads_field(policy: Policy, label: str, model: str, field: str) -> bool | None:
    """Whether field groups let an audience use a field. None where that was not read."""
    try:
        return may_use(policy, subject_of(policy, label), model, field)
    except UnknownField:
        return None


def reads_model(policy: Policy, label: str, model: str) -> bool | None:
    """Whether an access right lets an audience read a model. None where that was not read."""
    return may(policy, subject_of(policy, label), model, Mode.READ)
