"""Records that are only in memory (`new`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostiary.records.errors import Undecided

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.records.schema import Kind


class NewId:
    """The id of a record that has no row: it holds the values itself, and equals nothing else."""

    __slots__ = ("values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "<new>"


def value_of(env: Environment, model: str, name: str, one: NewId) -> Any:
    """What a field of such a record holds: what it was given, else the default, as Python reads it.

    Raises Undecided for what Odoo would compute, ValidationError for a value that the field can't hold.
    Source: `Field.__get__`, its last branches.
    """
    from ostiary.enforce.verbs.creating import default_get_of
    from ostiary.policy.fields import find_field
    from ostiary.records.schema import Column, Lines, Links

    definition = find_field(env.policy, model, name)
    if name == "display_name" or definition is None:
        raise _undecided(model, name)
    kind = env.schema.field(model, name)
    if name in one.values:
        return _given(env, kind, one.values[name])
    if definition.compute or definition.default == "<python>" or not isinstance(kind, Column | Lines | Links):
        raise _undecided(model, name)
    return _given(env, kind, default_get_of(env, model, [name]).get(name, False))


def _given(env: Environment, kind: Kind, value: Any) -> Any:
    from ostiary.enforce.recordset import Records
    from ostiary.enforce.values.given import convert
    from ostiary.records.memory.convert import X2MANY, converter
    from ostiary.records.schema import Column

    if isinstance(value, Records):
        return value
    if isinstance(kind, Column):
        return converter(kind.type)(convert(env, kind, value))
    if kind.type in X2MANY:
        return _linked(kind, value)
    return value


def _linked(kind: Kind, value: Any) -> tuple[int, ...]:
    """The records that commands come to, where they only link what there is."""
    found: dict[int, None] = {}
    for command in value or ():
        if isinstance(command, int):
            found[command] = None
        elif command[0] == 4:
            found[command[1]] = None
        elif command[0] in (5, 6):
            found = dict.fromkeys(command[2] if command[0] == 6 else ())
        else:
            raise _undecided(kind.model, kind.name)
    return tuple(found)


def _undecided(model: str, name: str) -> Undecided:
    return Undecided(f"cannot be decided: {model}.{name} of a record that is not stored", model, name)
