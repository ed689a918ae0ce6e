"""Terms as `filtered_domain` of 17 and 18 reads them: the values along a path against the operand, any of them.

Source: `models.BaseModel.filtered_domain`. What differs between the two is in DomainSemantics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from ostiary.domain import DomainSemantics, Subdomain, Term
from ostiary.records.errors import Fails, Refused
from ostiary.records.memory.attached import attached_check, attached_values
from ostiary.records.memory.checks import (
    UNSET,
    Check,
    Hop,
    Member,
    constant,
    failing,
    hopping,
    inverse,
    member,
    some,
)
from ostiary.records.memory.convert import DATES, HASHABLE, NUMBERS, RELATIONAL, TEXTS, X2MANY
from ostiary.records.memory.dates import to_datetime
from ostiary.records.memory.hierarchy import hierarchy
from ostiary.records.memory.patterns import glob, like
from ostiary.records.memory.values import (
    HIERARCHIES,
    INEQUALITIES,
    PATTERNS,
    Predicate,
    first_of,
    guarded,
    hashable,
    plain,
    python,
)

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

Read = Callable[[int], Any]

POSITIVE = {"!=": "=", "not in": "in", "not like": "like", "not ilike": "ilike", "not any": "any"}
UNFLATTENED = frozenset({"=?", "not in", "not like", "not ilike"})
"""Operators whose answer is not that of some value on a path, or of none."""
MAX_HOPS = 64
"""How many fields a path may have."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a path leads to: `column` for a plain field of the record itself, else `read` gives all values.

    `records` is the model of the records it leads to, None for plain values. `type` is the last field's.
    """

    type: str
    read: Read
    column: Any = None
    records: str | None = None
    own: bool = False


def mapped(env: Env, model: str, term: Term) -> Check:
    """The check of one term. Raises Undecided and Fails where the term can't be compiled at all."""
    semantics = env.source.schema.semantics
    if term.operator in HIERARCHIES:
        return hierarchy(env, model, term.path, term.operator, plain(term.value))
    path = term.path.removesuffix(".id")
    if semantics.python_path_is_any and "." in path:
        return _dotted(env, model, path, term)
    attached = attached_values(env, model, path)
    if attached is not None and not isinstance(term.value, Subdomain):
        return attached_check(env, attached, term.operator, plain(term.value))
    data = _data(env, model, path)
    if semantics.operator(term.operator) is None or (
        term.operator == "<>" and not semantics.python_accepts_diamond
    ):
        return failing(Fails("ValueError", f"operator {term.operator!r} doesn't exist"))
    if isinstance(term.value, Subdomain):
        return _any(env, data, term)
    if "." in path and data.records is None and term.operator not in UNFLATTENED:
        return _flattened(env, model, path, term)
    return _compared(env, semantics, data, term.operator, plain(term.value))


def field_type(env: Env, model: str, name: str) -> str:
    """A field's type. Raises Fails (`KeyError`) where there is none."""
    if name in ("id", "display_name"):
        return "integer" if name == "id" else "char"
    try:
        return env.kind(model, name).type
    except Fails as error:
        raise Fails("KeyError", f"{name!r}") from error


def _dotted(env: Env, model: str, path: str, term: Term) -> Check:
    """18: a path through a relation is `any` on what it leads to."""
    name, _, rest = path.partition(".")
    type_ = field_type(env, model, name)
    if type_ in RELATIONAL:
        data = _data(env, model, name)
        from ostiary.records.memory.compile import compile_check

        if path.count(".") >= MAX_HOPS:
            raise Fails("RecursionError", "the path of a term has too many fields")
        check = compile_check(env, str(data.records), Term(rest, term.operator, term.value))
        return _some(env, data, check)
    if type_ in DATES and not isinstance(term.value, Subdomain):
        _operand(type_, term.operator, plain(term.value))
    raise Fails("AttributeError", "a list has no fields")


def _flattened(env: Env, model: str, path: str, term: Term) -> Check:
    """17: a path to plain values; one of them does, or none for a negative operator. Told as what the records of
    the first field must be, so that many terms on one path can be made one."""
    name, _, rest = path.partition(".")
    operator = POSITIVE.get(term.operator, term.operator)
    check = _some(
        env,
        _field(env, model, name),
        mapped(env, _comodel(env, model, name), Term(rest, operator, term.value)),
    )
    return inverse(check) if operator != term.operator else check


def _comodel(env: Env, model: str, name: str) -> str:
    return str(env.kind(model, name).comodel)


def _data(env: Env, model: str, path: str) -> Data:
    """The values along a path (`mapped`)."""
    if path == "id":
        return Data("integer", lambda record: (record,), None, model, True)
    if "." not in path:
        return _field(env, model, path)
    names = path.split(".")
    if len(names) > MAX_HOPS:
        raise Fails("RecursionError", "the path of a term has too many fields")
    hops: list[Data] = []
    for name in names:
        if hops and hops[-1].records is None:
            raise Fails("AttributeError", "a plain value has no fields")
        here = model if not hops else str(hops[-1].records)
        hops.append(_data(env, here, name))

    def read(record: int) -> Any:
        found: Any = (record,)
        for hop in hops:
            found = [value for one in found for value in hop.read(one)]
        return found

    return Data(hops[-1].type, read, None, hops[-1].records)


def _field(env: Env, model: str, name: str) -> Data:
    type_ = field_type(env, model, name)
    column = env.column(model, name)
    if type_ in X2MANY:
        return Data(type_, column.__getitem__, column, env.kind(model, name).comodel)
    if type_ in RELATIONAL:
        return Data(type_, env.related_ids(model, name), column, env.kind(model, name).comodel)
    return Data(type_, lambda record: (column[record],), column)


def _some(env: Env, data: Data, check: Check) -> Check:
    """Whether one of the records that a field holds passes."""
    if check.constant is False:
        read = data.read
        return Check(lambda record: bool(read(record)) and False, env.su, True)
    if check.total and env.su and data.column is not None:
        return hopping(Hop(data.column, check, data.type != "many2one"))
    return Check(some(check, data.read, eager=True), check.total and env.su, True)


def _any(env: Env, data: Data, term: Term) -> Check:
    if data.records is None:
        raise Fails("AttributeError", "'list' object has no attribute 'filtered_domain'")
    if term.operator not in ("any", "not any"):
        raise Fails("ValueError", f"operator {term.operator!r} takes no domain")
    from ostiary.records.memory.compile import compile_check

    assert isinstance(term.value, Subdomain)
    check = _some(env, data, compile_check(env, data.records, term.value.domain))
    return inverse(check) if term.operator == "not any" else check


def _compared(env: Env, semantics: DomainSemantics, data: Data, operator: str, operand: Any) -> Check:
    """A term on values: any of them must do, or none for a negative operator."""
    negated = operator in POSITIVE
    shell = operator in PATTERNS and not semantics.python_patterns_escape
    if semantics.null_text_is_empty and data.type in TEXTS and operator in ("=", "!=") and not operand:
        operator, operand = ("in" if operator == "=" else "not in"), ["", False]
    pattern = operand
    if operator in ("in", "not in"):
        operand = _set(semantics, data.type, operand)
    else:
        operand = _operand(data.type, operator, operand)
    if operator in PATTERNS:
        test = python(lambda: glob(pattern, operator)) if shell else _pattern(semantics, operator, pattern)
    else:
        test = _test(semantics, POSITIVE.get(operator, operator), operand)
    by_name = data.records is not None and _by_name(operand)
    if test is True or test is False:
        return _known(data, test is not negated, env)
    if data.records is None or not by_name:
        found = _member(data, POSITIVE.get(operator, operator), operand, negated)
        if found is not None and env.su:
            return member(found)
        total = env.su and _total(semantics, data.type, operator, operand)
        return _check(data, test, negated, total)
    return _named(env, semantics, data, test, negated)


def _operand(type_: str, operator: str, operand: Any) -> Any:
    """The operand as the loop compares it: dates as times."""
    if type_ not in DATES:
        return operand
    if operator in ("in", "not in"):
        items = operand if isinstance(operand, list) else [operand]
        return python(lambda: {to_datetime(item) for item in items})
    return python(lambda: to_datetime(operand))


def _set(semantics: DomainSemantics, type_: str, operand: Any) -> Any:
    items = python(lambda: set(operand if isinstance(operand, list) else [operand]))
    if type_ in DATES:
        return _operand(type_, "in", list(items))
    if semantics.null_text_is_empty and type_ in TEXTS and ({False, ""} & items):
        items |= {False, ""}
    return items


def _pattern(semantics: DomainSemantics, operator: str, operand: Any) -> Predicate:
    return like(
        operand,
        exact=operator.startswith("="),
        fold=operator.endswith("ilike"),
        dotall=semantics.python_patterns_cross_lines,
    )


def _test(semantics: DomainSemantics, operator: str, operand: Any) -> Predicate | bool:
    """The test of one value; a bool where the values don't matter."""
    if operator == "=?":
        if not operand:
            return True
        operator = "="
    if operator == "=":
        return lambda value: bool(value == operand)
    if operator == "in":
        return operand.__contains__ if operand else False
    compare = INEQUALITIES[operator]
    if not semantics.python_skips_unset:
        return lambda value: value is not None and compare(value, operand)
    return lambda value: value is not None and value is not False and compare(value, operand)


def _by_name(operand: Any) -> bool:
    """Whether records are compared by their names: the operand, or the first of several, is a text."""
    if isinstance(operand, list | set) and operand:
        operand = operand[0] if isinstance(operand, list) else first_of(operand)
    return isinstance(operand, str)


def _known(data: Data, answer: bool, env: Env) -> Check:
    """An answer that no value changes. The record is read all the same, and must be there."""
    if data.own:
        return constant(answer)
    read = data.read

    def call(record: int) -> bool:
        read(record)
        return answer

    return Check(call, env.su, True)


def _member(data: Data, operator: str, operand: Any, negated: bool) -> Member | None:
    """The term as a plain membership test, where it is one."""
    if operator not in ("=", "in") or (data.column is None and not data.own):
        return None
    if data.type in DATES or (data.records is None and data.type not in HASHABLE):
        return None
    if operator == "=" and not hashable(operand):
        return None
    values = frozenset(operand) if operator == "in" else frozenset((operand,))
    return Member(data.column, values, negated, data.type in X2MANY)


def _check(data: Data, test: Predicate, negated: bool, total: bool) -> Check:
    """Any value passes; ids of records that are not there count as False."""
    if not total:
        test = guarded(test)
    if data.type == "date":
        test = _at_midnight(test)
    elif data.type == "datetime":
        test = _or_none(test)
    read, column = data.read, data.column
    if column is not None and data.records is None:
        if negated:
            return Check(lambda record: not test(column[record]), total, True)
        return Check(lambda record: test(column[record]), total, True)
    if data.records is not None:

        def related(record: int) -> bool:
            return any(test(value) for value in read(record) or UNSET) is not negated

        return Check(related, total, True)
    return Check(lambda record: any(test(value) for value in read(record)) is not negated, total, True)


def _at_midnight(test: Predicate) -> Predicate:
    return lambda value: test(datetime.combine(value, time.min) if isinstance(value, date) else None)


def _or_none(test: Predicate) -> Predicate:
    return lambda value: test(value or None)


def _total(semantics: DomainSemantics, type_: str, operator: str, operand: Any) -> bool:
    """Whether comparing values of the type with the operand never raises."""
    if operator in PATTERNS:
        return semantics.python_patterns_escape or type_ in TEXTS
    if operator in INEQUALITIES:
        if type_ in NUMBERS:
            return isinstance(operand, bool | int | float)
        if type_ in DATES:
            return operand is not None
        texts = TEXTS | {"selection"}
        return semantics.python_skips_unset and type_ in texts and isinstance(operand, str)
    return type_ in HASHABLE | X2MANY


def _named(env: Env, semantics: DomainSemantics, data: Data, test: Predicate, negated: bool) -> Check:
    """A term that compares the names of records."""
    names = env.column(str(data.records), "display_name")
    test, read = guarded(test), data.read

    def call(record: int) -> bool:
        try:
            shown = [names[one] for one in read(record)]
        except Refused:
            if not semantics.python_unreadable_names_are_empty:
                raise
            shown = [""]
        return any(test(name) for name in shown) is not negated

    return Check(call, False, True)
