"""Stored values that follow from other rows, which Odoo computes again whenever those change.

Source: stored related fields (`Field._compute_related`), `res.partner._compute_commercial_partner`,
`_compute_partner_share` and `_compute_complete_name`, `res.users._compute_share`. Record rules read them, so that they
have to be there before rules are asked. What other Python computes is left as it was written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.enforce import who
from ostiary.policy import INTERNAL, Kind, Policy, closure
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.rule_fields import read_by_rules
from ostiary.records.errors import RecordsError, Undecided
from ostiary.records.schema import Column, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment

PARTNER, USER = "res.partner", "res.users"
_DEEPEST = 20
_FILLED = frozenset({*AUTOMATIC, "commercial_partner_id", "complete_name", "partner_share", "share"})
_OF_PARTNER = frozenset({"parent_id", "is_company", "name"})
_OF_USER = frozenset({"groups_id", "group_ids", "partner_id", "active"})


@dataclass(frozen=True, slots=True)
class Related:
    """A stored field that shows what lies at the end of a path of links."""

    model: str
    field: str
    path: tuple[str, ...]


Triggers = dict[tuple[str, str], list[tuple[Related, tuple[str, ...]]]]


def created(env: Environment, model: str, one: int, given: Collection[str]) -> None:
    """Fill in what follows for a new row; what was given stays as it was."""
    for related in _own(env.policy, model):
        if related.field not in given:
            _refresh(env, related, [one], 0)
    if model == PARTNER:
        _partners(env, [one], given)


def linked(env: Environment, model: str, one: int) -> None:
    """Fill in what follows from the links of a new row, once they are there."""
    if model == USER:
        _users(env, [one])


def written(env: Environment, model: str, ids: Sequence[int], names: Collection[str]) -> None:
    """Bring up to date what follows from fields that were written."""
    for name in names:
        _follow(env, model, name, ids, 0)
    if model == PARTNER and not _OF_PARTNER.isdisjoint(names):
        _partners(env, ids, names)
    elif model == USER and not _OF_USER.isdisjoint(names):
        _users(env, ids)


def check_known(env: Environment, model: str, one: int, given: Collection[str]) -> None:
    """Raises Undecided where a record rule reads a field of a new row that Odoo's Python would have filled in, and that
    is empty here: rules would decide on the emptiness."""
    fields = env.policy.models[model].fields
    for name in sorted(read_by_rules(env.policy).get(model, ())):
        field = fields.get(name)
        if field is None or name in given or name in _FILLED or not field.store or field.related:
            continue
        column = _plain(env, model, name) if field.compute or field.default == "<python>" else None
        if column is not None and _read(env, column, [one]).get(one) is None:
            raise Undecided(
                f"cannot be decided: field {name} of model {model} is filled in by Python, and record rules read it; "
                "give it a value, or False for none",
                model,
                name,
            )


# ------------------------------------------------------------------------------------ related fields


def _all(policy: Policy) -> tuple[dict[str, list[Related]], Triggers]:
    """The stored related fields of each model, and what each field is on the way of."""
    kept: tuple[dict[str, list[Related]], Triggers] | None = policy.__dict__.get("_enforce_derived")
    if kept is not None:
        return kept
    own: dict[str, list[Related]] = {}
    triggers: Triggers = {}
    for model in policy.models.values():
        if model.kind is Kind.ABSTRACT:
            continue
        for name, field in model.fields.items():
            if field.store and field.related and not field.inherited:
                related = Related(model.name, name, tuple(field.related.split(".")))
                own.setdefault(model.name, []).append(related)
                _note(policy, related, triggers)
    policy.__dict__["_enforce_derived"] = (own, triggers)
    return own, triggers


def _note(policy: Policy, related: Related, triggers: Triggers) -> None:
    at = related.model
    for place, hop in enumerate(related.path):
        triggers.setdefault((at, hop), []).append((related, related.path[:place]))
        field = policy.models[at].fields.get(hop) if at in policy.models else None
        if field is None or not field.comodel:
            return
        at = field.comodel


def _own(policy: Policy, model: str) -> list[Related]:
    return _all(policy)[0].get(model, [])


def _follow(env: Environment, model: str, name: str, ids: Sequence[int], depth: int) -> None:
    """Bring up to date what a field of these rows is on the way of."""
    if depth > _DEEPEST or not ids:
        return
    for related, before in _all(env.policy)[1].get((model, name), ()):
        leading = _leading(env, related.model, before, ids)
        if leading:
            _refresh(env, related, leading, depth + 1)


def _refresh(env: Environment, related: Related, ids: Sequence[int], depth: int) -> None:
    column = _plain(env, related.model, related.field)
    if column is None or column.table.name not in _tables(env):
        return
    values = _values(env, related.model, ids, related.path)
    if values is None:
        return
    old = _read(env, column, ids)
    changed = [one for one in ids if one in old and old[one] != values.get(one)]
    _store(env, column, {one: values.get(one) for one in changed})
    _follow(env, related.model, related.field, changed, depth)


def _values(env: Environment, model: str, ids: Sequence[int], path: Sequence[str]) -> dict[int, Any] | None:
    """What lies at the end of the path from each row; None where a hop is no plain column."""
    found: dict[int, Any] = {one: one for one in ids}
    at: str | None = model
    for hop in path:
        column = _plain(env, at, hop) if at is not None else None
        if column is None or column.table.name not in _tables(env):
            return None
        values = _read(env, column, [one for one in dict.fromkeys(found.values()) if one is not None])
        found = {one: values.get(here) for one, here in found.items()}
        at = env.schema.field(str(at), hop).comodel
    return found


def _leading(env: Environment, model: str, path: Sequence[str], ids: Sequence[int]) -> list[int]:
    """The rows of a model from which a path of links leads to one of these."""
    models = [model]
    for hop in path:
        models.append(str(env.schema.field(models[-1], hop).comodel))
    found = list(ids)
    store = env.transaction.store
    for at, hop in zip(reversed(models[:-1]), reversed(path), strict=True):
        column = _plain(env, at, hop)
        if column is None or column.table.name not in _tables(env) or not found:
            return []
        among = store.sql.among(column, found, sa.Integer())
        found = [row[0] for row in store.rows(sa.select(column.table.c.id).where(among))]
    return found


# ------------------------------------------------------------------------------------ contacts and users


def _partners(env: Environment, ids: Sequence[int], given: Collection[str]) -> None:
    """Whose contacts these and those below them are, what they are called, and whether they are of nobody inside."""
    seen: set[int] = set()
    waiting = list(ids)
    for _ in range(_DEEPEST):
        if not waiting:
            return
        seen |= set(waiting)
        for one in waiting:
            _partner(env, one, given if one in ids else ())
        waiting = [one for one in _leading(env, PARTNER, ("parent_id",), waiting) if one not in seen]


def _partner(env: Environment, one: int, given: Collection[str]) -> None:
    def value(record: int, name: str) -> Any:
        column = _plain(env, PARTNER, name)
        return _read(env, column, [record]).get(record) if column is not None else None

    parent = value(one, "parent_id")
    company = bool(value(one, "is_company"))
    commercial = one if company or parent is None else value(parent, "commercial_partner_id") or parent
    called = value(one, "name")
    if parent is not None and not company:
        whose = commercial if value(commercial, "is_company") else parent
        called = f"{value(whose, 'name') or ''}, {called or ''}"
    for name, follows in (("commercial_partner_id", commercial), ("complete_name", called)):
        if name not in given:
            _put(env, PARTNER, one, name, follows)
    _share(env, [one])


def _users(env: Environment, ids: Sequence[int]) -> None:
    """Whether users are of nobody inside, and their contacts with them."""
    partners = []
    for one in ids:
        user = who.of_row(env.transaction, one)
        if user is not None:
            held = closure(env.policy, [link.group for link in user.groups])
            _put(env, USER, one, "share", INTERNAL not in held)
        column = _plain(env, USER, "partner_id")
        partner = _read(env, column, [one]).get(one) if column is not None else None
        if partner is not None:
            partners.append(partner)
    _share(env, partners)


def _share(env: Environment, partners: Sequence[int]) -> None:
    """A contact is of nobody inside unless one of its users is internal."""
    link, share = _plain(env, USER, "partner_id"), _plain(env, USER, "share")
    if link is None or share is None or not partners:
        return
    store = env.transaction.store
    among = store.sql.among(link, list(partners), sa.Integer())
    inside = {row[0] for row in store.rows(sa.select(link).where(among, share.is_(False)))}
    for one in partners:
        _put(env, PARTNER, one, "partner_share", one not in inside)


def _put(env: Environment, model: str, one: int, name: str, value: Any) -> None:
    column = _plain(env, model, name)
    if column is None:
        return
    old = _read(env, column, [one])
    if one in old and old[one] != value:
        _store(env, column, {one: value})
        _follow(env, model, name, [one], 0)


# ------------------------------------------------------------------------------------ rows


def _plain(env: Environment, model: str, name: str) -> sa.Column[Any] | None:
    """The column of a field that is one, and holds the same for everybody."""
    definition = env.policy.models.get(model)
    if definition is None or name not in definition.fields:
        return None
    try:
        kind = env.schema.field(model, name)
    except RecordsError:
        return None
    return kind.column if isinstance(kind, Column) and kind.storage is Storage.PLAIN else None


def _tables(env: Environment) -> frozenset[str]:
    from ostiary.enforce.verbs.removing import tables

    return tables(env)


def _read(env: Environment, column: sa.Column[Any], ids: Sequence[int]) -> dict[int, Any]:
    if not ids:
        return {}
    store = env.transaction.store
    among = store.sql.among(column.table.c.id, list(ids), sa.Integer())
    return {row[0]: row[1] for row in store.rows(sa.select(column.table.c.id, column).where(among))}


def _store(env: Environment, column: sa.Column[Any], values: Mapping[int, Any]) -> None:
    table = column.table
    for one, value in values.items():
        env.transaction.execute(sa.update(table).where(table.c.id == one).values({column.name: value}))
    if values:
        env.transaction.changed()
