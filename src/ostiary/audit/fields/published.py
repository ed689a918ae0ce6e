"""Which fields carry a value from where it is protected: related ones, and those that Odoo computes as superuser.

Source: `fields.Field.setup_related` and `_compute_related` (`related_sudo`, true unless said otherwise), `compute_sudo`
(true for stored fields unless said otherwise).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.readers import reads_field, reads_model
from ostiary.policy.definitions import Field, Kind, Model
from ostiary.policy.fields import field_groups, find_field
from ostiary.policy.policy import Policy

# What a value that is worked out from another one still tells of it.
_TELLING = frozenset(
    {"float", "integer", "monetary", "char", "text", "html", "date", "datetime", "selection"}
)
_NAMES = frozenset({"id", "name", "display_name", "complete_name"})


@dataclass(frozen=True, slots=True)
class Published:
    """A protected value that a field carries: `path` leads from the field's model to `field` of `model`.

    `groups` protect it, or, where it is None, that the audience may not read the model. `copied` is true for the value
    as it is, false for one that was worked out from it; `limited` is true where the audience may read the model.
    """

    path: str
    model: str
    field: Field
    groups: str | None
    copied: bool
    limited: bool = False


def published(
    policy: Policy, label: str, model: Model, field: Field, *, limited: bool = False
) -> Iterator[Published]:
    """The protected values that a field of a model shows to an audience that may read that model.

    With `limited`, also those of models that the audience may read: record rules may keep these back.
    """
    if field.inherited or reads_field(policy, label, model.name, field.name) is not True:
        return
    for path, copied in _taken(field):
        found = _end(policy, model.name, path)
        if found is None or found[1].name in _NAMES or found[1] is field:
            continue
        owner, target = found
        if not copied and target.type not in _TELLING:
            continue
        guard = field_groups(policy, owner, target.name)
        if guard.spec and reads_field(policy, label, owner, target.name) is False:
            yield Published(path, owner, target, guard.spec, copied)
        elif owner != model.name and _stays(policy, owner):
            readable = reads_model(policy, label, owner)
            if readable is False or (readable and limited):
                yield Published(path, owner, target, None, copied, limited=bool(readable))


def _taken(field: Field) -> Iterator[tuple[str, bool]]:
    """The paths that a field takes its value from as superuser, and whether it is that very value."""
    if field.related:
        if field.store or field.related_sudo:
            yield field.related, True
    elif field.compute and field.type in _TELLING:
        sudo = field.store if field.compute_sudo is None else field.compute_sudo
        for path in field.depends if sudo else ():
            yield path, False


def _end(policy: Policy, model: str, path: str) -> tuple[str, Field] | None:
    """The model and field that a path leads to; None where a part of it was not read."""
    here, steps = model, path.split(".")
    for step in steps[:-1]:
        link = find_field(policy, here, step)
        if link is None or link.comodel is None:
            return None
        here = link.comodel
    last = find_field(policy, here, steps[-1])
    return None if last is None else (here, last)


def _stays(policy: Policy, model: str) -> bool:
    known = policy.models.get(model)
    return known is not None and known.kind is Kind.MODEL and not known.unresolved
