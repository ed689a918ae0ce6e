"""What ties a row to a user, worked out on real rows and without the prover.

A record is linked to a user where a term of the effective domain is true of it that compares the record, or a link of
it, with what belongs to that user alone. Negative operators count as their opposites.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ostiary.domain import (
    And,
    Domain,
    Each,
    IfElse,
    Literal,
    Not,
    Or,
    Subdomain,
    Symbol,
    Term,
    Value,
    conjunction,
    find_operator,
    symbols,
)
from ostiary.domain import Concat as Sum
from ostiary.domain import Sequence as Values
from ostiary.policy import Field, Policy
from ostiary.policy.paths import field_of
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Condition, Schema

# A user, a contact or an employee stands for one person or customer, and these fields lead from one to the same one's.
_PERSONS = frozenset({"hr.employee", "res.partner", "res.users"})
_SAME_PERSON = frozenset(
    {"commercial_partner_id", "employee_id", "parent_id", "partner_id", "user_id", "work_contact_id"}
)
# Many customers have these in common.
_COMMON = frozenset(
    {
        "product.category", "product.pricelist", "res.company", "res.country", "res.country.group",
        "res.country.state", "res.currency", "res.groups", "res.lang", "res.partner.category",
        "res.partner.industry", "res.partner.title", "website",
    }
)  # fmt: skip
_POSITIVE = {"!=": "in", "<>": "in", "not in": "in", "=": "in", "==": "in", "=?": "in", "in": "in"}


class Ties:
    """The terms of a model's effective domain that are true where a record is the user's."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.policy: Policy = schema.policy

    def of(self, model: str, domain: Domain, top: bool = True) -> Iterator[Domain]:
        match domain:
            case And(items) | Or(items):
                for item in items:
                    yield from self.of(model, item, top)
            case Not(item):
                yield from self.of(model, item, top)
            case IfElse(_, then, otherwise):
                yield from self.of(model, then, top)
                yield from self.of(model, otherwise, top)
            case Term():
                yield from self._term(model, domain, top)

    def _term(self, model: str, term: Term, top: bool) -> Iterator[Domain]:
        fields = list(self._fields(model, term.path))
        if any(one.comodel in _COMMON for one in fields[:-1]):
            return
        last = fields[-1] if fields else None
        if isinstance(term.value, Subdomain):
            if last is not None and last.comodel and last.comodel not in _COMMON:
                for inner in self.of(last.comodel, term.value.domain, False):
                    yield Term(term.path, "any", Subdomain(inner))
            return
        yield from self._declared(model, term.path, fields)
        itself = top and term.path == "id"
        if not itself and (last is None or last.comodel in _COMMON):
            return
        operator = (
            term.operator if term.operator in ("child_of", "parent_of") else _POSITIVE.get(term.operator)
        )
        for value in self._identities(term.value, itself, model) if operator else ():
            one = value if _is_list(value) else Values((value,))
            parts: list[Domain] = [Term(term.path, str(operator), one)]
            parts += [] if itself else [Term(term.path, "!=", Literal(False))]
            yield conjunction(parts)

    def _declared(self, model: str, path: str, fields: list[Field]) -> Iterator[Domain]:
        """The ties in the domain of a field that is true for what it selects."""
        *before, name = path.split(".")
        owner = fields[-2].comodel if len(fields) > 1 else model
        try:
            kind = self.schema.field(owner or "", name)
        except RecordsError:
            return
        if isinstance(kind, Condition) and kind.domain is not None:
            for inner in self.of(owner or "", kind.domain, not before):
                yield Term(".".join(before), "any", Subdomain(inner)) if before else inner

    def _fields(self, model: str, path: str) -> Iterator[Field]:
        here: str | None = model
        for name in path.split("."):
            found = field_of(self.policy, here or "", name)
            if found is None:
                return
            yield found
            here = found.comodel

    def _identities(self, value: Value, itself: bool, model: str) -> Iterator[Value]:
        """The parts of a value that are the user's alone. A record compared with itself is named, however it was
        found."""
        match value:
            case Symbol():
                if self._names(value, itself, model):
                    yield value
            case Values(items):
                for item in items:
                    yield from self._identities(item, itself, model)
            case Sum(parts):
                for part in parts:
                    yield from self._identities(part, itself, model)
            case Each(Symbol(name, path), variable, Symbol(root, before), _) if name == variable:
                if self._names(Symbol(root, (*before, *path)), itself, model):
                    yield value

    def _names(self, symbol: Symbol, itself: bool, model: str) -> bool:
        if symbol.root in ("company_id", "company_ids") or symbol.path[:1] in (
            ("company_id",),
            ("company_ids",),
        ):
            return itself and model == "res.company"
        if symbol.root != "user" or symbol.path[-1:] not in (("id",), ("ids",)):
            return False
        names = symbol.path[:-1]
        if itself or not names:
            return True
        return self._leads_to_own(names)

    def _leads_to_own(self, names: Sequence[str]) -> bool:
        here, relations = "res.users", 0
        for name in names:
            found = field_of(self.policy, here, name)
            if found is None or found.comodel is None or found.comodel in _COMMON:
                return False
            if found.type == "many2one" and not (here in _PERSONS and name in _SAME_PERSON):
                return False
            if (here, name) == ("res.partner", "user_id"):  # the salesperson of many customers
                return False
            relations += found.type == "many2many"
            here = found.comodel
        return relations <= 1


def _is_list(value: Value) -> bool:
    """Whether a value that names somebody's records comes to a list."""
    if isinstance(value, Symbol):
        return value.path[-1:] == ("ids",) or value.root == "company_ids"
    return isinstance(value, Each)


def company_terms(domain: Domain) -> Iterator[Domain]:
    """The terms that compare with the companies of who asks, and with nothing else of theirs."""
    match domain:
        case And(items) | Or(items):
            for item in items:
                yield from company_terms(item)
        case Not(item):
            yield from company_terms(item)
        case Term(_, name, value) if not isinstance(value, Subdomain):
            operator = find_operator(name)
            used = [one.root if one.root != "user" or not one.path else one.path[0] for one in symbols(value)]
            if operator and not operator.negative and used and set(used) <= {"company_id", "company_ids"}:
                yield domain
