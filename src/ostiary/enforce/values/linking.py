"""Links between records: that they exist, that they may be made, and the paths of hierarchies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.enforce import refusals
from ostiary.enforce.errors import AccessError, UserError, ValidationError
from ostiary.enforce.verbs import checks
from ostiary.policy import Mode
from ostiary.policy.fields import find_field
from ostiary.records.errors import RecordsError, Undecided

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment

MAX_DEPTH = 500
"""How deep a hierarchy may be."""


def check_links(
    env: Environment, model: str, links: Mapping[str, tuple[str, int]], *, given_by: Collection[str]
) -> None:
    """Raises ValidationError where a many2one is set to a record that isn't there, as PostgreSQL does in an Odoo. In a
    strict environment AccessError where the user gave one that they may not read."""
    for field, (comodel, one) in links.items():
        if not _there(env, comodel, one):
            raise ValidationError(f"{model}.{field} is set to {comodel} {one}, which does not exist")
        if env.strict and not env.su and field in given_by:
            check_readable(env, model, field, comodel, [one])


def check_readable(env: Environment, model: str, field: str, comodel: str, ids: Sequence[int]) -> None:
    """Raises AccessError where the session may not read one of the records that are linked, Undecided where that can't
    be known. Their own row is everybody's to link."""
    if comodel == "res.users" and list(ids) == [env.uid]:
        return
    try:
        checks.check_right(env, comodel, Mode.READ)
        checks.check_rules(env, comodel, Mode.READ, list(ids))
    except AccessError as error:
        raise refusals.by_link(env.session, model, field, comodel, error.ids or tuple(ids)) from None
    except Undecided as error:
        asked = f"whether they may read {comodel}, to put it into {field} of {model}"
        reason = str(error).removeprefix("cannot be decided: ")
        text = f"cannot be decided: {asked}: {reason[:1].lower()}{reason[1:]}"
        raise Undecided(text, error.model, error.field) from None


def check_reference(env: Environment, model: str, field: str, value: str) -> None:
    """Raises ValidationError where a reference names a record that isn't there, AccessError where the session may not
    read it. Odoo asks neither, so that only a strict environment does."""
    comodel, _, number = value.partition(",")
    one = int(number)
    if comodel not in env.policy.models or not _there(env, comodel, one):
        raise ValidationError(f"{model}.{field} is set to {comodel:.60} {one}, which does not exist")
    check_readable(env, model, field, comodel, [one])


def _there(env: Environment, model: str, one: int) -> bool:
    try:
        table = env.schema.model(model)
    except (RecordsError, Undecided):
        return True  # its rows are not in a table that Ostiary made
    store = env.transaction.store
    return bool(store.rows(sa.select(sa.literal(1)).select_from(table.table).where(table.id == one)))


def write_related(env: Environment, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    """Write to related fields that are not stored: to the records they lead to, with the session's own rights
    (`Field._inverse_related`). Raises UserError for one that is readonly."""
    for name, value in values.items():
        definition = find_field(env.policy, model, name)
        assert definition is not None
        if definition.readonly or not definition.related:
            raise UserError(f"{model}.{name} shows a value of another record, and is not written here")
        *hops, last = definition.related.split(".")
        for one in ids:
            target: Any = env[model].browse(one)
            for hop in hops:
                target = target[hop][:1]
            if target:
                target.write({last: value})


# ------------------------------------------------------------------------------------ hierarchies


def place(env: Environment, model: str, ids: Sequence[int]) -> None:
    """Write `parent_path` of records and all below them, after their parents changed. Raises UserError where a record
    would lie below itself."""
    table = env.schema.model(model)
    name = table.parent_name
    if find_field(env.policy, model, name) is None or name not in table.table.c:
        return
    parent = table.table.c[name]
    stored = table.parent_store and "parent_path" in table.table.c
    for one in ids:
        above = _ancestors(env, table, parent, one)
        if stored:
            path = "".join(f"{each}/" for each in reversed(above))
            _move(env, table, one, path)


def _ancestors(env: Environment, table: Any, parent: sa.Column[Any], one: int) -> list[int]:
    """The record and its ancestors, the nearest first."""
    store = env.transaction.store
    chain = [one]
    while True:
        rows = store.rows(sa.select(parent).where(table.id == chain[-1]))
        above = rows[0][0] if rows else None
        if above is None:
            return chain
        if above in chain:
            raise UserError(f"{table.name} {one} can't be below itself")
        if len(chain) >= MAX_DEPTH:
            raise UserError(f"{table.name} {one} lies below more than {MAX_DEPTH} others")
        chain.append(above)


def _move(env: Environment, table: Any, one: int, path: str) -> None:
    """Give a record its path, and those below it the beginning of theirs."""
    column = table.table.c.parent_path
    store = env.transaction.store
    rows = store.rows(sa.select(column).where(table.id == one))
    old = rows[0][0] if rows else None
    if old == path:
        return
    transaction = env.transaction
    if old:
        rest = sa.func.substr(column, len(old) + 1)
        below = sa.and_(column.startswith(old, autoescape=True), table.id != one)
        transaction.execute(sa.update(table.table).where(below).values(parent_path=sa.literal(path) + rest))
    transaction.execute(sa.update(table.table).where(table.id == one).values(parent_path=path))
