"""Access rights: which rows of `ir.model.access` let a subject do something with a model.

Rows only ever add (`ir.model.access._get_allowed_models`): one active row with the mode, of no group or of a
group the subject holds, is enough, and what no row gives is denied, to administrators too. Transient models
obey the same rows; abstract models have none and so are closed.
"""

from __future__ import annotations

from collections import defaultdict

from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.subject import Subject, holds


def granting(policy: Policy, subject: Subject, model: str, mode: Mode) -> tuple[AccessRight, ...]:
    """The active rows that give the subject this mode on the model, groupless ones too, in loading order.

    Empty where nothing does. The superuser needs none: ask `may` for the verdict.
    """
    return tuple(
        right
        for right in rights_on(policy, model, mode)
        if right.group is None or right.group in subject.groups
    )


def possibly_granting(policy: Policy, subject: Subject, model: str, mode: Mode) -> tuple[AccessRight, ...]:
    """The rows whose group the subject may hold, through a group of theirs that was not read."""
    return tuple(
        right
        for right in rights_on(policy, model, mode)
        if right.group is not None and holds(policy, subject, right.group) is None
    )


def rights_on(policy: Policy, model: str, mode: Mode) -> tuple[AccessRight, ...]:
    """Every active row that gives this mode on the model, to whomever."""

    def index() -> dict[tuple[str, Mode], tuple[AccessRight, ...]]:
        found: dict[tuple[str, Mode], list[AccessRight]] = defaultdict(list)
        for name, rights in policy.rights_by_model.items():
            for right in rights:
                for given in right.modes:
                    found[name, given].append(right)
        return {key: tuple(rights) for key, rights in found.items()}

    return remembered(policy, ("rights",), index).get((model, mode), ())


def may(policy: Policy, subject: Subject, model: str, mode: Mode) -> bool | None:
    """What Odoo's access-right check answers, before any record rule: `ir.model.access.check`.

    None where it can't be told: the model is only mentioned, or a group of the subject that was not read may
    bring the right.
    """
    if subject.superuser or granting(policy, subject, model, mode):
        return True
    return None if model_unread(policy, model) or possibly_granting(policy, subject, model, mode) else False


def model_unread(policy: Policy, model: str) -> bool:
    """Whether the module that defines the model was not read: its rights and rules aren't all known."""
    found = policy.models.get(model)
    return found is None or found.unresolved
