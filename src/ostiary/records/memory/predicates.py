"""Terms as `filtered_domain` of 19 reads them: one predicate a field.

Source: `orm/domains.py` (`DomainCondition._as_predicate` and the optimizations before it), `Field.filter_function`,
`_Relational.filter_function`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ostiary.domain import (
    FALSE,
    TRUE,
    Domain,
    Literal,
    Not,
    Sequence,
    Subdomain,
    Term,
    conjunction,
    disjunction,
)
from ostiary.records.errors import Fails, Refused
from ostiary.records.memory.attached import attached_check, attached_values
from ostiary.records.memory.checks import (
    Check,
    Hop,
    Member,
    combine,
    constant,
    hopping,
    inverse,
    member,
    some,
)
from ostiary.records.memory.convert import HASHABLE, NUMBERS, RELATIONAL, TEXTS, X2MANY
from ostiary.records.memory.dates import as_date, as_datetime, later, part_of
from ostiary.records.memory.hierarchy import hierarchy
from ostiary.records.memory.patterns import like
from ostiary.records.memory.values import HIERARCHIES, INEQUALITIES, PATTERNS, guarded, plain, python

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

Read = Callable[[int], Any]

POSITIVE = {
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
    "not any!": "any!",
}
MAX_HOPS = 64


@dataclass(frozen=True, slots=True)
class At:
    """The field that a term is on: its path, and the type of its first field."""

    env: Env
    model: str
    path: str
    type: str


_TRUE_WORDS = frozenset({"y", "yes", "1", "true", "t", "on"})


def predicate(env: Env, model: str, term: Term) -> Check:
    """The check of one term. Raises Undecided and Fails where the term can't be compiled."""
    semantics = env.source.schema.semantics
    row = semantics.operator(term.operator)
    if row is None or row.internal:
        raise Fails("ValueError", f"Invalid operator {term.operator!r}")
    operator = row.same_as or row.name
    name, _, rest = term.path.partition(".")
    type_ = _type(env, model, name)
    if rest and type_ in RELATIONAL:
        if term.path.count(".") > MAX_HOPS:
            raise Fails("RecursionError", "the path of a term has too many fields")
        inner = Term(rest, operator, term.value)
        return _any(env, model, name, inner)
    if operator in HIERARCHIES:
        return hierarchy(env, model, term.path, operator, plain(term.value))
    if isinstance(term.value, Subdomain):
        return _subdomain(env, model, name, operator, term.value.domain)
    operand = plain(term.value)
    if operand is None:
        operand = False
    return _plain(At(env, model, term.path, type_), operator, operand)


def _type(env: Env, model: str, name: str) -> str:
    if name in ("id", "display_name"):
        return "integer" if name == "id" else "char"
    return env.kind(model, name).type


def _check(env: Env, model: str, domain: Domain) -> Check:
    from ostiary.records.memory.compile import compile_check

    return compile_check(env, model, domain)


def _subdomain(env: Env, model: str, name: str, operator: str, domain: Domain) -> Check:
    if name == "id":
        return _check(env, model, domain if POSITIVE.get(operator, operator) == operator else Not(domain))
    if _type(env, model, name) not in RELATIONAL:
        raise Fails("ValueError", "Cannot use 'any' with non-relational fields")
    check = _any(env, model, name, domain)
    return inverse(check) if operator in POSITIVE else check


def _any(env: Env, model: str, name: str, domain: Domain) -> Check:
    """Whether one of the records that a field holds satisfies the domain."""
    if domain == FALSE:
        return constant(False)
    check = _check(env, str(env.kind(model, name).comodel), domain)
    if check.total and env.su:
        return hopping(Hop(env.column(model, name), check, _type(env, model, name) in X2MANY))
    read = env.related_ids(model, name)
    return Check(some(check, read, eager=False), check.total and env.su, True)


# -- the rewriting of conditions ----------------------------------------------------------------------------


def _plain(at: At, operator: str, operand: Any) -> Check:
    """A term whose operand is a value or a list of values."""
    if operator == "=?":
        if not operand:
            return constant(True)
        operator = "="
    if operator in ("=", "!="):
        # Equality with a list is membership; with an empty one it asks for what is not set.
        operand = (operand or [False]) if isinstance(operand, list) else [operand]
        operator = "in" if operator == "=" else "not in"
    if operator in ("in", "not in"):
        if not operand:
            return constant(operator == "not in")
        items = operand if isinstance(operand, list) else [operand]
        operand = list(python(lambda: dict.fromkeys(items)))
    if operator in PATTERNS:
        return _pattern(at, operator, operand)
    if at.type in RELATIONAL:
        return _relation(at, operator, operand)
    return _typed(at, operator, operand)


def _typed(at: At, operator: str, operand: Any) -> Check:
    """A term on a plain field, its operand brought to the field's type."""
    if at.type == "boolean":
        operator, operand = _booleans(operator, operand)
    elif at.type == "date" and "." not in at.path:
        operand = _dates(operator, operand)
        if operand is None:
            return constant(False)
    elif at.type == "datetime" and "." not in at.path:
        domain = _times(at.path, operator, operand)
        if domain is not None:
            return _check(at.env, at.model, domain)
        operand = _as_times(operand)
    elif at.type in ("binary", "image") and not (operator in ("in", "not in") and set(operand) == {False}):
        return constant(True)
    attached = attached_values(at.env, at.model, at.path)
    if attached is not None:
        return attached_check(at.env, attached, operator, operand)
    return _field(at, operator, operand)


def _pattern(at: At, operator: str, operand: Any) -> Check:
    positive = POSITIVE.get(operator, operator)
    if not operand:
        result = (positive != operator) == ("=" in operator)
        if at.type in RELATIONAL or "=" in operator:
            return _plain(at, "!=" if result else "=", False)
        return constant(result)
    if not isinstance(operand, str):
        if "=" in operator:
            raise Fails("TypeError", "The pattern to match must be a string")
        operand = str(operand)
    if at.type in RELATIONAL:
        check = _any(at.env, at.model, at.path, Term("display_name", positive, Literal(operand)))
        return inverse(check) if positive != operator else check
    return _field(at, operator, operand)


def _relation(at: At, operator: str, operand: Any) -> Check:
    """`in` or an inequality on records: texts are names, the rest ids."""
    if operator in INEQUALITIES:
        if isinstance(operand, str):
            raise Fails("TypeError", "Inequality not supported for relational field using a string")
        return _any(at.env, at.model, at.path, Term("id", operator, _value(operand)))
    texts = [item for item in operand if isinstance(item, str)]
    others = [item for item in operand if not isinstance(item, str)]
    parts = []
    if texts:
        term = Term("display_name", "in", Sequence(tuple(Literal(text) for text in texts)))
        found = _any(at.env, at.model, at.path, term)
        parts.append(inverse(found) if operator == "not in" else found)
    if others:
        parts.append(_records(at, operator, others))
    return combine(parts, every=operator == "not in", eager=False)


def _records(at: At, operator: str, ids: list[Any]) -> Check:
    """Records by id; False means that there is none."""
    column = at.env.column(at.model, at.path)
    found = Member(column, frozenset(ids), operator == "not in", at.type in X2MANY)
    return member(found) if at.env.su else Check(found.call(), False, True)


def _value(operand: Any) -> Literal | Sequence:
    if isinstance(operand, list):
        return Sequence(tuple(_value(item) for item in operand))
    return Literal(operand)


def _booleans(operator: str, operand: Any) -> tuple[str, Any]:
    if operator not in ("in", "not in"):
        raise Fails("ValueError", "Cannot compare a boolean with what is not a collection")
    values = {item.lower() in _TRUE_WORDS if isinstance(item, str) else bool(item) for item in operand}
    if values == {False}:
        return ("not in" if operator == "in" else "in"), [True]
    return operator, list(values)


def _dates(operator: str, operand: Any) -> Any:
    """The operand as dates; None where nothing can match."""
    if operator in ("in", "not in"):
        return python(lambda: [as_date(item) for item in operand])
    found = python(lambda: as_date(operand))
    return None if found is False else found


def _times(path: str, operator: str, operand: Any) -> Domain | None:
    """The domain that a term on a time is read as: by the whole second, or by the day of a date. None where
    there is nothing to rewrite."""
    if operator in INEQUALITIES:
        value, is_date = python(lambda: as_datetime(operand))
        if value is False:
            return FALSE
        if operator in ("<", ">="):
            whole = value.replace(microsecond=0)
            return None if whole == value else Term(path, operator, Literal(_iso(whole)))
        after = later(value.replace(microsecond=0), day=is_date)
        if operator == ">":
            return FALSE if after is None else Term(path, ">=", Literal(_iso(after)))
        if after is None:
            return Term(path, "!=", Literal(False))
        return Term(path, "<", Literal(_iso(after)))
    values = [python(lambda item=item: as_datetime(item))[0] for item in operand]  # type: ignore[misc]
    if not any(isinstance(value, datetime) for value in values):
        return None
    parts: list[Domain] = []
    for value in values:
        if value is False:
            # In a list with times, so that it is not rewritten again.
            parts.append(Term(path, "=", Literal(False)))
            continue
        start = value.replace(microsecond=0)
        after = later(start, day=False)
        before: Domain = Term(path, "<", Literal(_iso(after))) if after is not None else TRUE
        parts.append(conjunction([Term(path, ">=", Literal(_iso(start))), before]))
    domain = disjunction(parts)
    return Not(domain) if operator == "not in" else domain


def _iso(value: datetime) -> str:
    return value.isoformat(" ")


def _as_times(operand: Any) -> Any:
    if isinstance(operand, list):
        return [python(lambda item=item: as_datetime(item))[0] for item in operand]  # type: ignore[misc]
    return python(lambda: as_datetime(operand))[0]


# -- predicates of plain fields ------------------------------------------------------------------------------


def _field(at: At, operator: str, operand: Any) -> Check:
    """`Field.filter_function`: the values against the operand; negative operators are the complement."""
    positive = POSITIVE.get(operator, operator)
    negated = positive != operator
    if at.path == "id":
        return _own(positive, operand, negated)
    read, column = _getter(at)
    falsy, total = _falsy(at.type), at.env.su and column is not None
    if positive == "in":
        values = python(lambda: frozenset(operand))
        if False in values or (falsy is not None and falsy in values):
            # Any false value counts as unset: NULL, 0, the empty text.
            values |= {None, False} | (frozenset() if falsy is None else {falsy})
        if total and at.type in HASHABLE:
            return member(Member(column, values, negated))
        total, call = False, guarded(values.__contains__)
    elif positive in PATTERNS:
        call = like(operand, exact="=" in positive, fold=positive.endswith("ilike"), dotall=True)
    else:
        call = _inequality(positive, operand, falsy)
    if negated:
        return Check(lambda record: not call(read(record)), total, True)
    return Check(lambda record: call(read(record)), total, True)


def _own(operator: str, operand: Any, negated: bool) -> Check:
    """A term on the record's id."""
    if operator == "in":
        return member(Member(None, python(lambda: frozenset(operand)), negated))
    if operator in PATTERNS:
        call = like(operand, exact="=" in operator, fold=operator.endswith("ilike"), dotall=True)
    else:
        call = _inequality(operator, operand, None)
    return Check((lambda record: not call(record)) if negated else call, True, False)


def _falsy(type_: str) -> Any:
    """What counts as unset besides NULL (`Field.falsy_value`)."""
    if type_ in NUMBERS:
        return 0
    if type_ in TEXTS:
        return ""
    return False if type_ == "boolean" else None


def _inequality(operator: str, operand: Any, falsy: Any) -> Callable[[Any], bool]:
    compare = INEQUALITIES[operator]
    unset = False
    if falsy is not None:
        operand = operand or falsy
        unset = bool(python(lambda: compare(falsy, operand)))

    def call(value: Any) -> bool:
        if value is False or value is None:
            return unset
        try:
            return bool(compare(value, operand))
        except (TypeError, ValueError):
            return False

    return call


def _getter(at: At) -> tuple[Read, Any]:
    """How the value is read, and the column where it is read off one as it is."""
    name, _, part = at.path.partition(".")
    column = at.env.column(at.model, name)
    if name == "display_name":
        return _shown(column), None
    if not part:
        return column.__getitem__, column
    if at.type not in ("date", "datetime") or part not in at.env.source.schema.semantics.date_parts:
        raise Fails("ValueError", f"Expression not supported: {at.path!r:.80}")
    return (lambda record: (value := column[record]) and part_of(value, part)), None


def _shown(column: Any) -> Read:
    """A name; one that may not be read is empty."""

    def read(record: int) -> Any:
        try:
            return column[record]
        except Refused:
            return ""

    return read
