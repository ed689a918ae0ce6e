"""Copying records: what is read as the user, and created as the user.

Source: `models.copy_data`, `copy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ostiary.enforce.errors import MissingError, UserError
from ostiary.enforce.values import given
from ostiary.enforce.verbs import checks
from ostiary.policy import Mode, Policy
from ostiary.policy.definitions import Field
from ostiary.policy.fields import find_field
from ostiary.policy.rules import parents_of

if TYPE_CHECKING:
    from ostiary.enforce.recordset import Records

MAX_DEPTH = 20


def copy(records: Records, default: Mapping[str, Any]) -> Records:
    """See `Records.copy`."""
    checks.check_right(records.env, records._name, Mode.CREATE)
    made = [records.create(data(record, default, 0)) for record in records]
    return records.browse([one.id for one in made])


def data(record: Records, default: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """The values for a copy of one record, read as the user. Raises AccessError for what they may not read."""
    if depth > MAX_DEPTH:
        raise UserError(f"{record._name} {record.id} has lines of lines without end")
    env, model = record.env, record._name
    if not record.exists():
        raise MissingError(f"{model} {record.id} does not exist, so there is nothing to copy")
    found = dict(default)
    links = _parent_links(env.policy, model, MAX_DEPTH)
    for name, field in env.policy.models[model].fields.items():
        if name in default or name in given.MAGIC or name in links or not copied(field):
            continue
        if field.inherited and _lent(env.policy, model, name, default):
            continue  # a parent that is given has its own values
        value = record[name]
        if field.type == "one2many":
            lines = [data(record.env[value._name].browse(one), {}, depth + 1) for one in sorted(value.ids)]
            found[name] = [(0, 0, _without(line, field.inverse)) for line in lines]
        elif field.type == "many2many":
            found[name] = [(6, 0, value.ids)]
        elif field.type == "many2one":
            found[name] = value.id
        else:
            found[name] = value
    return found


def copied(field: Field) -> bool:
    """Whether Odoo copies a field: what is stored, not computed, and not lines, unless the class says otherwise."""
    if not field.store and not field.inherited:
        return False
    if field.copy is not None:
        return field.copy
    if field.compute or (field.related and not field.inherited):
        return field.store and not field.readonly
    return field.type != "one2many"


def _parent_links(policy: Policy, model: str, depth: int) -> set[str]:
    """The links to the parents of a model, and to theirs."""
    found: set[str] = set()
    for parent, link in parents_of(policy, model).items() if depth else ():
        found |= {link, *_parent_links(policy, parent, depth - 1)}
    return found


def _lent(policy: Policy, model: str, name: str, default: Mapping[str, Any]) -> bool:
    """Whether an inherited field is one of a parent that is given."""
    return any(
        link in default and find_field(policy, parent, name) is not None
        for parent, link in parents_of(policy, model).items()
    )


def _without(values: dict[str, Any], name: str | None) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
