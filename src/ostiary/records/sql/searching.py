"""A search: access right, archived records, record rules; and what it finds, for a condition on another model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from ostiary.domain import TRUE, And, Constant, Domain, Literal, Not, Or, Term, conjunction
from ostiary.domain import Sequence as Values
from ostiary.policy import Mode
from ostiary.records.access_protocol import Searches
from ostiary.records.errors import Undecided
from ostiary.records.session import Session
from ostiary.records.sql import terms, tree
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scope import Found, Scope

Also = Callable[[Scope], Condition]


def search_on(
    scope: Scope, domain: Domain, *, mode: Mode = Mode.READ, also: Also | None = None, rights: bool = True
) -> Found:
    """What `_search` finds among the rows of a scope: the records of the domain (and of `also`) that the session's
    rules leave it, without archived ones unless the domain names `active` at its top or the session says otherwise.

    With `rights` false, or for a superuser, no right and no rule is asked. Raises Refused where no access right
    lets the session read the model, also for a domain that nothing matches.
    """
    session = scope.session
    ask = rights and not session.superuser
    rule = scope.access.rule_domain(session, scope.model.name, mode) if ask else TRUE
    if is_false(domain):
        return Found(scope, sa.false(), empty=True)
    where: list[Condition] = []
    active = scope.model.active
    if active is not None and session.active_test and not _names(domain, active):
        where.append(terms.field_condition(scope, active, "=", True))
    where.append(tree.condition(scope, domain))
    if also is not None:
        where.append(also(scope))
    if rule != TRUE:
        inside = scope.sudo()
        if scope.semantics.rule_lines_ignore_active_test:
            inside = inside.as_session(inside.session.with_active_test(False))
        where.append(tree.condition(inside, rule))
    return Found(scope, sa.and_(*where))


def search(
    scope: Scope,
    model: str,
    session: Session,
    domain: Domain = TRUE,
    *,
    also: Also | None = None,
    rights: bool = True,
) -> Found:
    """What a search of another model finds, asked from a condition; see `search_on`.

    Where Odoo's own Python decides what a search of that model finds, also for a superuser, its answer is taken as a
    list of ids. Without `rights` that Python isn't asked up to 18, where such a search is no `_search`. Raises
    Undecided where it is written in Python that is not declared.
    """
    inner = scope.on(model, session)
    access = scope.access
    if isinstance(access, Searches):
        if rights:
            if access.decides_search(session, model):
                return _decided(inner, access, domain, also)
        elif scope.semantics.equal_is_in and access.decides_search(session.sudo(), model):
            raise Undecided(f"cannot be decided: Python decides what a search of {model} finds", model)
    return search_on(inner, domain, also=also, rights=rights)


def _decided(inner: Scope, access: Searches, domain: Domain, also: Also | None) -> Found:
    name = inner.model.name
    if also is not None:
        # What stands in SQL only is asked first, of all records, and its answer put into the domain.
        first = search_on(inner.as_session(inner.session.sudo().with_active_test(False)), TRUE, also=also)
        rows = inner.store.rows(first.select())
        if inner.session.superuser:
            # Python that holds for a superuser looks at which fields the domain names: `id` must not be added.
            among = {row[0] for row in rows}
            return _listed(inner, [one for one in access.search(inner.session, name, domain) if one in among])
        named = Term("id", "in", Values(tuple([Literal(row[0]) for row in rows])))
        domain = conjunction([domain, named])
    return _listed(inner, access.search(inner.session, name, domain))


def _listed(inner: Scope, ids: Sequence[int]) -> Found:
    if not ids:
        return Found(inner, sa.false(), empty=True)
    return Found(inner, inner.sql.among(inner.id, list(ids), sa.Integer()))


def is_false(domain: Domain) -> bool:
    """Whether the domain's form alone says that nothing matches (`expression.is_false`): then nothing of it is
    looked at, not even whether its fields exist."""
    return _certain(domain) is False


def _certain(domain: Domain) -> bool | None:
    match domain:
        case Constant(value):
            return value
        case Not(item):
            inner = _certain(item)
            return None if inner is None else not inner
        case And(items) | Or(items):
            zero = not isinstance(domain, And)
            answers = [_certain(item) for item in items]
            if zero in answers:
                return zero
            return not zero if all(answer is not zero and answer is not None for answer in answers) else None
        case Term(_, "in" | "not in" as operator, Values(())):
            return operator == "not in"
        case Term(_, "in" | "not in" as operator, Literal(value)) if not value:
            return operator == "not in"
    return None


def _names(domain: Domain, field: str) -> bool:
    """Whether a term at the top of the domain, inside its `&`, `|` and `!` but not in a subdomain, is on the field."""
    waiting = [domain]
    while waiting:
        match waiting.pop():
            case Term(path):
                if path == field:
                    return True
            case And(items) | Or(items):
                waiting.extend(items)
            case Not(item):
                waiting.append(item)
    return False
