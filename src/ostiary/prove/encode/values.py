"""What stands on the right of a term: constants, the user's records and companies, and values of the user's.

Source: `ir.rule._eval_context`, and how Odoo's records answer attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.domain import (
    AllOf,
    AnyOf,
    Call,
    Compare,
    Concat,
    Each,
    HasGroup,
    Literal,
    Negated,
    OpaqueValue,
    Sequence,
    Symbol,
    Test,
    Truthy,
    Value,
    test_to_odoo,
    value_to_odoo,
)
from ostiary.prove.encode.items import COMPANY, USER, Const, Free, Item, Many, One, Plain, Unreadable
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, equal, implies, neg
from ostiary.prove.encode.world import Rec, Scalar
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Inherited, Lines, Links, Python, Related, Schema, Through

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder

_DEEPEST = 24


class Who:
    """Who asks: a user, the company they work in, and which companies are active.

    `companies` is a predicate on companies. `website` is the website that is visited, 0 for none. `groups` are the
    groups that a question leaves open, by external id: what stands for the user holding each.
    """

    def __init__(self, encoder: Encoder) -> None:
        world = encoder.world
        self.user = world.record(USER, "u")
        self.company = world.record(COMPANY, "c")
        self.allowed = world.function(("active companies",), "Int", "Bool")
        self.groups: dict[str, str] = {}
        self.website = Rec("website", world.script.declare("w", "", "Int"))
        world.script.add(f"(>= {self.website.term} 0)")
        world.script.add(f"({self.allowed} {self.company.term})")

    def active(self, company: Rec, positive: bool = True) -> str:
        """Whether a company is one of the session's (or is not, in a negative place)."""
        found = conj((f"(> {company.term} 0)", f"({self.allowed} {company.term})"))
        return found if positive else neg(found)


class Values:
    """Reads the right sides of terms for one encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.world = encoder.world
        self.who = encoder.who
        self.schema: Schema = encoder.schema

    def items(self, value: Value) -> list[Item]:
        """What the value holds. Raises Unreadable."""
        match value:
            case Literal(constant):
                return [Const(constant)]
            case Sequence(items):
                return [one for item in items for one in self.items(item)]
            case Concat(parts):
                if any(isinstance(part, Literal) for part in parts):
                    raise Unreadable(f"adds up {value_to_odoo(value)}")
                return [one for part in parts for one in self.items(part)]
            case Symbol():
                return [self.symbol(value)]
            case Each(Symbol(name, path), variable, Symbol(root, before), None) if name == variable:
                last = ("ids",) if path[-1:] == ("id",) else path[-1:]
                return [self.symbol(Symbol(root, (*before, *path[:-1], *last)))]
            case Call():
                return [Free(value)]
            case OpaqueValue(text, _, why):
                raise Unreadable(why or f"is compared with {text}")
        raise Unreadable(f"is compared with {value_to_odoo(value)}, which is known by running it only")

    def symbol(self, symbol: Symbol) -> Item:
        """What a name of the evaluation context and the path behind it give. Raises Unreadable."""
        root, path = symbol.root, symbol.path
        who = self.who
        if root == "company_id" and not path:
            return One(who.company)
        if root == "company_ids" and not path:
            return Many(COMPANY, who.active)
        if root == "user" and path[:1] == ("env",):
            root, path = path[1] if len(path) > 1 else "", path[2:]
            if root == "uid" and not path:
                return One(who.user)
            if root == "companies" and path == ("ids",):
                return Many(COMPANY, who.active)
            start = {"user": who.user, "company": who.company}.get(root)
        else:
            start = {"user": who.user, "website": who.website}.get(root)
        if start is None or not path:
            raise Unreadable(f"is compared with {value_to_odoo(symbol)}, which is known by running it only")
        return self._end(start, path, symbol)

    def _end(self, start: Rec, path: tuple[str, ...], symbol: Symbol) -> Item:
        *hops, last = path
        names = tuple(hops) if last in ("id", "ids") else path
        if last not in ("id", "ids"):
            found = self._scalar(start, names)
            if found is None:
                raise Unreadable(f"is compared with the records {value_to_odoo(symbol)} instead of their ids")
            return Plain(found)
        single, model = self._single(start, names)
        if single is not None and last == "id":
            return One(single)
        if last == "id":
            raise Unreadable(f"asks for the id of several records ({value_to_odoo(symbol)})")
        if single is not None:
            self.world.known(single)  # what is said of all has to be said of it
        return Many(model, lambda record, positive: self.reached(start, names, record, positive))

    def _hop(self, record: Rec, name: str) -> tuple[tuple[str, ...], Column | Lines | Links | Python | None]:
        """The path that a field of the user's stands for, or where it is kept. Raises Unreadable.

        Records that Python computes are some records or other: nothing is known of which.
        """
        try:
            kind = self.schema.field(record.model, name)
        except RecordsError as error:
            raise Unreadable(str(error).removeprefix("cannot be decided: ")) from None
        if isinstance(kind, Inherited):
            return (kind.link, name), None
        if isinstance(kind, Related):
            return kind.path, None
        if isinstance(kind, Through) and kind.readable and not kind.also and kind.value_domain is None:
            return kind.value_path or kind.path, None
        if isinstance(kind, Column | Lines | Links):
            return (), kind
        if isinstance(kind, Python) and kind.type in ("one2many", "many2many") and kind.comodel:
            return (), kind
        raise Unreadable(f"reads {name} of {record.model}, which is computed by Python")

    def _single(self, start: Rec, names: tuple[str, ...]) -> tuple[Rec | None, str]:
        """The one record at the end of a path, None where there may be several; and its model."""
        here, single = start, True
        waiting = list(names)
        for _ in range(_DEEPEST):
            if not waiting:
                return (here if single else None), here.model
            path, kind = self._hop(here, waiting.pop(0))
            if kind is None:
                waiting = [*path, *waiting]
            elif kind.comodel is None:
                raise Unreadable(f"reads {kind.name} of {here.model}, which holds no records")
            elif isinstance(kind, Column) and single:
                here = self.encoder.many2one(here, kind)
            else:
                single = single and isinstance(kind, Column)
                here = Rec(kind.comodel, here.term)
        raise Unreadable("leads too far from field to field")

    def _scalar(self, start: Rec, names: tuple[str, ...]) -> Scalar | None:
        """The plain value at the end of a path; None where there are records."""
        *hops, last = names
        record, _ = self._single(start, tuple(hops))
        if record is None:
            raise Unreadable(f"reads {last} of several records")
        path, kind = self._hop(record, last)
        if kind is None:
            return self._scalar(record, path)
        if kind.comodel is not None or not isinstance(kind, Column):
            return None
        return self.encoder.scalar(record, kind)

    def reached(self, start: Rec, names: tuple[str, ...], target: Rec, positive: bool) -> str:
        """Whether a record is among those at the end of a path."""
        return self._reached(start, list(names), target, positive, 0)

    def _reached(self, here: Rec, names: list[str], target: Rec, positive: bool, depth: int) -> str:
        if depth > _DEEPEST:
            raise Unreadable("leads too far from field to field")
        if not names:
            same = equal(here.term, target.term)
            return same if positive else neg(same)
        path, kind = self._hop(here, names[0])
        rest = [*path, *names[1:]] if kind is None else names[1:]
        if kind is None:
            return self._reached(here, rest, target, positive, depth + 1)
        if isinstance(kind, Column):
            there = self.encoder.many2one(here, kind)
            found = self._reached(there, rest, target, positive, depth + 1)
            is_set = f"(> {there.term} 0)"
            return conj((is_set, found)) if positive else disj((neg(is_set), found))
        many = kind

        def inside(one: Rec, sign: bool) -> str:
            member = self._member(here, many, one, sign)
            there = f"(> {one.term} 0)"
            if not rest:
                return conj((there, member)) if sign else disj((neg(there), member))
            further = self._reached(one, rest, target, sign, depth + 1)
            return conj((member, further)) if sign else disj((member, further))

        if not rest:
            return inside(target, positive)
        assert kind.comodel is not None
        if positive:
            return inside(self.world.record(kind.comodel, "s"), True)
        return self.world.every(kind.comodel, lambda one: inside(one, False))

    def _member(self, here: Rec, kind: Lines | Links | Python, one: Rec, positive: bool) -> str:
        """That a record is one of those a field of the user's holds. Which ones Python computes is not known."""
        if not isinstance(kind, Python):
            return self.encoder.member(here, kind, one, positive, read=True)
        self.world.computed[kind.model, kind.name] = kind.why
        found = self.world.related(f"{kind.model}.{kind.name}", here, one)
        return found if positive else neg(found)

    # -- tests ---------------------------------------------------------------------------------------------------

    def test(self, test: Test, positive: bool) -> str:
        """What a conditional asks, in a positive or a negative place."""
        match test:
            case Negated(item):
                return self.test(item, not positive)
            case AllOf(items):
                return (conj if positive else disj)([self.test(item, positive) for item in items])
            case AnyOf(items):
                return (disj if positive else conj)([self.test(item, positive) for item in items])
            case HasGroup(xmlid) if xmlid in self.who.groups:
                held = self.who.groups[xmlid]
                return held if positive else neg(held)
            case Truthy(value):
                return self._true(value, positive, test)
            case Compare("==" | "!=" as operator, left, right):
                return self._same(left, right, positive is (operator == "=="), test)
            case Compare("in" | "not in" as operator, left, right):
                return self._among(left, right, positive is (operator == "in"), test)
        return self._unread(test, positive)

    def _unread(self, test: Test, positive: bool) -> str:
        why = f"what {test_to_odoo(test)} gives is known by running it only"
        return self.world.opaque(test_to_odoo(test), why, self.who.user, positive)

    def _true(self, value: Value, positive: bool, test: Test) -> str:
        try:
            # `if user.partner_id.parent_id`: a record counts as true where there is one
            items = self._items_of_test(value)
        except Unreadable:
            return self._unread(test, positive)
        parts: list[str] = []
        for item in items:
            if isinstance(item, Const):
                parts.append(TRUE if item.value else FALSE)
            elif isinstance(item, One):
                parts.append(f"(> {item.record.term} 0)")
            elif isinstance(item, Plain):
                parts.append(self.encoder.scalars.truthy(item.scalar))
            elif isinstance(item, Many):
                return self.some(item, positive)
            else:
                return self._unread(test, positive)
        found = disj(parts)
        return found if positive else neg(found)

    def some(self, item: Many, positive: bool) -> str:
        """That there is one among some records (or none)."""
        if positive:
            one = self.world.record(item.model, "s")
            return item.contains(one, True)
        return self.world.every(item.model, lambda one: item.contains(one, False))

    def _items_of_test(self, value: Value) -> list[Item]:
        if (
            isinstance(value, Symbol)
            and value.root == "user"
            and value.path
            and value.path[-1] not in ("id", "ids")
        ):
            single, model = None, ""
            try:
                single, model = self._single(self.who.user, value.path)
            except Unreadable:
                return self.items(value)
            if single is not None:
                return [One(single)]
            return [
                Many(
                    model, lambda record, positive: self.reached(self.who.user, value.path, record, positive)
                )
            ]
        return self.items(value)

    def _same(self, left: Value, right: Value, positive: bool, test: Test) -> str:
        try:
            first, second = self._items_of_test(left), self._items_of_test(right)
        except Unreadable:
            return self._unread(test, positive)
        if len(first) == len(second) == 1:
            one, other = first[0], second[0]
            if isinstance(one, Const):
                one, other = other, one
            if isinstance(one, One) and isinstance(other, One):
                same = equal(one.record.term, other.record.term)
                return same if positive else neg(same)
            if (
                isinstance(one, One)
                and isinstance(other, Const)
                and (not other.value or type(other.value) is int)
            ):
                same = equal(one.record.term, str(int(other.value or 0)))
                return same if positive else neg(same)
            if isinstance(one, Plain) and isinstance(other, Const):
                try:
                    same = self.encoder.scalars.is_value(one.scalar, other)
                except Unreadable:
                    return self._unread(test, positive)
                return same if positive else neg(same)
        return self._unread(test, positive)

    def _among(self, left: Value, right: Value, positive: bool, test: Test) -> str:
        try:
            first, many = self._items_of_test(left), self._items_of_test(right)
        except Unreadable:
            return self._unread(test, positive)
        if len(first) != 1:
            return self._unread(test, positive)
        parts: list[str] = []
        for item in many:
            one = first[0]
            if isinstance(one, One) and isinstance(item, Many):
                parts.append(item.contains(one.record, positive))
            elif isinstance(one, One) and isinstance(item, One):
                same = equal(one.record.term, item.record.term)
                parts.append(same if positive else neg(same))
            elif isinstance(one, One) and isinstance(item, Const) and type(item.value) is int:
                same = equal(one.record.term, str(item.value))
                parts.append(same if positive else neg(same))
            else:
                return self._unread(test, positive)
        return (disj if positive else conj)(parts)

    def own_companies(self) -> None:
        """That active companies are companies of the user, for those that are spoken of."""
        try:
            kind = self.schema.field(USER, "company_ids")
        except RecordsError:
            return
        if isinstance(kind, Links):
            for term in list(self.world.records.get(COMPANY, ())):
                company = Rec(COMPANY, term)
                own = self.encoder.member(self.who.user, kind, company, True)
                self.world.script.add(implies(self.who.active(company), own))
