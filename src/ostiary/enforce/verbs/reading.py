"""Reading values: attributes, `read`, `mapped`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import TRUE, Domain
from ostiary.enforce import refusals
from ostiary.enforce.errors import InvalidError
from ostiary.enforce.rows import cached
from ostiary.enforce.values.new import NewId, value_of
from ostiary.enforce.verbs import checks, naming
from ostiary.policy import Mode
from ostiary.policy.fields import AUTOMATIC, find_field
from ostiary.records.errors import RecordsError, Refused, Undecided
from ostiary.records.memory.convert import (
    RELATIONAL,
    UNREADABLE,
    X2MANY,
    Referenced,
    converter,
    expected,
    null_of,
)
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

CLASSIC = "_classic_read"
_ENGLISH = "en_US"


@dataclass(frozen=True, slots=True)
class Plan:
    """How fields are read: those that are columns as they are, with the row; all others by their values."""

    names: tuple[str, ...]
    plain: Mapping[str, Column]

    def columns(self, table: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """The columns of the plain fields, in order, on the model's table or an alias of it."""
        return [table.c[kind.column.name] for kind in self.plain.values() if kind.column is not None]


def automatic(name: str) -> bool:
    return name in AUTOMATIC


# ------------------------------------------------------------------------------------ several fields


def read(records: Records, fields: Sequence[str] | None, load: str | None) -> list[dict[str, Any]]:
    """See `Records.read`."""

    env, model = records.env, records._name
    if not records:
        return []
    env.note("read", model)
    names = named(records, fields)
    ids = records.ids
    with checks.explained(env, model, Mode.READ):
        plan = planned(env, model, names)
        asked = _by_id(env, model, plan, ids)
        rows = {row[0]: row for row in env.transaction.store.rows(asked)} if asked is not None else {}
    refuse_hidden(records, rows)
    return formatted(env, model, plan, [rows[one] for one in ids if one in rows], load)


def _by_id(env: Environment, model: str, plan: Plan, ids: Sequence[int]) -> sa.Select[Any] | None:
    """The statement that reads records; None where the session can read none of them."""
    from ostiary.enforce.rows import statements
    from ostiary.enforce.verbs.finding import id_in, selected

    def build(domain: Domain = TRUE) -> sa.Select[Any]:
        found = selected(env, model, domain, by_id=True)
        table = found.scope.table
        return sa.select(found.scope.id, *plan.columns(table)).select_from(table).where(found.where)

    if env.access.decides_search(env.session, model):
        found = selected(env, model, id_in(ids), by_id=True)
        return None if found.empty else build(id_in(ids))
    rules = env.access.rule_domain(env.session, model, Mode.READ)
    base = statements.kept(env, (model, TRUE, rules, tuple(plan.plain), "by id"), build)
    return base.where(env.transaction.store.sql.among(env.schema.model(model).table.c.id, ids, sa.Integer()))


def refuse_hidden(records: Records, found: Mapping[int, object]) -> None:
    """Raises AccessError where a record that isn't among what was found exists all the same."""
    from ostiary.enforce.verbs.finding import existing

    env = records.env
    missing = [one for one in records.ids if one not in found]
    if not missing:
        return
    hidden = tuple(existing(records.browse(missing)))
    if hidden:
        raise refusals.by_rule(env.access, env.session, records._name, Mode.READ, hidden)


def named(records: Records, fields: Sequence[str] | None) -> tuple[str, ...]:
    """The fields to read: the given ones, which the session must be allowed to use, else all that it may and that are
    stored."""
    env, model = records.env, records._name
    if fields is None:
        definition = env.policy.models[model]
        return tuple(
            name for name in definition.fields if checks.may_use(env, model, name) and known(env, model, name)
        )
    for name in listed(model, fields):
        if not exists(env, model, name):
            raise InvalidError(f"{model} has no field {name}")
        checks.check_field(env, model, name, Mode.READ)
    return tuple(dict.fromkeys(fields))


def listed(model: str, fields: Any) -> Sequence[Any]:
    """The fields, if they come as a list. Raises InvalidError else."""
    if isinstance(fields, str) or not isinstance(fields, Iterable):
        raise InvalidError(f"fields of {model} are given as a list of names, and not as {fields!r:.60}")
    return fields if isinstance(fields, Sequence) else tuple(fields)


def exists(env: Environment, model: str, name: object) -> bool:
    """Whether the model has the field."""
    return isinstance(name, str) and (name in AUTOMATIC or find_field(env.policy, model, name) is not None)


def check_lines(env: Environment, kind: Kind) -> None:
    """Raises AccessError where a field leads to records of a model that the session has no right to read, also where it
    leads to none: Odoo searches for them. A many2many asks from 19 on, and before where archived ones are left out."""
    if env.su or kind.comodel is None or not isinstance(kind, Lines | Links):
        return
    if isinstance(kind, Links) and not env.schema.semantics.links_ask_for_right:
        shown = env.session.active_test if kind.active_test is None else kind.active_test
        if not shown or env.schema.model(kind.comodel).active is None:
            return
    checks.check_right(env, kind.comodel, Mode.READ)


def known(env: Environment, model: str, name: str) -> bool:
    """Whether the field is stored: only of these it is certain that nothing has to be computed."""
    try:
        kind = env.schema.field(model, name)
        while isinstance(kind, Inherited):
            kind = env.schema.field(str(env.schema.field(kind.model, kind.link).comodel), kind.name)
    except RecordsError:
        return False
    if kind.comodel is not None and kind.comodel not in env.policy.models:
        return False
    return isinstance(kind, Column | Lines | Links) and kind.type not in UNREADABLE


def planned(env: Environment, model: str, names: Sequence[str]) -> Plan:
    """How the fields are read."""
    plain: dict[str, Column] = {}
    for name in names:
        if name in ("id", "display_name"):
            continue
        kind = env.schema.field(model, name)
        check_lines(env, kind)
        stored = isinstance(kind, Column) and kind.column is not None and kind.type not in UNREADABLE
        if stored and kind.storage in (Storage.PLAIN, Storage.TRANSLATED):  # type: ignore[attr-defined]
            plain[name] = kind  # type: ignore[assignment]
    return Plan(tuple(names), plain)


def formatted(
    env: Environment, model: str, plan: Plan, rows: Sequence[Any], load: str | None
) -> list[dict[str, Any]]:
    """The rows that a plan's columns were read with (after the id), as `read` gives them."""
    ids = [row[0] for row in rows]
    columns: dict[str, list[Any]] = {"id": ids}
    for number, (name, kind) in enumerate(plan.plain.items(), 1):
        columns[name] = _cells(kind, [row[number] for row in rows])
    cached.keep(env, model, plan.plain, ids)
    with checks.explained(env, model, Mode.READ):
        _warm(env, model, ids)
        for name in plan.names:
            if name == "display_name":
                columns[name] = naming.called(env, model, ids)
            elif name not in columns:
                values = env.values.column(model, name)
                columns[name] = [values[one] for one in ids]
        shown = {name: _shown(env, model, name, columns[name], load) for name in plan.names}
    keys = ("id", *(name for name in plan.names if name != "id"))
    held = [ids, *(shown[name] for name in keys[1:])]
    return [dict(zip(keys, row, strict=True)) for row in zip(*held, strict=True)]


_AS_THEY_ARE: dict[str, type | tuple[type, ...]] = {
    "char": str, "text": str, "html": str, "selection": str, "many2one": int, "date": date, "datetime": datetime,
}  # fmt: skip


def _cells(kind: Column, values: list[Any]) -> list[Any]:
    """From what a column holds to what Python reads. Raises Undecided for what no field of the type holds."""
    type_ = _AS_THEY_ARE.get(kind.type)
    if type_ is not None and all(value is None or type(value) is type_ for value in values):
        return [False if value is None else value for value in values]
    if kind.type == "boolean":
        return [bool(value) for value in values]
    convert, holds = converter(kind.type), expected(kind.type)

    def cell(value: Any) -> Any:
        if kind.storage is Storage.TRANSLATED and isinstance(value, dict):
            value = value.get(_ENGLISH)
        if value is not None and value is not False and not holds(value):
            raise Undecided.computed(kind.model, kind.name, f"holds a value that is no {kind.type}")
        return convert(value)

    return [cell(value) for value in values]


def _shown(env: Environment, model: str, name: str, values: list[Any], load: str | None) -> list[Any]:
    """Values as `read` gives them (`convert_to_read`)."""
    kind_type, comodel = _type(env, model, name)
    if kind_type == "many2one" and load == CLASSIC and comodel is not None:
        shown = naming.names(env, comodel, [one for one in dict.fromkeys(values) if one])
        return [(one, shown.get(one, "")) if one else False for one in values]
    if kind_type in X2MANY:
        return [list(one) for one in values]
    if kind_type == "reference":
        return [f"{one.model},{one.id}" if isinstance(one, Referenced) else False for one in values]
    return values


def _type(env: Environment, model: str, name: str) -> tuple[str, str | None]:
    if name == "display_name":
        return "char", None
    kind = env.schema.field(model, name)
    return kind.type, kind.comodel


def _warm(env: Environment, model: str, ids: Sequence[int]) -> None:
    """Let the reader fetch these rows together."""
    env.transaction.reader.want(model, ids)


# ------------------------------------------------------------------------------------ one field


def attribute(records: Records, name: str) -> Any:
    """The value of a field of one record; of several, all the records a relation leads to."""
    env, model = records.env, records._name
    if not exists(env, model, name):
        raise InvalidError(f"{model} has no field {name}")
    if not records:
        return _wrapped(env, *_about(env, model, name), _nothing(env, model, name))
    if len(records) > 1:
        kind = None if name in AUTOMATIC else env.schema.field(model, name)
        if kind is None or kind.type not in RELATIONAL:
            records.ensure_one()
        return along(records, name)
    one = records._ids[0]
    if isinstance(one, NewId):
        return _of_new(records, name, one)
    if name == "id":
        return one
    env.note("read", model)
    if name == "display_name":
        checks.check_rules_read(records)
        with checks.explained(env, model, Mode.READ):
            return naming.called(env, model, [one])[0]
    return _wrapped(env, *_about(env, model, name), _value(records, name, one))


def _value(records: Records, name: str, one: int) -> Any:
    env, model = records.env, records._name
    if cached.is_given(env, model, name, one):
        with checks.explained(env, model, Mode.READ):
            return env.values.sudo().column(model, name)[one]
    if not env.su:
        checks.check_field(env, model, name, Mode.READ)
    with checks.explained(env, model, Mode.READ):
        check_lines(env, env.schema.field(model, name))
        if len(records._prefetch) > 1:
            _warm(env, model, [each for each in records._prefetch if isinstance(each, int)])
        try:
            value = env.values.column(model, name)[one]
        except Refused as refused:
            if refused.kind == "rule" and refused.model == model:
                raise refusals.by_rule(env.access, env.session, model, Mode.READ, (one,)) from None
            raise
    cached.keep_row(env, model, one)
    return value


def _of_new(records: Records, name: str, one: NewId) -> Any:
    env, model = records.env, records._name
    if env.strict or env.policy.semantics.field_groups_on_create:
        checks.check_field(env, model, name, Mode.READ)
    with checks.explained(env, model, Mode.READ):
        return _wrapped(env, *_about(env, model, name), value_of(env, model, name, one))


def _about(env: Environment, model: str, name: str) -> tuple[str, str | None]:
    if name == "id":
        return "integer", None
    return _type(env, model, name)


def _nothing(env: Environment, model: str, name: str) -> Any:
    return null_of(_about(env, model, name)[0]) if name != "id" else False


def _wrapped(env: Environment, type_: str, comodel: str | None, value: Any) -> Any:
    """A value as an attribute gives it: relations as records."""
    from ostiary.enforce.recordset import Records

    if isinstance(value, Records):
        return value
    if type_ == "many2one" and comodel is not None:
        return Records(env, comodel, (value,) if value else ())
    if type_ in X2MANY and comodel is not None:
        return Records(env, comodel, tuple(value or ()))
    if type_ == "reference":
        return Records(env, value.model, (value.id,)) if isinstance(value, Referenced) else None
    return value


# ------------------------------------------------------------------------------------ paths


def along(records: Records, path: str) -> Any:
    """All that a path of fields leads to: records without repeats, or a list of values."""
    from ostiary.enforce.recordset import Records

    found: Any = records
    if not isinstance(path, str):
        raise InvalidError(f"a path is field names with dots between them, and not {path!r:.60}")
    for name in path.split("."):
        if not isinstance(found, Records):
            raise InvalidError(f"{path} goes on behind a field that holds no records")
        found = joined(found, [record[name] for record in found], name)
    return found


def joined(records: Records, values: Sequence[Any], name: str | None = None) -> Any:
    """Values one after the other; records as one recordset, without repeats."""
    from ostiary.enforce.recordset import Records

    if values and all(isinstance(one, Records) for one in values):
        ids = dict.fromkeys(each for one in values for each in one._ids)
        return Records(values[0].env, values[0]._name, tuple(ids))
    if not values and name is not None and name not in AUTOMATIC:
        kind = records.env.schema.field(records._name, name)
        if kind.type in RELATIONAL and kind.comodel is not None:
            return Records(records.env, kind.comodel, ())
    return list(values)


def sortable(record: Records, key: str) -> Any:
    """A field's value as Python can put it in order: what is unset comes first."""
    from ostiary.enforce.recordset import Records

    value = record[key]
    if isinstance(value, Records):
        return (bool(value), value.ids)
    return (value not in (False, None), value if value not in (False, None) else "")


def fields_get(records: Records, fields: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """See `Records.fields_get`."""
    env, model = records.env, records._name
    found: dict[str, dict[str, Any]] = {}
    for name, field in env.policy.models[model].fields.items():
        if (fields is None or name in fields) and checks.may_use(env, model, name):
            found[name] = {
                "type": field.type,
                "string": field.string,
                "required": field.required,
                "readonly": field.readonly,
                "store": field.store,
                **({"relation": field.comodel} if field.comodel else {}),
            }
    return found
