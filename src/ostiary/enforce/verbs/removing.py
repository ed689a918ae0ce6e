"""Deleting records: `unlink`, and what goes with them.

Source: `models.unlink`. What a foreign key would do in an Odoo's PostgreSQL is done here: links that say so are deleted
or emptied with the record, without asking anybody, or keep it from being deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ostiary.enforce import people
from ostiary.enforce.errors import InvalidError, UserError
from ostiary.enforce.values import derived
from ostiary.enforce.verbs import checks
from ostiary.policy import Kind, Mode
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Links, Schema, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

MAX_DEPTH = 40
"""How far deletions follow one another."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that holds ids of a model, and what becomes of its rows when one is deleted."""

    model: str
    field: str
    column: sa.Column[object]
    action: str


def unlink(records: Records) -> bool:
    """See `Records.unlink`."""
    env, model = records.env, records._name
    if not records:
        return True
    if len(records.ids) != len(records):
        raise InvalidError(f"a record of {model} that is not stored can't be deleted")
    env.note("unlink", model)
    env.transaction.check_writable()
    checks.check_right(env, model, Mode.UNLINK)
    ids = list(dict.fromkeys(records.ids))
    checks.check_rules(env, model, Mode.UNLINK, ids)
    with env.transaction.savepoint():
        _delete(env, model, ids, 0)
        env.transaction.changed()
    return True


def _delete(env: Environment, model: str, ids: Sequence[int], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UserError(
            f"deleting {model} {ids[0]} would delete a longer chain of records than is done at once"
        )
    transaction = env.transaction
    table = env.schema.model(model)
    for start in range(0, len(ids), BATCH):
        some = list(ids[start : start + BATCH])
        # First the rows themselves, so that a circle of records that are deleted with each other ends.
        transaction.execute(
            sa.delete(table.table).where(transaction.store.sql.among(table.id, some, sa.Integer()))
        )
        _follow(env, model, some, depth)


def _follow(env: Environment, model: str, ids: Sequence[int], depth: int) -> None:
    """What becomes of the rows that link to deleted records."""
    transaction = env.transaction
    store = transaction.store
    references, links = _references(env, model)
    for one in references:
        among = store.sql.among(one.column, list(ids), sa.Integer())
        table = one.column.table
        rows = store.rows(sa.select(table.c.id).where(among))
        if not rows:
            continue
        if one.action == "restrict":
            raise UserError(
                f"{model} {ids[0]} can't be deleted: field {one.field} of a record of {one.model} needs it"
            )
        if one.action == "cascade":
            _delete(env, one.model, [row[0] for row in rows], depth + 1)
        else:
            transaction.execute(sa.update(table).where(among).values({one.column.name: None}))
            transaction.changed()
            derived.written(env, one.model, [row[0] for row in rows], [one.field])
    for column in links:
        transaction.execute(sa.delete(column.table).where(store.sql.among(column, list(ids), sa.Integer())))
    known = people.external_ids(env.schema)
    if known.name in tables(env):
        named = store.sql.among(known.c.res_id, list(ids), sa.Integer())
        transaction.execute(sa.delete(known).where(known.c.model == model, named))


def tables(env: Environment) -> frozenset[str]:
    """The tables there are."""
    transaction = env.transaction
    if transaction.tables is None:
        transaction.tables = frozenset(sa.inspect(transaction.connection).get_table_names())
    return transaction.tables


def _references(env: Environment, model: str) -> tuple[list[Reference], list[sa.Column[object]]]:
    """What links to a model, in tables that there are: many2one columns, and columns of relation tables."""
    there = tables(env)
    columns, links = _all_references(env.schema).get(model, ([], []))
    return (
        [one for one in columns if one.column.table.name in there],
        [column for column in links if column.table.name in there],
    )


Linked = dict[str, tuple[list[Reference], list["sa.Column[object]"]]]


def _all_references(schema: Schema) -> Linked:
    kept: Linked | None = schema.policy.__dict__.get("_enforce_references")
    if kept is not None:
        return kept
    found: Linked = {}
    for model in schema.policy.models.values():
        if model.kind is not Kind.ABSTRACT:
            _collect(schema, model.name, found)
    schema.policy.__dict__["_enforce_references"] = found
    return found


def _collect(schema: Schema, model: str, found: Linked) -> None:
    for name, field in schema.policy.models[model].fields.items():
        if (
            field.type not in ("many2one", "many2many")
            or not field.comodel
            or field.inherited
            or not field.store
        ):
            continue
        try:
            kind = schema.field(model, name)
        except RecordsError:
            continue
        if isinstance(kind, Column) and kind.column is not None and kind.storage is Storage.PLAIN:
            action = field.ondelete or ("restrict" if field.required else "set null")
            found.setdefault(str(kind.comodel), ([], []))[0].append(
                Reference(model, name, kind.column, action)
            )
        elif isinstance(kind, Links) and kind.own is not None and kind.other is not None:
            found.setdefault(model, ([], []))[1].append(kind.own)
            found.setdefault(str(kind.comodel), ([], []))[1].append(kind.other)
