"""Creating records: `create` and the defaults it fills in.

Source: `models.create`, `_create`, `default_get`. The access right is asked first, the row is inserted with its lines
and links, and then record rules are asked of what came of it, values that rules read among it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.enforce.errors import InvalidError, ValidationError
from ostiary.enforce.rows import cached
from ostiary.enforce.values import accounts, commands, companies, derived, given, linking
from ostiary.enforce.values.given import LOG, Given
from ostiary.enforce.verbs import checks
from ostiary.policy import Mode
from ostiary.policy.definitions import Field
from ostiary.policy.fields import find_field
from ostiary.policy.rules import parents_of
from ostiary.records.schema import Column, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

_FALSY: dict[str, Any] = {"boolean": False, "integer": 0, "float": 0.0, "monetary": 0.0}
"""What Odoo stores for a number or a boolean that nobody gave."""


def create(records: Records, values_list: Sequence[Mapping[str, Any]], owner: str = "") -> list[int]:
    """See `Records.create`. `owner` names the field that holds the record whose line this becomes: that it may be
    linked was settled when the user was let to change it."""
    env, model = records.env, records._name
    if not values_list:
        return []
    env.note("create", model)
    env.transaction.check_writable()
    checks.check_right(env, model, Mode.CREATE)
    if env.strict or env.policy.semantics.field_groups_on_create:
        _check_fields(env, model, values_list)
    with env.transaction.savepoint():
        ids = [_made(env, model, values, owner) for values in values_list]
        env.transaction.changed()
        checks.check_rules(env, model, Mode.CREATE, ids)
        for one, values in zip(ids, values_list, strict=True):
            linking.write_related(env, model, [one], given.sort(env, model, values).related)
        companies.check(env, model, ids, None)
        accounts.check_types(env, model, ids, {name for values in values_list for name in values})
    cached.keep(env, model, env.policy.models[model].fields, ids)
    return ids


def _check_fields(env: Environment, model: str, values_list: Sequence[Mapping[str, Any]]) -> None:
    """Ask for the right to use the fields that are given, and those that the context gives a default for."""
    named = dict.fromkeys(name for values in values_list for name in values)
    prefix = "default_"
    for key in env.context:
        if key.startswith(prefix) and find_field(env.policy, model, key[len(prefix) :]) is not None:
            named[key[len(prefix) :]] = None
    for name in named:
        if name not in given.MAGIC and find_field(env.policy, model, name) is not None:
            checks.check_field(env, model, name, Mode.CREATE)


def _made(env: Environment, model: str, values: Mapping[str, Any], owner: str) -> int:
    """Insert one record with its parents, lines and links. Raises InvalidError, ValidationError and what the
    creation of others raises."""
    full = _with_defaults(env, model, values)
    found = given.sort(env, model, full)
    _parents(env, model, found)
    by_user = [name for name in found.links if name in values or f"default_{name}" in env.context]
    linking.check_links(env, model, found.links, given_by=[name for name in by_user if name != owner])
    _required(env, model, found)
    row = {**_falsy(env, model), **found.row, **_logged(env, model)}
    for name, value in found.by_company.items():
        row[_column(env, model, name)] = {str(companies.current(env)): value} if value is not None else None
    table = env.schema.model(model).table
    made = env.transaction.execute(sa.insert(table).values({k: v for k, v in row.items() if k in table.c}))
    assert made.inserted_primary_key is not None
    one = int(made.inserted_primary_key[0])
    linking.place(env, model, [one])
    env.transaction.changed()
    derived.created(env, model, one, values)
    context = {key: value for key, value in env.context.items() if not key.startswith("default_")}
    inside = env if len(context) == len(env.context) else env.derived(context=context)
    for name, given_commands in found.commands.items():
        commands.apply(inside, model, name, [one], given_commands, creating=True)
    derived.linked(env, model, one)
    derived.check_known(env, model, one, full)
    return one


def _parents(env: Environment, model: str, found: Given) -> None:
    """Create the records that are delegated to, or write to those whose links are given, with the user's rights."""
    parents = parents_of(env.policy, model)
    if parents:
        _check_ends(env, model)
    for parent, link in parents.items():
        values = found.inherited.get(link, {})
        column = _column(env, model, link)
        if found.row.get(column) is None:
            made = env[parent].create(values)
            found.row[column] = made.id
        elif values:
            env[parent].browse(found.row[column]).write(values)


def _check_ends(env: Environment, model: str) -> None:
    """Raises InvalidError where the models that are delegated to lead back: no record could be made first."""
    seen: set[str] = set()
    todo = list(parents_of(env.policy, model))
    while todo:
        one = todo.pop()
        if one == model:
            raise InvalidError(f"{model} inherits from itself through {', '.join(sorted(seen)) or model}")
        if one not in seen:
            seen.add(one)
            todo += parents_of(env.policy, one)


def _column(env: Environment, model: str, name: str) -> str:
    kind = env.schema.field(model, name)
    if not isinstance(kind, Column) or kind.column is None:
        raise InvalidError(f"{model}.{name} is not stored")
    return kind.column.name


def _logged(env: Environment, model: str) -> dict[str, Any]:
    if not env.policy.models[model].log_access:
        return {}
    moment = given.now()
    return dict(zip(LOG, (env.uid, moment, env.uid, moment), strict=True))


def _own_columns(env: Environment, model: str) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name, field in env.policy.models[model].fields.items():
        if field.store and not field.inherited and name not in given.MAGIC:
            kind = env.schema.field(model, name)
            if (
                isinstance(kind, Column)
                and kind.column is not None
                and kind.storage is not Storage.BY_COMPANY
            ):
                found[name] = kind
    return found


def _falsy(env: Environment, model: str) -> dict[str, Any]:
    return {
        kind.column.name: _FALSY[kind.type]
        for kind in _own_columns(env, model).values()
        if kind.type in _FALSY and kind.column is not None
    }


def _required(env: Environment, model: str, found: Given) -> None:
    """Raises ValidationError where a required field has no value, unless only Python would know one."""
    for name, kind in _own_columns(env, model).items():
        definition = env.policy.models[model].fields[name]
        if not definition.required or kind.type in _FALSY or definition.compute or definition.related:
            continue
        if definition.default == "<python>" or kind.column is None:
            continue
        if found.row.get(kind.column.name) is None:
            raise ValidationError(f"{model} needs a value for {name}")


# ------------------------------------------------------------------------------------ defaults


def _with_defaults(env: Environment, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those of defaults. A parent whose link is given is not given defaults."""
    lent = {link for link in parents_of(env.policy, model).values() if values.get(link)}
    wanted = []
    for name, field in env.policy.models[model].fields.items():
        if name in values or name in given.MAGIC:
            continue
        if field.inherited and (lent or f"default_{name}" not in env.context):
            continue  # the parent's own creation gives it
        wanted.append(name)
    return {**default_get_of(env, model, wanted), **values}


def default_get(records: Records, fields: Sequence[str]) -> dict[str, Any]:
    """See `Records.default_get`."""
    return default_get_of(records.env, records._name, fields)


def default_get_of(env: Environment, model: str, fields: Sequence[str]) -> dict[str, Any]:
    """The defaults of fields, as far as they are known: of the context, of the class, and true for `active`."""
    found: dict[str, Any] = {}
    for name in fields:
        key = f"default_{name}"
        if key in env.context:
            found[name] = env.context[key]
            continue
        field = find_field(env.policy, model, name)
        if field is None:
            continue
        value = _default(env, field)
        if value is not None:
            found[name] = value
        elif name == env.schema.model(model).active and field.default is None:
            found[name] = True
    return found


def _default(env: Environment, field: Field) -> Any:
    """The value of a default that was read; None where there is none, or only Python gives it."""
    text = field.default
    if text is None or text == "<python>":
        return None
    if text == "<user>":
        return env.uid
    if text == "<company>":
        return companies.current(env)
    if text == "<companies>":
        return list(env.session.companies)
    if text == "<today>":
        return given.now().date()
    if text == "<now>":
        return given.now()
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
