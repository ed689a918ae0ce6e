"""A record rule's symbolic domain made ground for one session, as `ir.rule._compute_domain` evaluates its text.

Python's own meaning is kept: what is true, what a conditional chooses, what `.id` and `.ids` give. What only
running Odoo tells raises Undecided; what Odoo itself raises an error for raises Fails.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from ostiary.domain import (
    AllOf,
    And,
    AnyOf,
    Call,
    Choice,
    Compare,
    Concat,
    Constant,
    Domain,
    Each,
    HasGroup,
    IfElse,
    Literal,
    Negated,
    Not,
    Opaque,
    OpaqueValue,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Test,
    Truthy,
    Value,
    conjunction,
    disjunction,
    value_to_odoo,
)
from ostiary.policy.effective import answer
from ostiary.records.errors import Fails, Undecided
from ostiary.records.session import Session
from ostiary.records.symbols import Environment, Found, Item, Moment, Records, Symbols

if TYPE_CHECKING:
    from ostiary.records.memory.source import Source

MAX_ITEMS = 200_000
"""How many values the lists and comprehensions of one domain may come to."""

Bound = Mapping[str, Item]
_NONE: Bound = {}
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# They change the kind, the order and what is repeated: nothing that a term asks of its value. What a test asks of it is
# undecided below where that counts, since a domain mostly holds what is inside these calls and not the calls.
_SAME = frozenset({"list", "tuple", "set", "sorted"})
_LOST = "values of which it is not known whether they are a list, a tuple or a set, and in what order"


def evaluate(reader: Source, session: Session, domain: Domain) -> Domain:
    """The domain with every name, conditional and comprehension replaced by what it comes to for the session.

    Values are read as superuser through `reader`. Debug mode is off, so that `base.group_no_one` is not held.
    Raises Undecided, naming what stands in the way, and Fails for what Odoo raises an error for.
    """
    return Evaluation(Symbols(reader, session)).domain(domain)


class Evaluation:
    """Evaluates domains for one session; `symbols` answers the names."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self._items = 0

    def domain(self, domain: Domain) -> Domain:
        """The ground domain. Every value is evaluated, as Python does, whatever branch of `|` it stands in."""
        match domain:
            case Constant():
                return domain
            case And(items):
                return conjunction([self.domain(item) for item in items])
            case Or(items):
                return disjunction([self.domain(item) for item in items])
            case Not(item):
                return Not(self.domain(item))
            case IfElse(test, then, otherwise):
                return self.domain(then if self.test(test, _NONE) else otherwise)
            case Term(path, name, Subdomain(inner)):
                return Term(path, name, Subdomain(self.domain(inner)))
            case Term(path, name, value):
                return Term(path, name, _as_value(self.value(value, _NONE)))
            case Opaque(text, _, why, invalid):
                if invalid:
                    raise Fails("ValueError", f"a record rule's domain is none: {why or text}")
                raise Undecided(
                    f"cannot be decided: a record rule's domain could not be understood: {why or text}"
                )
        raise TypeError(f"not a domain: {type(domain).__name__}")

    def value(self, value: Value, bound: Bound) -> Found:
        """What the value comes to; `bound` holds the variables of comprehensions around it."""
        match value:
            case Literal(constant):
                return constant
            case Symbol(root, path):
                if root in bound:
                    return self.symbols.follow(bound[root], path, value)
                return self.symbols.value(value)
            case Sequence(items):
                self._count(len(items))
                return [self._item(item, bound) for item in items]
            case Concat(parts):
                return self._sum([self.value(part, bound) for part in parts], value)
            case Choice(test, then, otherwise):
                return self.value(then if self.test(test, bound) else otherwise, bound)
            case Each():
                return self._each(value, bound)
            case Call():
                return self._call(value, bound)
            case OpaqueValue(text, _, why):
                reason = f"a value in a record rule's domain could not be understood: {why or text}"
                raise Undecided(f"cannot be decided: {reason}")
        raise Undecided(f"cannot be decided: {value_to_odoo(value)} is no value that a domain can hold")

    def test(self, test: Test, bound: Bound) -> bool:
        """Python's answer to a test; what comes after the deciding part of `and` and `or` is not evaluated."""
        match test:
            case HasGroup(xmlid):
                return self._has_group(xmlid)
            case Truthy(value):
                return bool(self.value(value, bound))
            case Compare(op, left, right):
                return _compare(op, self.value(left, bound), self.value(right, bound))
            case Negated(item):
                return not self.test(item, bound)
            case AllOf(items):
                return all(self.test(item, bound) for item in items)
            case AnyOf(items):
                return any(self.test(item, bound) for item in items)
        raise TypeError(f"not a test: {type(test).__name__}")

    def _item(self, value: Value, bound: Bound) -> Item:
        found = self.value(value, bound)
        if isinstance(found, list):
            raise Undecided("cannot be decided: a record rule's domain holds a list in a list")
        return found

    def _count(self, more: int) -> None:
        self._items += more
        if self._items > MAX_ITEMS:
            raise Undecided("cannot be decided: a record rule's domain comes to too many values")

    def _has_group(self, xmlid: str) -> bool:
        symbols = self.symbols
        found = answer(symbols.policy, symbols.session.subject, xmlid, False)
        if found is None:
            raise Undecided(
                f"cannot be decided: a record rule asks whether the user holds {xmlid}, which is not known"
            )
        return found

    def _sum(self, parts: list[Found], value: Value) -> Found:
        if all(isinstance(part, list) for part in parts):
            joined = [item for part in parts if isinstance(part, list) for item in part]
            self._count(len(joined))
            return joined
        if any(isinstance(part, Moment) for part in parts):
            raise Undecided("cannot be decided: a record rule reckons with a date in Python")
        if all(isinstance(part, str) for part in parts):
            return "".join(str(part) for part in parts)
        if all(isinstance(part, bool | int | float) for part in parts):
            return sum(part for part in parts if isinstance(part, bool | int | float))
        models = {part.model for part in parts if isinstance(part, Records)}
        if len(models) == 1 and all(isinstance(part, Records) for part in parts):
            return Records(
                models.pop(), tuple(one for part in parts if isinstance(part, Records) for one in part.ids)
            )
        raise Fails("TypeError", f"{value_to_odoo(value)} adds values of different kinds")

    def _each(self, each: Each, bound: Bound) -> Found:
        source = self.value(each.source, bound)
        items: list[Item]
        if isinstance(source, Records):
            items = [Records(source.model, (one,)) for one in source.ids]
        elif isinstance(source, list):
            items = source
        else:
            raise Fails("TypeError", f"{value_to_odoo(each.source)} can't be gone through")
        self._count(len(items))
        found: list[Item] = []
        for item in items:
            inside = {**bound, each.variable: item}
            if each.condition is None or self.test(each.condition, inside):
                found.append(self._item(each.element, inside))
        return found

    def _call(self, call: Call, bound: Bound) -> Found:
        name = value_to_odoo(call.function)
        root = call.function.root
        if root not in bound and not self.symbols.policy.semantics.domain.knows_name(root):
            self.symbols.root(root)  # raises what Odoo raises for a name that isn't there
        known = not call.function.path and name not in bound and len(call.args) == 1 and not call.kwargs
        if known and name in self.symbols.policy.semantics.domain.builtins:
            found = self.value(call.args[0], bound)
            if name == "bool":
                return bool(found)
            if name == "len":
                return _length(found)
            if name in _SAME and isinstance(found, list):
                return found
        raise Undecided(f"cannot be decided: what {name}() gives is not known without running it")


def _length(found: Found) -> int:
    """What `len` gives. A domain does not keep whether a list was a set: where one is repeated, that decides."""
    if isinstance(found, Records):
        items: Collection[object] = found.ids
    elif isinstance(found, list):
        items = [_key(item) for item in found]
    elif isinstance(found, str) and not isinstance(found, Moment):
        return len(found)
    else:
        raise Undecided("cannot be decided: what len() gives is not known without running it")
    if len(set(items)) != len(items):
        raise Undecided(f"cannot be decided: a record rule counts {_LOST}")
    return len(items)


def _compare(op: str, left: Found, right: Found) -> bool:
    if op in ("is", "is not"):
        return _is(left, right) is (op == "is")
    if isinstance(left, Moment) or isinstance(right, Moment):
        raise Undecided("cannot be decided: a record rule compares a date in Python")
    if op in ("==", "!="):
        return _same(left, right) is (op == "==")
    if op in ("in", "not in"):
        return _contains(right, left) is (op == "in")
    if isinstance(left, list | Records) and isinstance(right, list | Records):
        raise Undecided(f"cannot be decided: a record rule puts in order {_LOST}")
    try:
        return bool(_ORDERS[op](left, right))
    except TypeError as error:
        raise Fails("TypeError", str(error)) from None


def _is(left: Found, right: Found) -> bool:
    """Only constants are one object wherever they come from."""
    if any(one is None or isinstance(one, bool) for one in (left, right)):
        return left is right
    raise Undecided("cannot be decided: a record rule asks whether two values are one object")


def _same(left: Found, right: Found) -> bool:
    """Whether `left == right`.

    Lists, tuples and sets that hold different things differ, whatever they are; of those that hold the same, neither
    the kind nor the order is known.
    """
    if isinstance(left, list | Records) and isinstance(right, list | Records):
        several = isinstance(left, list) or isinstance(right, list) or len(set(left.ids)) > 1
        if several and _members(left) == _members(right):
            raise Undecided(f"cannot be decided: a record rule compares {_LOST}")
    return _equal(left, right)


def _members(found: list[Item] | Records) -> set[object]:
    """What is found by going through a list or through records."""
    if isinstance(found, Records):
        return {_key(Records(found.model, (one,))) for one in found.ids}
    return {_key(item) for item in found}


def _key(item: Item) -> object:
    """What is equal for values that Python has as equal."""
    return (item.model, frozenset(item.ids)) if isinstance(item, Records) else item


def _equal(left: Found, right: Found) -> bool:
    if isinstance(left, Records) and isinstance(right, Records):
        return left.model == right.model and set(left.ids) == set(right.ids)
    return left == right


def _contains(container: Found, item: Found) -> bool:
    if isinstance(container, list):
        if isinstance(item, list) or any(isinstance(each, Moment) for each in container):
            raise Undecided("cannot be decided: a record rule looks in Python for a list or among dates")
        return any(_equal(each, item) for each in container)
    if isinstance(container, Records):
        if isinstance(item, Records) and item.model == container.model:
            return len(item.ids) == 1 and item.ids[0] in container.ids
        if isinstance(item, str):
            raise Undecided(f"cannot be decided: a record rule asks whether {container.model} has a field")
        raise Fails("TypeError", f"unsupported operand in {container.model}")
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    raise Fails("TypeError", f"argument of type {type(container).__name__!r} is not iterable")


def _as_value(found: Found) -> Value:
    """What a term holds."""
    if isinstance(found, list):
        return Sequence(tuple([_as_value(item) for item in found]))
    if isinstance(found, Records | Environment):
        raise Undecided(
            "cannot be decided: a record rule compares with records themselves instead of their ids"
        )
    return Literal(str(found) if isinstance(found, Moment) else found)
