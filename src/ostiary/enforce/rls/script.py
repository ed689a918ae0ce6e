"""`ostiary rls`: access rights and record rules of a policy's models as row security of PostgreSQL, in one
script."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from ostiary.enforce.rls import functions
from ostiary.enforce.rls.compiler import Renderer, Written
from ostiary.enforce.rls.conditions import Conditions
from ostiary.enforce.rls.functions import Functions
from ostiary.enforce.rls.placeholders import Placeholders
from ostiary.enforce.rls.refusals import Refusal, because
from ostiary.enforce.rls.store import Unopened
from ostiary.policy import MODES, Kind, Mode, Policy
from ostiary.policy.concerned import concerned
from ostiary.records.errors import Undecided
from ostiary.records.schema import Schema
from ostiary.records.schema.tables import name_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.store import Store

_NEW = "the check of a new record rests on what refers to it, which is not there yet when PostgreSQL checks"


@dataclass(frozen=True, slots=True)
class Guarded:
    """One model's table, and the condition of each mode that somebody has a right to; other modes are closed."""

    model: str
    table: str
    conditions: dict[Mode, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a script says. `functions` are the statements that make its functions, each with what it is about.

    Whoever writes the tables in `identity` says who is who, and whoever writes those in `read` what rules come to;
    both without the guarded ones.
    """

    policy: Policy
    place: str
    guarded: tuple[Guarded, ...]
    functions: tuple[tuple[str, str], ...]
    refusals: tuple[Refusal, ...]
    strict: bool = False
    identity: tuple[str, ...] = ()
    read: tuple[str, ...] = ()


def chosen_models(policy: Policy, patterns: Sequence[str] = (), skip: Sequence[str] = ()) -> list[str]:
    """The models whose tables are guarded: those that match a pattern, by default those that the modules
    asked about define, or give rights or rules on. Models without a table of their own are none of them."""
    known = [name for name, model in policy.models.items() if model.kind is not Kind.ABSTRACT]
    if patterns:
        found = {name for name in known if any(fnmatchcase(name, each) for each in patterns)}
    else:
        found = concerned(policy) & set(known)
        found = {name for name in found if policy.models[name].auto and not policy.models[name].table_query}
    return sorted(name for name in found if not any(fnmatchcase(name, each) for each in skip))


def plan(
    schema: Schema,
    models: Collection[str],
    *,
    place: str = "public",
    strict: bool = False,
    sizes: Store | None = None,
) -> Plan:
    """Work out the policies of the models. What can't be expressed is in `refusals`, and closed in `guarded`.

    `place` is the schema of the tables; `strict` checks a record after it was written too. `sizes` is an open
    store of the same tables. Raises Undecided where the tables of users, groups or companies are not known.
    """
    renderer = Renderer(Placeholders(), Functions(), place)
    store = Unopened(schema, Written(renderer, schema), sizes)
    conditions = Conditions(store, renderer)
    started, identity = functions.session_functions(schema, place)
    guarded: list[Guarded] = []
    refusals: list[Refusal] = []
    tables = _shared_tables(schema.policy)
    for model in sorted(models):
        try:
            with because(model, None):
                table = _table(schema, model, tables)
        except Refusal as refused:
            refusals.append(refused)
            continue
        found: dict[Mode, str] = {}
        for mode in MODES:
            try:
                condition = conditions.of(model, mode)
                if condition is not None:
                    with because(model, mode):
                        if mode is Mode.CREATE or (strict and mode is Mode.WRITE):
                            _check_new(condition, table, renderer)
                        found[mode] = renderer.condition(condition, table, f"{mode} of {model}")
            except Refusal as refused:
                refusals.append(refused)
        guarded.append(Guarded(model, table.name, found))
    made = renderer.functions.statements()
    held = {one.table for one in guarded}
    return Plan(
        schema.policy,
        place,
        tuple(guarded),
        (*started, *made),
        tuple(refusals),
        strict,
        tuple(sorted(identity - held)),
        tuple(sorted(renderer.read - identity - held)),
    )


def _shared_tables(policy: Policy) -> dict[str, list[str]]:
    """The models by table."""
    found: dict[str, list[str]] = {}
    for name, model in policy.models.items():
        if model.kind is not Kind.ABSTRACT:
            found.setdefault(name_of(model), []).append(name)
    return found


def _table(schema: Schema, model: str, tables: dict[str, list[str]]) -> sa.Table:
    """The model's table. Raises Undecided where it has none of its own."""
    definition = schema.definition(model)
    if not definition.auto or definition.table_query:
        raise Undecided("cannot be decided: its rows are those of a view, which has no row security")
    table = schema.model(model).table
    others = [name for name in tables.get(table.name, ()) if name != model]
    if others:
        raise Undecided(f"cannot be decided: model {others[0]} has the same table {table.name}")
    return table


def _check_new(condition: Condition, table: sa.Table, renderer: Renderer) -> None:
    """Raises Undecided where a row that is only being written is looked for by its id, in a tree or behind a
    link."""
    for element in visitors.iterate(condition):
        if isinstance(element, sa.BinaryExpression) and _is_id(element.left, table):
            for part in visitors.iterate(element.right):
                if isinstance(part, sa.Select):
                    raise Undecided(f"cannot be decided: {_NEW}")
                if isinstance(part, sa.BindParameter) and _moves(part.effective_value, renderer):
                    raise Undecided(f"cannot be decided: {_NEW}")
        elif isinstance(element, sa.Column) and element.table is table and element.name == "parent_path":
            raise Undecided(f"cannot be decided: {_NEW}")


def _is_id(left: object, table: sa.Table) -> bool:
    return isinstance(left, sa.Column) and left.table is table and left.name == "id"


def _moves(value: object, renderer: Renderer) -> bool:
    """Whether the ids are worked out from tables that the new row may be part of."""
    values: Iterable[object] = value if isinstance(value, list) else [value]
    held = [renderer.placeholders.find(one) for one in values]
    return any(one is not None and one.several and one.sql != functions.COMPANIES for one in held)
