"""Trees of records: what is below or above some of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeAlias

from ostiary.records.errors import Fails
from ostiary.records.memory.convert import RELATIONAL
from ostiary.records.paths import path_ids
from ostiary.records.schema import Column, Lines, Storage

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

InTree: TypeAlias = frozenset[int] | Callable[[int], bool]
"""The ids of a tree, or a test of an id."""


def tree(env: Env, model: str, parent: str | None, operator: str, ids: Collection[int]) -> InTree:
    """What is below (`child_of`) or above (`parent_of`) the records, themselves included.

    `parent` is the field that leads to the parent, None for the model's own. Followed as superuser, archived
    records too. Raises Fails where Odoo does: for a model without parent field, for a record that is not there.
    """
    if not ids:
        return frozenset()
    env = env.sudo().active_test(False)
    schema = env.source.schema
    table = schema.model(model)
    own = parent is None or parent == table.parent_name
    if table.parent_store and (own or not schema.semantics.own_hierarchy_needs_path):
        return _below_path(env, model, ids) if operator == "child_of" else _above_path(env, model, ids)
    name = parent or table.parent_name
    _check(env, model, name, operator)
    return _below(env, model, name, ids) if operator == "child_of" else _above(env, model, name, ids)


def _check(env: Env, model: str, name: str, operator: str) -> None:
    strict = not env.source.schema.semantics.python_predicates
    try:
        kind = env.kind(model, name)
    except Fails as error:
        raise Fails("KeyError" if strict or operator == "parent_of" else "ValueError", name) from error
    if kind.type not in RELATIONAL:
        raise Fails("ValueError" if operator == "child_of" else "AttributeError", f"{name} is no relation")
    if strict and kind.comodel != model:
        if operator == "child_of":
            raise Fails("ValueError", f"Invalid parent field: {model}.{name}")
        raise Fails("TypeError", f"inconsistent models in: {kind.comodel} - {model}")


def _below(env: Env, model: str, name: str, ids: Collection[int]) -> frozenset[int]:
    children = _children(env, model, name)
    found = set(ids)
    level: Iterable[int] = sorted(found)
    while level:
        below = {child for one in level for child in children(one)} - found
        found |= below
        level = sorted(below)
    return frozenset(found)


def _children(env: Env, model: str, name: str) -> Callable[[int], Collection[int]]:
    """The records whose field `name` holds a record."""
    kind = env.kind(model, name)
    plain = isinstance(kind, Column) and kind.storage is Storage.PLAIN and kind.comodel == model
    if not plain:
        holding: dict[int, list[int]] = {}
        related = env.related_ids(model, name)
        for record in env.source.ids(model):
            for one in related(record):
                holding.setdefault(one, []).append(record)
        return lambda record: holding.get(record, ())
    found = env.source.related(Lines(model, f"(below by {name})", "one2many", model, inverse=name))

    def children(record: int) -> Collection[int]:
        return found[record] if env.source.exists(model, record) else ()

    return children


def _above(env: Env, model: str, name: str, ids: Collection[int]) -> frozenset[int]:
    comodel = str(env.kind(model, name).comodel)
    here = env.related_ids(model, name)
    # 19 goes on in the other model where the parent is one of another, by its field of the same name.
    beyond = here if comodel == model else None
    found: set[int] = set()
    level: Collection[int] = sorted(ids)
    parents = here
    while level:
        found.update(level)
        level = sorted({parent for one in level for parent in parents(one)} - found)
        if level and beyond is None:
            _check(env, comodel, name, "parent_of")
            parents = beyond = env.related_ids(comodel, name)
    return frozenset(found)


def _paths(env: Env, model: str, ids: Collection[int]) -> list[str]:
    column = env.column(model, "parent_path")
    found = [column[one] for one in sorted(ids)]
    if not all(isinstance(path, str) for path in found):
        raise Fails("TypeError", f"a record of {model} has no parent_path")
    return [str(path) for path in found]


def _below_path(env: Env, model: str, ids: Collection[int]) -> Callable[[int], bool]:
    prefixes = tuple(_paths(env, model, ids))
    column = env.column(model, "parent_path")
    return lambda record: bool(path := column[record]) and path.startswith(prefixes)


def _above_path(env: Env, model: str, ids: Collection[int]) -> frozenset[int]:
    return frozenset(one for path in _paths(env, model, ids) for one in path_ids(path))
