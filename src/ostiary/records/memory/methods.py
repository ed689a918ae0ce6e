"""Values that methods of Odoo's own modules compute, written down: what `sql.methods` is for searching.

For what declared facts (a path, a condition, a template of a name) can't say. Each holds for the versions it names,
unless a module is there that is known to change it, or the class was read and has another method. All speak of a
session without keys in its context but `active_test`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ostiary.policy.paths import field_of

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

Show: TypeAlias = Callable[[int], Any]
Method: TypeAlias = Callable[["Env"], Show]

_UNNAMED = (None, "<python>")


@dataclass(frozen=True, slots=True)
class Written:
    """A method and what it holds for: its name in Odoo, the versions, the modules that change what it does."""

    method: Method
    name: str
    versions: frozenset[str]
    unless: tuple[str, ...]


_METHODS: dict[tuple[str, str], list[Written]] = {}


def find(env: Env, model: str, field: str) -> Show | None:
    """The value of a field by the record's id, None where no method is written down for it."""
    from ostiary.records.memory import amounts, shown  # noqa: F401 - they register what they hold

    schema = env.source.schema
    for one in _METHODS.get((model, field), ()):
        if schema.semantics.version not in one.versions or any(
            name in schema.policy.modules for name in one.unless
        ):
            continue
        definition = field_of(schema.policy, model, field)
        if definition is None or definition.compute in (*_UNNAMED, one.name):
            return one.method(env)
    return None


def method(
    model: str, field: str, name: str, *, versions: Iterable[str] = ("17", "18"), unless: tuple[str, ...] = ()
) -> Callable[[Method], Method]:
    """Registers what the method `name` computes for a field of a model."""

    def register(found: Method) -> Method:
        written = Written(found, name, frozenset(versions), unless)
        _METHODS.setdefault((model, field), []).append(written)
        return found

    return register


def at(env: Env, model: str, path: str) -> Show:
    """The value at the end of a path of many2ones; False where one of them is not set."""
    *links, last = path.split(".")
    hops = []
    for link in links:
        hops.append(env.column(model, link))
        model = str(env.kind(model, link).comodel)
    column = env.column(model, last)

    def value(record: int) -> Any:
        for hop in hops:
            record = hop[record]
            if not record:
                return False
        return column[record]

    return value
