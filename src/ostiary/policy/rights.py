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

    Rows that are uncertain are left out. Empty where nothing does. The superuser needs none: ask `may` for
    the verdict.
    """
    return tuple(
        right
        for right in rights_on(policy, model, mode)
        if (right.group is None or right.group in subject.groups) and not right.uncertain
    )


def possibly_granting(policy: Policy, subject: Subject, model: str, mode: Mode) -> tuple[AccessRight, ...]:
    """The rows that may give it: their group is one the subject may hold, or they could not be read in full."""
    held = tuple(
        right
        for right in rights_on(policy, model, mode)
        if not right.uncertain
        if right.group is not None and holds(policy, subject, right.group) is None
    )
    return (*held, *uncertain_rights(policy, model))


def uncertain_rights(policy: Policy, model: str) -> tuple[AccessRight, ...]:
    """The rows on the model that a value which could not be read may change: whom they let do what is open."""

    def index() -> dict[str, tuple[AccessRight, ...]]:
        found: dict[str, list[AccessRight]] = defaultdict(list)
        for right in policy.rights:
            if right.uncertain:
                found[right.model].append(right)
        return {name: tuple(rights) for name, rights in found.items()}

    return remembered(policy, ("uncertain rights",), index).get(model, ())


def rights_on(policy: Policy, model: str, mode: Mode) -> tuple[AccessRight, ...]:
    """Every active row that gives this mode on the model, to whomever."""

    def find() -> tuple[AccessRight, ...]:
        return tuple(right for right in policy.rights_by_model.get(model, ()) if mode in right.modes)

    return remembered(policy, ("rights", model, mode), find)


def may(policy: Policy, subject: Subject, model: str, mode: Mode) -> bool | None:
    """What Odoo's access-right check answers, before any record rule: `ir.model.access.check`.

    None where it can't be told: the model is only mentioned or summarized, or a group of the subject or a
    right that was not read in full may bring it.
    """
    if subject.superuser or granting(policy, subject, model, mode):
        return True
    open_ = model_unread(policy, model) or summary_of(policy, model) is not None
    return None if open_ or possibly_granting(policy, subject, model, mode) else False


def model_unread(policy: Policy, model: str) -> bool:
    """Whether the module that defines the model was not read: its rights and rules aren't all known."""
    found = policy.models.get(model)
    return found is None or found.unresolved


def summary_of(policy: Policy, model: str) -> str | None:
    """The module that defines the model, where only a bundled summary of it was read: not all of its rights
    and rules are known. None otherwise."""
    found = policy.models.get(model)
    if found is None or not found.modules:
        return None
    summaries = [name for name in found.modules if name in policy.modules and policy.modules[name].facts]
    if summaries and (found.modules[0] in summaries or found.partial):
        return summaries[0]
    return None
