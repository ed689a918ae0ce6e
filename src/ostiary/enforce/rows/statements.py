"""Statements that are built once: a search that a session asks again is the same SQL as before.

Building a SELECT out of a domain takes longer than a database takes to answer it from an index. What is kept rests on
the definitions, the domains and who asks; and on what was read while it was built, such as a tree, which is read again
to see whether it is still so. A search by name or through other models, whose rights and rules would have to be part
of it, is built each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import Domain, Literal, Sequence, Subdomain, Term, terms
from ostiary.domain import Value as Held
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Schema, Storage
from ostiary.records.shared import shared

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment

MAX_KEPT = 512
"""How many statements are kept for a schema before all are built anew."""

_TREES = frozenset({"child_of", "parent_of"})
_KEPT = "_enforce_statements"


def kept(env: Environment, key: tuple[Hashable, ...], build: Callable[[], sa.Select[Any]]) -> sa.Select[Any]:
    """The statement that `build` makes, or the one it made before for the same question. The first three parts of the
    key are the model, the domain that was asked for and that of the rules; who asks is added here."""
    model, asked, rules = key[:3]
    if not (_own(env.schema, str(model), asked) and _fixed(env.schema, str(model), rules)):  # type: ignore[arg-type]
        return build()
    session = env.session
    subject = session.subject
    closed = subject.user is not None and subject.user.groups_closed
    who = (subject.groups, closed, session.superuser, session.active_test, session.company, session.companies)
    whole = (env.transaction.store.dialect, *who, *key)
    store = env.transaction.store
    # With the schema, whose tables they ask: an Odoo's own are others than those of the Policy alone.
    cache: dict[Hashable, tuple[sa.Select[Any], list[Any]]] = env.schema.__dict__.setdefault(_KEPT, {})
    found = cache.get(whole)
    # A tree is read while the statement is built: where that reads the same again, so is the statement.
    if found is not None and all(store.rows(asked) == rows for asked, rows in found[1]):
        return found[0]
    with store.noting() as noted:
        made = build()
    if noted.whole:
        if len(cache) >= MAX_KEPT:
            cache.clear()
        cache[whole] = (made, noted.reads)
    return made


def _own(schema: Schema, model: str, domain: Domain) -> bool:
    """Whether the domain asks for nothing but columns of the model's own table."""
    try:
        return all(_plain(schema, model, term) for term, _ in terms(domain))
    except RecordsError:
        return False


def _plain(schema: Schema, model: str, term: Term) -> bool:
    if "." in term.path or term.operator in _TREES or isinstance(term.value, Subdomain):
        return False
    kind = schema.field(model, term.path)
    # What is read of a company-dependent field where a record has no value of its own is a row too (`ir.default`).
    if not isinstance(kind, Column) or kind.column is None or kind.storage is Storage.BY_COMPANY:
        return False
    return kind.comodel is None or not _names(term.value)


def _names(value: Held) -> bool:
    if isinstance(value, Sequence):
        return any(_names(item) for item in value.items)
    return not isinstance(value, Literal) or isinstance(value.value, str)


def _fixed(schema: Schema, model: str, domain: Domain) -> bool:
    """Whether the rules' domain comes to the same SQL whoever is meant by it, whatever the rows are."""
    kept = schema.__dict__.setdefault("_enforce_fixed", {})
    key = (model, domain)
    found: bool | None = kept.get(key)
    if found is None:
        found = shared(schema, model, domain)
        if len(kept) >= MAX_KEPT:
            kept.clear()
        kept[key] = found
    return found
