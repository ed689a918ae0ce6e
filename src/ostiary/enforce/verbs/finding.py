"""Finding records: `search` and its like, as SQL with the session's rights and rules in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import TRUE, Domain, Literal, Term, conjunction, from_python
from ostiary.domain import Sequence as Values
from ostiary.enforce.errors import InvalidError
from ostiary.enforce.lists.ordering import found_in_order
from ostiary.enforce.rows import statements
from ostiary.enforce.values.new import NewId
from ostiary.enforce.verbs import checks, naming, reading
from ostiary.policy import Mode
from ostiary.records.memory import filtered
from ostiary.records.sql.scope import Found, Scope
from ostiary.records.sql.searching import is_false, search_on

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records


def parsed(domain: Any) -> Domain:
    """A domain that code wrote as a list. Raises InvalidError for what is none."""
    if domain is None or (isinstance(domain, list | tuple) and not domain):
        return TRUE
    try:
        return from_python(_plain(list(domain)))
    except (ValueError, TypeError) as error:
        raise InvalidError(f"this is no domain: {error}") from None


def _plain(part: Any, depth: int = 0) -> Any:
    """The domain with recordsets as their ids."""
    from ostiary.enforce.recordset import Records

    if depth > 60:
        raise ValueError("it is nested too deeply")
    if isinstance(part, Records):
        return part.ids if len(part) != 1 else part.id
    if isinstance(part, list):
        return [_plain(one, depth + 1) for one in part]
    if isinstance(part, tuple):
        return tuple(_plain(one, depth + 1) for one in part)
    return part


def id_in(ids: Sequence[int]) -> Domain:
    """The domain of these records."""
    return Term("id", "in", Values(tuple([Literal(one) for one in ids])))


def selected(env: Environment, model: str, domain: Domain, *, by_id: bool = False) -> Found:
    """What a search finds, as rows of a table with a condition: rights, rules and Odoo's own Python are in it.

    `by_id`: as reading asks, which leaves no archived record out and doesn't go through what only a listing does.
    Raises Refused where no access right lets the session read.
    """
    access, session = env.access, env.session
    if env.strict and domain != TRUE:
        checks.check_named(env, model, domain)
    if by_id:
        session = session.with_active_test(False)
    table = env.schema.model(model)
    scope = Scope(env.transaction.store, access, session, table, table.table)
    decided = access.decides_search(session, model) if by_id else access.lists(session, model)
    if not decided:
        return search_on(scope, domain)
    ids = access.search(session, model, domain)
    if not ids:
        return Found(scope, sa.false(), empty=True)
    return Found(scope, scope.sql.among(scope.id, list(ids), sa.Integer()))


def statement(
    found: Found, order: str | None, offset: int, limit: int | None, *columns: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    """The SELECT of what was found: the ids and other columns, in order."""
    check_window(order, offset, limit)
    asked = found_in_order(found, order, *columns)
    if limit is not None:
        asked = asked.limit(limit)
    return asked.offset(offset) if offset else asked


def check_window(order: object, offset: object, limit: object) -> None:
    """Raises InvalidError for an order that is no text, and for numbers that aren't whole ones from 0 on."""
    if order is not None and not isinstance(order, str):
        raise InvalidError("an order is a text: field names with commas between them")
    for one in (limit, offset):
        if one is not None and (type(one) is not int or one not in range(2**63)):
            raise InvalidError("limit and offset are whole numbers, and not negative")


def asked(
    env: Environment, model: str, domain: Domain, plan: reading.Plan | None, *how: Any
) -> sa.Select[Any] | None:
    """The statement of a search, built once for a session that asks it again; None where nothing can be found.

    `how` are the order, the offset and the limit. Raises as `selected` does."""
    order, offset, limit = how
    check_window(order, offset, limit)

    def build() -> sa.Select[Any]:
        found = selected(env, model, domain)
        columns = [] if plan is None else plan.columns(found.scope.table)
        return statement(found, order, offset, limit, *columns)

    if env.access.lists(env.session, model) or is_false(domain):
        found = selected(env, model, domain)
        return None if found.empty else build()
    rules = env.access.rule_domain(env.session, model, Mode.READ)
    columns = None if plan is None else tuple(plan.plain)
    return statements.kept(env, (model, domain, rules, columns, order, offset, limit), build)


def search(records: Records, domain: Any, offset: int, limit: int | None, order: str | None) -> list[int]:
    """See `Records.search`."""
    env, model = records.env, records._name
    env.note("search", model)
    with checks.explained(env, model, Mode.READ):
        statement = asked(env, model, parsed(domain), None, order, offset, limit)
        rows = [] if statement is None else env.transaction.store.rows(statement)
    return [row[0] for row in rows]


def count(records: Records, domain: Any, limit: int | None) -> int:
    """See `Records.search_count`."""
    env, model = records.env, records._name
    env.note("search_count", model)
    check_window(None, 0, limit)
    with checks.explained(env, model, Mode.READ):
        found = selected(env, model, parsed(domain))
        if found.empty:
            return 0
        inner: Any = sa.select(sa.literal(1)).select_from(found.scope.table).where(found.where)
        if limit is not None:
            inner = inner.limit(limit)
        asked = sa.select(sa.func.count()).select_from(inner.subquery())
        return int(env.transaction.store.rows(asked)[0][0])


def search_read(  # noqa: PLR0917
    records: Records,
    domain: Any,
    fields: Sequence[str] | None,
    offset: int,
    limit: int | None,
    order: str | None,
    load: str | None,
) -> list[dict[str, Any]]:
    """See `Records.search_read`."""
    env, model = records.env, records._name
    env.note("search_read", model)
    names = reading.named(records, fields)
    with checks.explained(env, model, Mode.READ):
        plan = reading.planned(env, model, names)
        statement = asked(env, model, parsed(domain), plan, order, offset, limit)
        rows = [] if statement is None else env.transaction.store.rows(statement)
    return reading.formatted(env, model, plan, rows, load)


def name_search(records: Records, name: str, args: Any, operator: str, limit: int) -> list[tuple[int, str]]:
    """See `Records.name_search`."""
    env = records.env
    env.note("name_search", records._name)
    named = parsed([("display_name", operator, name)]) if name or operator != "ilike" else TRUE
    with checks.explained(env, records._name, Mode.READ):
        found = selected(env, records._name, conjunction([parsed(args), named]))
        rows = [] if found.empty else env.transaction.store.rows(statement(found, None, 0, limit))
        ids = [row[0] for row in rows]
        return [(one, shown) for one, shown in naming.names(env, records._name, ids).items()]


def existing(records: Records) -> list[Any]:
    """See `Records.exists`."""
    env = records.env
    ids = records.ids
    if not ids:
        return list(records._ids)
    with checks.explained(env, records._name, Mode.READ):
        table = env.schema.model(records._name)
        store = env.transaction.store
        among = store.sql.among(table.id, ids, sa.Integer())
        there = {row[0] for row in store.rows(sa.select(table.id).where(among))}
    return [one for one in records._ids if one in there or isinstance(one, NewId)]


def filtered_domain(records: Records, domain: Any) -> list[Any]:
    """See `Records.filtered_domain`."""
    env = records.env
    env.note("filtered_domain", records._name)
    if not records:
        return []
    with checks.explained(env, records._name, Mode.READ):
        access = env.access
        return list(filtered(access.reader, access, env.session, records._name, parsed(domain), records.ids))


def ordered(records: Records) -> list[Any]:
    """The records in their model's order: those that a search finds of them, as in Odoo."""
    ids = records.ids
    return search(records, [("id", "in", ids)], 0, None, None) if ids else list(records._ids)


def read_group(
    records: Records, domain: Any, fields: Sequence[str], groupby: str | Sequence[str], **more: Any
) -> list[dict[str, Any]]:
    """See `Records.read_group`."""
    from ostiary.enforce.lists import grouping

    env, model = records.env, records._name
    env.note("read_group", model)
    by = [groupby] if isinstance(groupby, str) else list(groupby)
    with checks.explained(env, model, Mode.READ):
        found = selected(env, model, parsed(domain))
        return grouping.read_group(found, list(domain or ()), list(fields), by, **more)


def grouped(
    records: Records, domain: Any, groupby: Sequence[str], aggregates: Sequence[str], **more: Any
) -> list[tuple[Any, ...]]:
    """See `Records._read_group`."""
    from ostiary.enforce.lists import grouping

    env, model = records.env, records._name
    env.note("read_group", model)
    with checks.explained(env, model, Mode.READ):
        found = selected(env, model, parsed(domain))
        by, of = list(groupby), list(aggregates)
        rows = grouping.grouped(found, by, of, **more)
        models = grouping.models_of(found, by, of)
    return [tuple(_as_records(env, *one) for one in zip(models, row, strict=True)) for row in rows]


def _as_records(env: Environment, model: str | None, value: Any) -> Any:
    """One place in a row of groups: ids as records."""
    if model is None:
        return value
    return env[model].browse(value or ())
