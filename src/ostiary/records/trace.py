"""A ground domain, followed term by term for one record: what holds, with the value found, and what is missing."""

from __future__ import annotations

from ostiary.domain import (
    And,
    Constant,
    Domain,
    Literal,
    Not,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Value,
    conjunction,
    to_english,
    to_odoo,
)
from ostiary.policy import Reason
from ostiary.policy.logic import all_of, any_of
from ostiary.records.errors import RecordsError, Undecided
from ostiary.records.memory.compile import compile_in
from ostiary.records.memory.convert import X2MANY
from ostiary.records.memory.env import Env

MAX_SHOWN = 5
"""How many values of one field are shown."""

MAX_TEXT = 60
MAX_CLIMB = 32
"""How many parents up a tree is followed to name its root."""

_ORDERED = ("child_of", "parent_of")


def traced(env: Env, model: str, domain: Domain, record: int) -> Reason:
    """Why the domain accepts the record or not: one child for each of its terms, alternatives under one of
    their own. A term that can't be known has the verdict None and says why."""
    match domain:
        case Constant(value):
            return Reason("term", value, "Always." if value else "Never.", children=())
        case And(items):
            parts = tuple(traced(env, model, item, record) for item in items)
            return Reason(
                "all-of", all_of(_verdicts(parts)), "All of these:", children=_opened(parts, "all-of")
            )
        case Or(items):
            parts = tuple(traced(env, model, item, record) for item in items)
            one = Reason(
                "any-of", any_of(_verdicts(parts)), "One of these:", children=_opened(parts, "any-of")
            )
            return Reason("all-of", one.verdict, "All of these:", children=(one,))
        case Not(item):
            inner = traced(env, model, item, record)
            verdict = None if inner.verdict is None else not inner.verdict
            one = Reason("none-of", verdict, "Not this:", children=inner.children)
            return Reason("all-of", verdict, "All of these:", children=(one,))
        case Term():
            one = _term(env, model, domain, record)
            return Reason("all-of", one.verdict, "All of these:", children=(one,))
    text = f"A part can't be read: {to_english(domain)}."
    return Reason("all-of", None, text, children=(Reason("unknown", None, text),))


def _verdicts(parts: tuple[Reason, ...]) -> list[bool | None]:
    return [part.verdict for part in parts]


def _opened(parts: tuple[Reason, ...], kind: str) -> tuple[Reason, ...]:
    """The parts, where those of one term each stand for the term, and those of the same kind are opened up."""
    found: list[Reason] = []
    for part in parts:
        if part.kind == "all-of" and (kind == "all-of" or len(part.children) == 1):
            found.extend(part.children)
        else:
            found.append(part)
    return tuple(found)


def _term(env: Env, model: str, term: Term, record: int) -> Reason:
    try:
        asked = to_english(named(env, model, term))
        verdict: bool | None = compile_in(env, model, term)(record)
    except RecordsError as error:
        return Reason("term", None, f"{to_english(term)}: {error}", term.path, domain=to_odoo(term))
    inner = term.value.domain if isinstance(term.value, Subdomain) else None
    followed = inner is not None and term.operator == "any" and "." not in term.path
    if inner is not None and followed and env.kind(model, term.path).type == "many2one":
        found = env.column(model, term.path)[record]
        if found:
            below = traced(env, str(env.kind(model, term.path).comodel), inner, found)
            text = f"{term.path} is {_named(env, env.kind(model, term.path).comodel, found)}, of which must hold:"
            return Reason("term", verdict, text, term.path, children=below.children)
    return Reason("term", verdict, f"{asked}; here {value_of(env, model, term, record)}", term.path)


def named(env: Env, model: str, domain: Domain) -> Domain:
    """The same domain for reading: ids of records with the records' names behind them."""
    match domain:
        case And(items):
            return And(tuple(named(env, model, item) for item in items))
        case Or(items):
            return Or(tuple(named(env, model, item) for item in items))
        case Not(item):
            return Not(named(env, model, item))
        case Term(path, operator, value):
            comodel = _comodel(env, model, path)
            if comodel is None:
                return domain
            if isinstance(value, Subdomain):
                return Term(path, operator, Subdomain(named(env, comodel, value.domain)))
            return Term(path, operator, _with_names(env, comodel, value))
    return domain


def _comodel(env: Env, model: str, path: str) -> str | None:
    """The model of the records that a path leads to; None where it ends in a plain value."""
    here: str | None = model
    for name in path.split("."):
        if here is None:
            return None
        if name == "id":
            return here
        here = env.kind(here, name).comodel
    return here


def _with_names(env: Env, comodel: str, value: Value) -> Value:
    if isinstance(value, Sequence):
        if len(value.items) > MAX_SHOWN:
            return value
        return Sequence(tuple(_with_names(env, comodel, item) for item in value.items))
    if isinstance(value, Literal) and type(value.value) is int:
        # A name of the context is printed as it is, which is what an id with a name should be.
        return Symbol(_named(env, comodel, value.value))
    return value


def value_of(env: Env, model: str, term: Term, record: int) -> str:
    """The record's value at a term's path in words: `it is 907 (Azure Interior)`, `they are 3 and 4`."""
    names = term.path.split(".")
    ids, here = [record], model
    many = False
    try:
        for place, name in enumerate(names):
            if name == "id":
                return f"it is {_listed([str(one) for one in ids])}"
            kind = env.kind(here, name)
            many = many or kind.type in X2MANY
            last = place == len(names) - 1 or kind.comodel is None
            if kind.comodel is None:
                column = env.column(here, name)
                return _plain([_text(column[one]) for one in ids], many)
            ids = [other for one in ids for other in env.related_ids(here, name)(one)]
            here = kind.comodel
            if not ids:
                return "there is none" if many else f"{'.'.join(names[: place + 1])} is not set"
            if last:
                shown = [_named(env, here, one) for one in ids[:MAX_SHOWN]]
                roots = _roots(env, here, ids[:MAX_SHOWN]) if term.operator in _ORDERED else ""
                return _plain(shown, many, len(ids) - MAX_SHOWN) + roots
    except Undecided as error:
        return f"the value is not known: {error}"
    except RecordsError:
        pass
    return "the value is not known"


def _plain(values: list[str], many: bool, left: int = 0) -> str:
    if not values:
        return "there is none"
    more = f" and {left} more" if left > 0 else ""
    return f"{'they are' if many and len(values) > 1 else 'it is'} {_listed(values[:MAX_SHOWN])}{more}"


def _listed(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}"


def _text(value: object) -> str:
    if value is None or value is False:
        return "not set"
    if value is True:
        return "true"
    if isinstance(value, str):
        shown = value if len(value) <= MAX_TEXT else f"{value[: MAX_TEXT - 1]}…"
        return repr(shown)
    return str(value)


def _named(env: Env, model: str | None, record: int) -> str:
    """An id with the record's name, where that can be known."""
    assert model is not None
    try:
        name = env.column(model, "display_name")[record]
    except RecordsError:
        return str(record)
    return f"{record} ({_text(name)[1:-1]})" if isinstance(name, str) and name else str(record)


def _roots(env: Env, model: str, ids: list[int]) -> str:
    """Whose trees the records are in: ` , in the tree of 902`."""
    table = env.source.schema.model(model)
    try:
        parents = env.column(model, table.parent_name)
        roots: dict[int, None] = {}
        for one in ids:
            here = one
            for _ in range(MAX_CLIMB):
                above = parents[here]
                if not above:
                    break
                here = above
            if here != one:
                roots[here] = None
    except RecordsError:
        return ""
    return f", in the tree of {_listed([_named(env, model, one) for one in roots])}" if roots else ""


def nearest(env: Env, model: str, domain: Domain, record: int) -> Domain | None:
    """The fewest terms that would have to hold too for the domain to accept the record: TRUE-like parts are left
    out. None where it accepts the record already, or where no change of values would help."""
    found = _missing(env, model, domain, record)
    if found is None or not found:
        return None
    return conjunction(found)


def _missing(env: Env, model: str, domain: Domain, record: int) -> list[Domain] | None:
    """The terms that don't hold, on the alternative with the fewest; None where nothing would help."""
    match domain:
        case And(items):
            every: list[Domain] = []
            for item in items:
                found = _missing(env, model, item, record)
                if found is None:
                    return None
                every += found
            return every
        case Or(items):
            ways = [way for item in items if (way := _missing(env, model, item, record)) is not None]
            return min(ways, key=len) if ways else None
        case Constant(value):
            return [] if value else None
    return [] if compile_in(env, model, domain)(record) else [domain]
