"""A domain as one SQL condition: its `&`, `|` and `!`, in the order and the form in which Odoo writes them."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Constant,
    Domain,
    IfElse,
    Not,
    Opaque,
    Or,
    Subdomain,
    Term,
    conjunction,
    disjunction,
    distribute_not,
)
from ostiary.domain import nodes as every_node
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Schema
from ostiary.records.sql import terms
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scope import MAX_HOPS, Scope
from ostiary.records.sql.values import NUMBERS, RELATIONAL, TEXTS


def condition(scope: Scope, domain: Domain) -> Condition:
    """The rows of the scope that a ground domain selects. No archived record is left out here, and no rule asked.

    Raises Fails where Odoo refuses the domain or PostgreSQL a value, Refused where it asks for what the session may
    not read, Undecided where only running Odoo would tell.
    """
    return _compile(scope, prepared(scope, domain))


def negation(scope: Scope, found: Condition) -> Condition:
    """The `!` that Odoo leaves in SQL."""
    return found.is_not(sa.true()) if scope.semantics.not_includes_unknown else sa.not_(found)


def prepared(scope: Scope, domain: Domain) -> Domain:
    """The domain with paths as `any`, `!` in the operators and neighbouring `any` of one field as one."""
    if domain in (TRUE, FALSE):
        return domain
    for node in every_node(domain):
        if isinstance(node, Term) and node.path.count(".") > MAX_HOPS:
            raise Undecided(f"cannot be decided: the domain leads through more than {MAX_HOPS} models")
    kinds = _Types(scope.schema, scope.model.name)
    rewritten = distribute_not(
        domain, scope.semantics, relational=kinds.relational, has_falsy_value=kinds.has_falsy_value
    )
    return _merged(rewritten, lambda path: kinds.type_of(path) == "many2one")


class _Types:
    """The types of the fields that paths from one model end in."""

    def __init__(self, schema: Schema, model: str) -> None:
        self.schema = schema
        self.model = model
        self._known: dict[str, tuple[str, str | None]] = {}

    def type_of(self, path: str) -> str:
        return self._kind(path)[0]

    def relational(self, path: str) -> bool:
        return self._kind(path)[0] in RELATIONAL

    def has_falsy_value(self, path: str) -> bool:
        type_ = self._kind(path)[0]
        return type_ in NUMBERS or type_ in TEXTS or type_ in ("boolean", "many2one_reference")

    def _kind(self, path: str) -> tuple[str, str | None]:
        found = self._known.get(path)
        if found is None:
            before, _, name = path.rpartition(".")
            model = self._kind(before)[1] if before else self.model
            if model is None:
                raise Fails("ValueError", f"Invalid field {path}")
            kind = self.schema.field(model, name)
            found = self._known[path] = (kind.type, kind.comodel)
        return found


def _compile(scope: Scope, domain: Domain) -> Condition:
    match domain:
        case Constant(value):
            return sa.true() if value else sa.false()
        case And(items):
            return sa.and_(*[_compile(scope, item) for item in reversed(items)][::-1])
        case Or(items):
            inside = scope.under_or()
            return sa.or_(*[_compile(inside, item) for item in reversed(items)][::-1])
        case Not(Term() as term):
            return terms.term(scope.under_or(), term, negate=True)
        case Not(item):
            return negation(scope, _compile(scope.under_or(), item))
        case Term():
            return terms.term(scope, domain)
        case IfElse():
            raise Undecided("cannot be decided: a choice in the domain was not made")
        case Opaque(why=why, invalid=invalid):
            if invalid:
                raise Fails("ValueError", f"Invalid domain: {why}")
            raise Undecided(f"cannot be decided: part of the domain can't be read: {why}")
    raise TypeError(f"not a domain: {type(domain).__name__}")


def _merged(domain: Domain, single: Callable[[str], bool]) -> Domain:
    """Neighbouring `any` of one field as one (`expression._tree_combine_anies`).

    For lines and links that is a matter of meaning: one of the merged subdomains that names `active` lets
    archived records in for all of them. For a many2one it only saves queries.
    """
    if not isinstance(domain, And | Or):
        return domain
    every = isinstance(domain, And)
    kept: list[Domain] = []
    places: dict[tuple[str, str], list[Domain]] = {}
    for item in [_merged(each, single) for each in domain.items]:
        if (
            isinstance(item, Term)
            and isinstance(item.value, Subdomain)
            and item.operator in ("any", "not any")
        ):
            apart = (item.operator == "any") is every
            if not apart or single(item.path):
                places.setdefault((item.path, item.operator), []).append(item.value.domain)
                continue
        kept.append(item)
    for (path, operator), inner in places.items():
        # `any` under AND and `not any` under OR narrow each other, the other two widen.
        narrow = (operator == "any") is every
        whole = conjunction(_without(inner, TRUE)) if narrow else _widened(inner)
        kept.append(Term(path, operator, Subdomain(whole)))
    if len(kept) == 1:
        return kept[0]
    return conjunction(kept) if every else disjunction(kept)


def _widened(domains: list[Domain]) -> Domain:
    return TRUE if TRUE in domains else disjunction(_without(domains, FALSE))


def _without(domains: list[Domain], unit: Domain) -> list[Domain]:
    return [domain for domain in domains if domain != unit]
