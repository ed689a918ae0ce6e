"""Binaries kept as attachments: whether there is one is known, but not what is in it.

Source: `Binary.read`, which looks for the attachment of the record and field as superuser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostiary.policy.paths import field_of
from ostiary.records.errors import RecordsError, Undecided
from ostiary.records.memory.checks import Check, Member, member
from ostiary.records.memory.columns import Computed
from ostiary.records.schema import Inherited, Kind, Lines, Python

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env, Values

_NEGATED = {"=": False, "in": False, "!=": True, "not in": True}


def attached_check(env: Env, values: Values, operator: str, operand: Any) -> Check:
    """The check of a term that asks whether a binary is set. Raises Undecided for any other term on one."""
    operands = operand if isinstance(operand, list) else [operand]
    if operator not in _NEGATED or not operands or any(one is not False for one in operands):
        raise Undecided("cannot be decided: the content of attachments is not read")
    found = Member(values, frozenset((False,)), _NEGATED[operator])
    return member(found) if env.su else Check(found.call(), False, True)


def attached_values(env: Env, model: str, name: str) -> Values | None:
    """Whether each record has an attachment for the field; None for a field whose content isn't one."""
    if "." in name or name in ("id", "display_name"):
        return None
    try:
        kind = env.kind(model, name)
    except RecordsError:
        return None
    if kind.type not in ("binary", "image") or env.source.given(model, name) is not None:
        return None
    key = name + " (attached)"
    if isinstance(kind, Inherited):
        parent = str(env.kind(model, kind.link).comodel)
        values = attached_values(env, parent, name)
        if values is None:
            return None
        return env.kept(model, key, lambda: _of_parent(env, model, kind.link, values), name)
    return env.kept(model, key, lambda: _owned(env, kind), name) if _is_attached(env, kind) else None


def _is_attached(env: Env, kind: Kind) -> bool:
    policy = env.source.schema.policy
    field = field_of(policy, kind.model, kind.name)
    return "ir.attachment" in policy.models and isinstance(kind, Python) and field is not None and field.store


def _of_parent(env: Env, model: str, link: str, values: Values) -> Values:
    ids = env.related_ids(model, link)
    return Computed(lambda record: bool(found := ids(record)) and values[found[0]])


def _owned(env: Env, kind: Kind) -> Values:
    sudo, model = env.sudo(), "ir.attachment"
    field = sudo.column(model, "res_field")
    beside = sudo.source.related(
        Lines(kind.model, " attachments", "one2many", model, inverse="res_id", model_field="res_model")
    )
    return Computed(lambda record: any(field[one] == kind.name for one in beside[record]))
