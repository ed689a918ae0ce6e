"""A record rule's domain for a session that is only known when a statement runs.

`records.evaluate` does the work; what it would read of the session is a placeholder here, and what it would
decide by a value is a question (`asking`). Whatever would need the value itself, in Python, is undecided.
"""

# ruff: noqa: S608 - a script is text; values in it are quoted by `literals`
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ostiary.domain import (
    Call,
    Compare,
    Domain,
    Each,
    Literal,
    Symbol,
    Test,
    Truthy,
    Value,
    value_to_odoo,
)
from ostiary.enforce.rls import functions, ways
from ostiary.enforce.rls.asking import Answers
from ostiary.enforce.rls.compiler import Renderer
from ostiary.enforce.rls.literals import constant, text, texts
from ostiary.enforce.rls.placeholders import plain
from ostiary.policy import Policy, Subject
from ostiary.policy.groups import DEBUG_GROUP
from ostiary.records.errors import Fails, Undecided
from ostiary.records.evaluate import Bound, Evaluation
from ostiary.records.session import Session
from ostiary.records.sql.scope import Scope
from ostiary.records.symbols import Found

_TEXTS = frozenset({"char", "text", "selection", "reference"})
_RETURNS = {"boolean": "boolean", **dict.fromkeys(_TEXTS, "text")}
_SAME = frozenset({"list", "tuple", "set", "sorted"})


def session_of(renderer: Renderer) -> Session:
    """The session of whoever asks, of placeholders only, in superuser mode, as rules are evaluated."""
    known = renderer.placeholders
    nobody = Subject(name="whoever asks", groups=frozenset())
    companies = (known.number(functions.COMPANIES, several=True),)
    return Session(
        nobody, known.number(functions.UID), known.number(functions.COMPANY), companies, superuser=True
    )


def domain_of(scope: Scope, renderer: Renderer, answers: Answers, domain: Domain, about: str) -> Domain:
    """The ground domain for one set of answers. Raises Undecided and Fails, naming what stands in the way."""
    symbols = _Symbols(scope.as_session(scope.session.with_active_test(True)), renderer, answers, about)
    return _Symbolic(symbols).domain(domain)


def holds(groups: Iterable[str]) -> str:
    """Whether the user holds one of the groups, as SQL."""
    return f"(SELECT {functions.SCHEMA}.groups() && {texts(sorted(groups))})"


class _Symbols:
    """The names of a rule as placeholders."""

    def __init__(self, scope: Scope, renderer: Renderer, answers: Answers, about: str) -> None:
        self.scope = scope
        self.session = scope.session
        self.policy: Policy = scope.schema.policy
        self.renderer = renderer
        self.answers = answers
        self.about = about

    def value(self, symbol: Symbol) -> Found:
        """The value of a name, where it ends in ids or in a plain value."""
        path = symbol.path
        if symbol.root == "company_id" and not path:
            return self.session.company
        if symbol.root == "company_ids" and not path:
            return list(self.session.companies)
        if symbol.root != "user":
            return self.root(symbol.root)
        if any("__" in name for name in path):
            raise Fails("NameError", "Access to forbidden name")
        if path in (("id",), ("env", "uid")):
            return self.session.uid
        way, last = self._way(symbol)
        if last is None and way.model is not None:
            said = value_to_odoo(symbol)
            raise Undecided(f"cannot be decided: a record rule compares with records themselves ({said})")
        if last == "ids":
            return [self._several(way)]
        return self._single(way)

    def root(self, name: str) -> Found:
        """A bare name that is neither the user nor a company."""
        if name in self.policy.semantics.domain.names | self.policy.semantics.domain.builtins:
            raise Undecided(f"cannot be decided: what {name} gives depends on when and how it is run")
        if name in self.policy.semantics.domain.module_names:
            raise Undecided(f"cannot be decided: what {name} stands for is known by a module alone")
        raise Fails("NameError", f"name {name!r} is not defined")

    def follow(self, value: Found, path: Iterable[str], symbol: Symbol) -> Found:
        """What is read from the variable of a comprehension."""
        if not list(path):
            return value
        raise Undecided(f"cannot be decided: {value_to_odoo(symbol)} is read for each of several records")

    def exists(self, symbol: Symbol) -> bool:
        """Whether a recordset holds a record."""
        way, _ = self._way(symbol)
        return self.answers.ask(f"(cardinality({self._array(way)}) > 0)")

    def is_records(self, symbol: Symbol) -> bool:
        """Whether a name stands for records, and not for ids or a plain value."""
        if symbol.root != "user" or symbol.path[-1:] in (("id",), ("ids",)) or symbol.path == ("env", "uid"):
            return False
        way, last = self._way(symbol)
        return last is None and way.model is not None

    def _way(self, symbol: Symbol) -> tuple[ways.Way, str | None]:
        """What a path from the user leads to, and the `id` or `ids` that it ends in."""
        path, last = list(symbol.path), None
        if path and path[-1] in ("id", "ids"):
            last = path.pop()
        way = self._start(path)
        for name in path:
            way = ways.further(self.scope, way, name)
        if last == "id" and not way.single:
            raise Undecided(f"cannot be decided: {value_to_odoo(symbol)} is one id of several")
        return way, last

    def _start(self, path: list[str]) -> ways.Way:
        """Where a path begins: with the user, or through its environment with a company. Takes what it used."""
        session = self.session
        assert session.uid is not None
        while path and path[0] == "env":
            del path[0]
            name = path.pop(0) if path else ""
            if name == "company":
                assert session.company is not None
                return ways.start(self.scope, "res.company", [session.company], single=True)
            if name == "companies":
                return ways.start(self.scope, "res.company", list(session.companies), single=False)
            if name != "user":
                raise Undecided(
                    "cannot be decided: what a record rule reads of the environment is known by running it"
                )
        return ways.start(self.scope, "res.users", [session.uid], single=True)

    def _array(self, way: ways.Way) -> str:
        inner = self.renderer.select(way.select)
        body = f"SELECT coalesce(array_agg(DISTINCT one.id), '{{}}')::integer[] FROM (\n{inner}\n) one(id)"
        return f"(SELECT {self.renderer.functions.call('list', 'integer[]', body, self.about)})"

    def _several(self, way: ways.Way) -> int:
        return self.renderer.placeholders.number(self._array(way), several=True)

    def _single(self, way: ways.Way) -> Found:
        known = self.renderer.placeholders
        returns = "integer" if way.model is not None else _RETURNS.get(way.type)
        if returns is None:
            raise Undecided(f"cannot be decided: a record rule compares with a {way.type} of the user")
        body = self.renderer.select(way.select)
        sql = f"(SELECT {self.renderer.functions.call('value', returns, body, self.about)})"
        if way.type == "boolean":
            return self.answers.ask(f"({sql} IS TRUE)")
        if not self.answers.ask(f"({sql} IS NOT NULL)"):
            return False
        if way.model is not None:
            return known.number(sql)
        return known.text(sql) if self.answers.ask(f"(coalesce({sql}, '') <> '')") else ""


class _Symbolic(Evaluation):
    """Evaluation that never looks at a placeholder as if it were a value."""

    symbols: Any

    def __init__(self, symbols: _Symbols) -> None:
        super().__init__(symbols)  # type: ignore[arg-type]
        self.names = symbols
        self.within = symbols.renderer.placeholders.within

    def value(self, value: Value, bound: Bound) -> Found:
        if isinstance(value, Literal):
            plain(value.value)
        return super().value(value, bound)

    def test(self, test: Test, bound: Bound) -> bool:
        match test:
            case Truthy(Symbol() as symbol) if symbol.root not in bound and self.names.is_records(symbol):
                return self.names.exists(symbol)
            case Truthy(value):
                return self._true(self.value(value, bound))
            case Compare(op, left, right):
                found = (self.value(left, bound), self.value(right, bound))
                if any(self.within(one) for one in found):
                    return self._compare(op, *found)
        return super().test(test, bound)

    def _true(self, found: Found) -> bool:
        if isinstance(found, list) and found and all(self.within(one) for one in found):
            return self.names.answers.ask(f"(cardinality({self._list(found)}) > 0)")
        return bool(found)

    def _compare(self, op: str, left: Found, right: Found) -> bool:
        """Python's comparison, where it is one of ids with ids."""
        if op in ("==", "!="):
            if isinstance(left, list) or isinstance(right, list):
                raise Undecided("cannot be decided: a record rule compares lists that depend on who asks")
            found = self._equal(left, right)
            return found is (op == "==")
        if op in ("in", "not in") and isinstance(right, list) and not isinstance(left, list):
            if not self._id(left) or not all(self._id(one) for one in right):
                found = any(self._equal(left, one) for one in right if not self._is_list(one))
                if any(self._is_list(one) for one in right):
                    raise Undecided("cannot be decided: a record rule looks for what is no id among ids")
                return found is (op == "in")
            asked = f"coalesce({self._scalar(left)} = ANY ({self._list(right)}), false)"
            return self.names.answers.ask(asked) is (op == "in")
        raise Undecided("cannot be decided: a record rule compares values that depend on who asks")

    def _equal(self, left: Found, right: Found) -> bool:
        if self._id(left) and self._id(right):
            return self.names.answers.ask(f"coalesce({self._scalar(left)} = {self._scalar(right)}, false)")
        if isinstance(left, str) and isinstance(right, str):
            if left == right:
                return True
            return self.names.answers.ask(f"coalesce({self._scalar(left)} = {self._scalar(right)}, false)")
        # An id or a text that is there is not False; what True equals in Python is better not relied on.
        if (
            left is not True
            and right is not True
            and (isinstance(left, bool) or isinstance(right, bool) or left is None or right is None)
        ):
            return False
        raise Undecided("cannot be decided: a record rule compares values that depend on who asks")

    def _id(self, found: Found) -> bool:
        return isinstance(found, int) and not isinstance(found, bool)

    def _is_list(self, found: Found) -> bool:
        held = self.names.renderer.placeholders.find(found)
        return held is not None and held.several

    def _scalar(self, found: Found) -> str:
        if isinstance(found, str) and not self.within(found):
            return text(found)
        return self.names.renderer.scalar(found, None) if self.within(found) else constant(found)

    def _list(self, found: list[Any]) -> str:
        return self.names.renderer.array(found, "integer[]")

    def _has_group(self, xmlid: str) -> bool:
        if xmlid == DEBUG_GROUP and self.names.policy.semantics.has_group_needs_debug:
            return False
        return self.names.answers.ask(holds([xmlid]))

    def _sum(self, parts: list[Found], value: Value) -> Found:
        numbers = [part for part in parts if not isinstance(part, list | str)]
        if any(self.within(part) for part in numbers):
            raise Undecided("cannot be decided: a record rule reckons with a value that depends on who asks")
        return super()._sum(parts, value)

    def _each(self, each: Each, bound: Bound) -> Found:
        source = self.value(each.source, bound)
        if not self.within(source):
            return super()._each(each, bound)
        if each.condition is None and each.element == Symbol(each.variable):
            return source
        raise Undecided("cannot be decided: a record rule goes through values that depend on who asks")

    def _call(self, call: Call, bound: Bound) -> Found:
        name = value_to_odoo(call.function)
        if len(call.args) == 1 and name not in _SAME and self.within(self.value(call.args[0], bound)):
            if name == "bool":
                return self._true(self.value(call.args[0], bound))
            raise Undecided(f"cannot be decided: what {name}() gives is not known without running it")
        return super()._call(call, bound)
