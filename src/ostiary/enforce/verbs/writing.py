"""Writing to records: `write`.

Source: `models.write`. Rights, field groups and record rules are asked of the records as they are before; Odoo asks
nothing of what becomes of them, a strict environment does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.enforce import who
from ostiary.enforce.errors import InvalidError, ValidationError
from ostiary.enforce.rows import cached
from ostiary.enforce.values import accounts, commands, companies, derived, given, linking
from ostiary.enforce.values.given import Given
from ostiary.enforce.verbs import checks
from ostiary.policy import Mode
from ostiary.policy.fields import find_field
from ostiary.records.schema import Column

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

BATCH = 500
"""How many rows one statement names."""


def write(records: Records, values: Mapping[str, Any]) -> bool:
    """See `Records.write`."""
    env, model = records.env, records._name
    if not records:
        return True
    if len(records.ids) != len(records):
        raise InvalidError(f"a record of {model} that is not stored can't be written to")
    env.note("write", model)
    env.transaction.check_writable()
    records, values = accounts.own_fields(records, values)
    env = records.env
    names = [name for name in values if name not in given.MAGIC]
    ids = list(dict.fromkeys(records.ids))
    # 17 asks for rights, fields, then rules; 18 and 19 for rights and rules first.
    fields_first = env.policy.semantics.series == "17.0"
    checks.check_right(env, model, Mode.WRITE)
    if fields_first:
        _check_fields(env, model, names)
    checks.check_rules(env, model, Mode.WRITE, ids)
    if not fields_first:
        _check_fields(env, model, names)
    who.check_defined(env, model, ids, names)
    with env.transaction.savepoint():
        found = given.sort(env, model, values)
        linking.check_links(env, model, found.links, given_by=values)
        _required(env, model, found)
        _columns(env, model, ids, found)
        _elsewhere(env, model, ids, found)
        env.transaction.changed()
        derived.written(env, model, ids, names)
        accounts.check_types(env, model, ids, names)
        if env.strict:
            checks.check_rules(env, model, Mode.WRITE, _still_there(records, ids), after=True)
        if _compares(env, model, names):
            companies.check(env, model, ids, names)
    cached.keep(env, model, names, ids)
    return True


def _check_fields(env: Environment, model: str, names: Sequence[str]) -> None:
    for name in names:
        if find_field(env.policy, model, name) is None:
            raise InvalidError(f"{model} has no field {name}")
        checks.check_field(env, model, name, Mode.WRITE)


def _required(env: Environment, model: str, found: Given) -> None:
    for name, field in env.policy.models[model].fields.items():
        if field.required and name in found.row and found.row[name] is None:
            raise ValidationError(f"{model} needs a value for {name}")


def _columns(env: Environment, model: str, ids: Sequence[int], found: Given) -> None:
    """Write the values that are in the model's own table."""
    table = env.schema.model(model)
    row = dict(found.row)
    if env.policy.models[model].log_access:
        row |= {"write_uid": env.uid, "write_date": given.now()}
    row = {name: value for name, value in row.items() if name in table.table.c}
    store = env.transaction.store
    for start in range(0, len(ids), BATCH):
        some = store.sql.among(table.id, list(ids[start : start + BATCH]), sa.Integer())
        if row:
            env.transaction.execute(sa.update(table.table).where(some).values(row))
    for name, value in found.by_company.items():
        _by_company(env, model, ids, name, value)
    if table.parent_name in found.row:
        linking.place(env, model, ids)
    env.transaction.changed()


def _by_company(env: Environment, model: str, ids: Sequence[int], name: str, value: Any) -> None:
    """Write what holds for the current company, beside what holds for others."""
    kind = env.schema.field(model, name)
    assert isinstance(kind, Column)
    assert kind.column is not None
    table = env.schema.model(model)
    company = str(companies.current(env))
    store = env.transaction.store
    among = store.sql.among(table.id, list(ids), sa.Integer())
    asked: Any = sa.select(table.id, kind.column).where(among)
    rows = store.rows(asked)
    for one, old in rows:
        new = dict(old) if isinstance(old, dict) else {}
        if value is None:
            new.pop(company, None)
        else:
            new[company] = value
        env.transaction.execute(
            sa.update(table.table).where(table.id == one).values({kind.column.name: new or None})
        )


def _elsewhere(env: Environment, model: str, ids: Sequence[int], found: Given) -> None:
    """Write what is in other tables: of parents, lines, links and related records, with the session's own rights."""
    for link, values in found.inherited.items():
        parents = env[model].browse(ids)._sudo_quietly().mapped(link).with_env(env)
        parents.write(values)
    for name, value in found.commands.items():
        commands.apply(env, model, name, ids, value)
    if found.related:
        linking.write_related(env, model, ids, found.related)


def _still_there(records: Records, ids: Sequence[int]) -> list[int]:
    return records.browse(ids).exists().ids


def _compares(env: Environment, model: str, names: Sequence[str]) -> bool:
    """Whether something was written that decides which companies go together."""
    fields = env.policy.models[model].fields
    return any(name == "company_id" or (name in fields and fields[name].check_company) for name in names)
