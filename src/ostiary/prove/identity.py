"""What ties a record to one user, and what many users have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.domain import (
    FALSE,
    And,
    Concat,
    Domain,
    Each,
    IfElse,
    Literal,
    Not,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Truthy,
    Value,
    conjunction,
    disjunction,
    find_operator,
    symbols,
)
from ostiary.policy import Field, Policy
from ostiary.policy.paths import Step, walk

COMPANY = "res.company"
USER = "res.users"
PARTNER = "res.partner"

SHARED_MODELS = frozenset(
    {
        "product.category",
        "product.pricelist",
        COMPANY,
        "res.country",
        "res.country.group",
        "res.country.state",
        "res.currency",
        "res.groups",
        "res.lang",
        "res.partner.category",
        "res.partner.industry",
        "res.partner.title",
        "website",
    }
)
"""Models whose records many users have in common: what goes through one ties nothing to anybody."""

# Many2one fields that lead from what is the user's to what is the user's. All others lead to what many may share.
_OWN = frozenset(
    {
        (USER, "partner_id"),
        (USER, "commercial_partner_id"),
        (USER, "parent_id"),
        (USER, "employee_id"),
        (PARTNER, "commercial_partner_id"),
        (PARTNER, "parent_id"),
        ("hr.employee", "user_id"),
        ("hr.employee", "work_contact_id"),
    }
)
_TYING = frozenset({"=", "==", "in", "child_of", "parent_of", "=?", "!=", "not in", "<>"})
_COMPANY_SYMBOLS = frozenset({"company_id", "company_ids"})
_SET = Literal(False)


@dataclass(frozen=True, slots=True)
class Tie:
    """One place of a domain where a record is tied to the user.

    `link`, on the question's record, is true where the tie is there: the field is set and is the user's. `symbols` are
    the names that it compares with.
    """

    link: Domain
    symbols: tuple[Symbol, ...]


def ties(policy: Policy, model: str, domain: Domain) -> list[Tie]:
    """Every tie of a domain that was written out (`expand`), on records of `model`."""
    return list(ties_at(policy, (model,), (), domain))


def ties_at(policy: Policy, models: tuple[str, ...], hops: tuple[str, ...], domain: Domain) -> Iterator[Tie]:
    """Every tie of a domain that was written out (`expand`). It is about records of the last of `models`, to which
    `hops` lead from those of the first, which the links are about."""
    match domain:
        case And(items) | Or(items):
            for item in items:
                yield from ties_at(policy, models, hops, item)
        case Not(item):
            yield from ties_at(policy, models, hops, item)
        case IfElse(_, then, otherwise):
            yield from ties_at(policy, models, hops, then)
            yield from ties_at(policy, models, hops, otherwise)
        case Term(path, _, Subdomain(inner)):
            field = _field(policy, models[-1], path)
            if field is not None and field.comodel:
                yield from ties_at(policy, (*models, field.comodel), (*hops, path), inner)
        case Term():
            tie = _tie(policy, models, hops, domain)
            if tie is not None:
                yield tie


def _tie(policy: Policy, models: tuple[str, ...], hops: tuple[str, ...], term: Term) -> Tie | None:
    if term.operator not in _TYING or any(model in SHARED_MODELS for model in models[1:]):
        return None
    field = _field(policy, models[-1], term.path)
    itself = term.path == "id" and not hops
    if term.path != "id" and (field is None or not _links(field)):
        return None
    holds = models[-1] if term.path == "id" else field.comodel if field is not None else None
    found = tuple(
        one
        for one in compared(term.value)
        if identifies(policy, one, itself, models[0]) and holds in (None, model_of(policy, one))
    )
    if not found:
        return None
    operator = term.operator if term.operator in ("child_of", "parent_of") else "in"
    link = disjunction([_link(policy, Term(term.path, operator, Sequence((one,))), one) for one in found])
    own_tree = field is not None and field.comodel == models[-1] and operator != "in"
    if field is not None and field.type not in ("one2many", "many2many") and not own_tree:
        link = conjunction([link, Term(term.path, "!=", _SET)])
    for hop in reversed(hops):
        link = Term(hop, "any", Subdomain(link))
    return Tie(link, found)


def _link(policy: Policy, term: Term, symbol: Symbol) -> Domain:
    """A term that compares with one record of the user's, which ties nothing where there is none."""
    if not may_be_empty(policy, symbol):
        return term
    return IfElse(Truthy(Symbol(symbol.root, symbol.path[:-1])), term, FALSE)


def compared(value: Value) -> Iterator[Symbol]:
    """The names whose records a value holds, those of comprehensions as one path."""
    match value:
        case Symbol():
            yield value
        case Sequence(items):
            for item in items:
                yield from compared(item)
        case Concat(parts):
            for part in parts:
                yield from compared(part)
        case Each(Symbol(name, path), variable, Symbol(root, before), _) if name == variable:
            last = ("ids",) if path[-1:] == ("id",) else path[-1:]
            yield Symbol(root, (*before, *path[:-1], *last))


def _links(field: Field) -> bool:
    """Whether a field can single out a record at all."""
    if field.type in ("many2one", "one2many", "many2many"):
        return field.comodel not in SHARED_MODELS
    return field.type in ("integer", "many2one_reference")


def _field(policy: Policy, model: str, name: str) -> Field | None:
    step = next(iter(walk(policy, model, name)), None)
    if isinstance(step, Step):
        return step.field
    if name in ("create_uid", "write_uid"):
        place = policy.models.get(model)
        return Field(origin=place.origin, name=name, type="many2one", comodel=USER) if place else None
    return None


def identifies(policy: Policy, symbol: Symbol, itself: bool, model: str) -> bool:
    """Whether what a name holds is the user's alone, or (`itself`) is compared with the record itself."""
    if symbol.root in _COMPANY_SYMBOLS or symbol.path[:1] in (("company_id",), ("company_ids",)):
        return itself and model == COMPANY
    if symbol.root != "user" or symbol.path[-1:] not in (("id",), ("ids",)):
        return False
    path = symbol.path[:-1]
    if itself or not path:
        return True
    here, linked = USER, False
    for step in walk(policy, USER, ".".join(path)):
        if not isinstance(step, Step) or step.field.comodel is None:
            return False
        if step.field.comodel in SHARED_MODELS:
            return False
        if step.field.type == "many2one" and (here, step.field.name) not in _OWN:
            return False
        if step.field.type == "many2many":
            if linked:
                return False
            linked = True
        here = step.field.comodel
    return True


def model_of(policy: Policy, symbol: Symbol) -> str | None:
    """The model of the records that a name of the user's holds; a company's for what is the session's."""
    if symbol.root in _COMPANY_SYMBOLS:
        return COMPANY
    here: str | None = USER
    for step in walk(policy, USER, ".".join(symbol.path[:-1])) if symbol.path[:-1] else ():
        here = step.field.comodel if isinstance(step, Step) else None
    return here


def may_be_empty(policy: Policy, symbol: Symbol) -> bool:
    """Whether a name that holds one record may hold none."""
    if symbol.root != "user" or symbol.path[-1:] != ("id",):
        return False
    steps = [step for step in walk(policy, USER, ".".join(symbol.path[:-1])) if isinstance(step, Step)]
    sure = {(USER, "partner_id"), (USER, "commercial_partner_id"), (PARTNER, "commercial_partner_id")}
    here = USER
    for step in steps:
        if (here, step.field.name) not in sure and not step.field.required:
            return True
        here = step.field.comodel or ""
    return False


def compares_companies(term: Term) -> bool:
    """Whether a term compares with the companies of who asks, and with nothing else."""
    if isinstance(term.value, Subdomain):
        return False
    operator = find_operator(term.operator)
    if operator is None or operator.negative:
        return False
    used = list(symbols(term.value))
    return bool(used) and all(_of_company(one) for one in used)


def _of_company(symbol: Symbol) -> bool:
    if symbol.root in _COMPANY_SYMBOLS:
        return True
    path = [name for name in symbol.path if name not in ("id", "ids")]
    names = {"company_id", "company_ids", "company", "companies"}
    return symbol.root in ("user", "website") and bool(path) and path[-1] in names
