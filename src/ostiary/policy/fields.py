"""Field groups: who may use a field, once the model's records are theirs to use.

Source: `fields.Field.is_accessible`, `setup_related`, `models._add_inherited_fields`. `groups` is a
specification such as `a,b,!c`; `.` closes the field to everybody but the superuser.
"""

from __future__ import annotations

import msgspec

from ostiary.policy.definitions import Field
from ostiary.policy.groups import has_groups, named_groups
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of
from ostiary.policy.subject import Subject, holds

AUTOMATIC = ("id", "display_name", "create_uid", "create_date", "write_uid", "write_date")


class UnknownField(LookupError):
    """The model has no such field, or was not read."""


class FieldGroups(msgspec.Struct, frozen=True):
    """The specification that guards a field and the field that states it.

    `owner` is the model and `field` the field whose definition carries the groups: another one for a related
    field or one of an `_inherits` parent. `known` is false where a field on the way, or the class that would
    say its groups, was not read.
    """

    spec: str | None
    owner: str
    field: Field | None
    known: bool = True


def field_access(policy: Policy, subject: Subject, model: str, field: str, debug: bool = False) -> bool:
    """Whether the subject may use the field, as far as field groups say: `Field.is_accessible`.

    Access rights and record rules of the model are another matter. Raises UnknownField where the policy
    doesn't have the field. False where a group that was not read decides; `may_use` tells the two apart.
    """
    return may_use(policy, subject, model, field, debug) is True


def may_use(policy: Policy, subject: Subject, model: str, field: str, debug: bool = False) -> bool | None:
    """As `field_access`; None where a group or a related field that was not read decides."""
    guard = field_groups(policy, model, field)
    if subject.superuser:
        return True
    if not guard.spec:
        return True if guard.known else None
    semantics = policy.semantics
    perhaps = {name for name in named_groups(guard.spec) if holds(policy, subject, name) is None}
    low = has_groups(guard.spec, subject.groups, semantics, debug)
    if not perhaps:
        return low
    # More groups can only add a positive or a veto: where none changes the answer alone, none does together.
    others = (has_groups(guard.spec, subject.groups | {name}, semantics, debug) for name in sorted(perhaps))
    return low if all(other == low for other in others) else None


def field_groups(policy: Policy, model: str, field: str) -> FieldGroups:
    """What guards a field: its own groups, else those of the field it is related to or inherited from.

    Raises UnknownField where the policy doesn't have the field.
    """
    return remembered(policy, ("field groups", model, field), lambda: _guard(policy, model, field, ()))


def _guard(policy: Policy, model: str, field: str, path: tuple[tuple[str, str], ...]) -> FieldGroups:
    definition = find_field(policy, model, field)
    if definition is None:
        if field in AUTOMATIC and model in policy.models:
            return FieldGroups(None, model, None)
        raise UnknownField(f"{model} has no field {field} in what was read.")
    if definition.groups is not None or (model, field) in path:
        return FieldGroups(definition.groups, model, definition)
    target = _target(policy, model, definition)
    if definition.groups_unread:
        return FieldGroups(None, model, definition, known=False)
    if target is None:
        return FieldGroups(None, model, definition, known=not definition.related)
    try:
        found = _guard(policy, *target, (*path, (model, field)))
    except UnknownField:
        return FieldGroups(None, model, definition, known=False)
    return found if found.spec or not found.known else FieldGroups(None, model, definition)


class Behind(msgspec.Struct, frozen=True):
    """A model that a field's value is read from and written to with the user's own access rights.

    `path` leads there. `delegated` is true for an `_inherits` parent, whose rules bind the record anyway.
    """

    model: str
    path: str
    delegated: bool


def models_behind(policy: Policy, model: str, field: str) -> tuple[Behind, ...]:
    """The models whose access rights a field needs besides those of its own.

    A field of an `_inherits` parent needs the parent's; a related field that is not stored and has
    `related_sudo=False` needs those of each model on its way. Other fields need none: related fields are
    computed as superuser, stored ones are columns.
    """
    definition = find_field(policy, model, field)
    if definition is None:
        return ()
    if definition.inherited or field not in policy.models[model].fields:
        for parent, link in parents_of(policy, model).items():
            if find_field(policy, parent, field) is not None:
                return (Behind(parent, link, True), *models_behind(policy, parent, field))
    if not definition.related or definition.store or definition.related_sudo:
        return ()
    found: list[Behind] = []
    here, hops = model, definition.related.split(".")[:-1]
    for count, hop in enumerate(hops, 1):
        step = find_field(policy, here, hop)
        if step is None or step.comodel is None:
            break
        here = step.comodel
        found.append(Behind(here, ".".join(hops[:count]), False))
    return tuple(found)


def find_field(policy: Policy, model: str, field: str) -> Field | None:
    """The field of a model, or of a model it delegates to."""
    return _find(policy, model, field, frozenset())


def _find(policy: Policy, model: str, field: str, seen: frozenset[str]) -> Field | None:
    definition = policy.models.get(model)
    if definition is None or model in seen:
        return None
    if field in definition.fields:
        return definition.fields[field]
    found = (_find(policy, parent, field, seen | {model}) for parent in parents_of(policy, model))
    return next((one for one in found if one is not None), None)


def _target(policy: Policy, model: str, definition: Field) -> tuple[str, str] | None:
    """The model and field that a related or inherited field takes its value from; None where there is none or
    the way to it was not read."""
    if definition.related:
        here = model
        *hops, last = definition.related.split(".")
        for hop in hops:
            link = find_field(policy, here, hop)
            if link is None or link.comodel is None:
                return None
            here = link.comodel
        return here, last
    if definition.inherited or definition.name not in policy.models[model].fields:
        for parent in parents_of(policy, model):
            if find_field(policy, parent, definition.name) is not None:
                return parent, definition.name
    return None
