"""What `filtered_domain` says, written down slowly: sets of ids, one term after the other, from the rows themselves.

It is the yardstick of the compiled evaluator and shares no code with it. Domains are prefix lists.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from records.memory_models import Data

TYPES = {
    "zz.rec": {
        "name": "char", "note": "char", "num": "integer", "amount": "float", "flag": "boolean", "d": "date",
        "dt": "datetime", "sel": "selection", "par_id": "zz.par", "tag_ids": "zz.tag", "line_ids": "zz.line",
        "par_num": "integer", "active": "boolean", "id": "integer",
    },
    "zz.par": {"name": "char", "num": "integer", "active": "boolean", "id": "integer"},
    "zz.tag": {"name": "char", "active": "boolean", "id": "integer"},
    "zz.line": {"name": "char", "rec_id": "zz.rec", "active": "boolean", "id": "integer"},
}  # fmt: skip
NULLS = {"integer": 0, "float": 0.0}
NEGATIVE = {"!=", "not in", "not like", "not ilike", "not any", "not =like", "not =ilike"}


class OdooError(Exception):
    """An error that Odoo raises; its text is the class."""


class Reference:
    """Evaluates domains for one version on some rows."""

    def __init__(self, version: str, data: Data, active_test: bool = True) -> None:
        self.version = int(version)
        self.data = data
        self.active_test = active_test

    def filtered(self, model: str, domain: list[Any], ids: Iterable[int]) -> list[int]:
        ids = list(ids)
        if not ids or not domain:
            return ids
        if self.version >= 19:
            return [one for one in ids if self.one(model, domain, one)]
        stack: list[set[int]] = []
        for token in reversed(domain):
            if token == "!":
                stack.append(set(ids) - stack.pop())
            elif token in ("&", "|"):
                first, second = stack.pop(), stack.pop()
                stack.append(first & second if token == "&" else first | second)
            elif token[0] in (0, 1):
                stack.append(set(ids) if token[0] else set())
            else:
                stack.append(set(self.term(model, *token, ids)))
        kept = set.intersection(*stack)
        return [one for one in ids if one in kept]

    # -- values ----------------------------------------------------------------------------------------------

    def value(self, model: str, name: str, record: int) -> tuple[str, list[Any]]:
        """A field's type (the comodel for a relation) and its value, or the ids it holds."""
        if name not in TYPES[model]:
            raise OdooError("KeyError" if self.version < 19 else "ValueError")
        type_, row = TYPES[model][name], self.data[model][record]
        if name == "id":
            return type_, [record]
        if name == "par_num":
            parent = row.get("par_id")
            return type_, [(self.data["zz.par"][parent]["num"] if parent else 0) or 0]
        if name == "line_ids":
            found = [one for one, line in self.data["zz.line"].items() if line.get("rec_id") == record]
            return type_, self.seen(type_, sorted(found))
        if name == "tag_ids":
            return type_, self.seen(type_, row.get(name) or [])
        value = row.get(name)
        if type_.startswith("zz."):
            return type_, [value] if value else []
        return type_, [NULLS.get(type_, False) if value is None else value]

    def seen(self, model: str, ids: list[int]) -> list[int]:
        return [one for one in ids if not self.active_test or self.data[model][one].get("active")]

    def names(self, model: str, ids: list[int]) -> list[Any]:
        return [self.value(model, "name", one)[1][0] for one in ids]

    # -- 17 and 18 -------------------------------------------------------------------------------------------

    def term(self, model: str, path: str, operator: str, operand: Any, ids: list[int]) -> list[int]:
        return [one for one in ids if self.holds(model, path, operator, operand, one)]

    def holds(self, model: str, path: str, operator: str, operand: Any, record: int) -> bool:
        first, _, rest = path.removesuffix(".id").partition(".")
        type_, values = self.value(model, first, record)
        if rest and self.version == 18:
            if not type_.startswith("zz."):
                raise OdooError("AttributeError")
            return bool(self.filtered(type_, [(rest, operator, operand)], values))
        for name in rest.split(".") if rest else ():
            if not type_.startswith("zz."):
                raise OdooError("AttributeError")
            last = TYPES[type_][name]
            values = [value for one in values for value in self.value(type_, name, one)[1]]
            type_ = last
        if operator in ("any", "not any"):
            if not type_.startswith("zz."):
                raise OdooError("AttributeError")
            return bool(self.filtered(type_, operand, values)) is (operator == "any")
        try:
            return self.compare(type_, values, operator, operand)
        except (TypeError, ValueError, AttributeError) as error:
            raise OdooError(type(error).__name__) from None

    def compare(self, type_: str, values: list[Any], operator: str, operand: Any) -> bool:
        if operator.endswith("like"):
            return self.like(type_, values, operator, operand)
        if type_ == "char" and self.version == 18 and operator in ("=", "!=") and not operand:
            operator, operand = ("in" if operator == "=" else "not in"), ["", False]
        if operator in ("in", "not in"):
            operand = set(operand) if isinstance(operand, list) else {operand}
            if type_ in ("date", "datetime"):
                operand = {moment(one) for one in operand}
            elif type_ == "char" and self.version == 18 and operand & {"", False}:
                operand |= {"", False}
        elif type_ in ("date", "datetime"):
            operand = moment(operand)
        if type_ in ("date", "datetime"):
            values = [moment(one) for one in values]
        elif type_.startswith("zz."):
            values = self.data_of(type_, values, operand)
        if operator == "=?":
            return not operand or operand in values
        if operator in ("=", "!="):
            return (operand in values) is (operator == "=")
        if operator in ("in", "not in"):
            return (bool(operand) and any(one in operand for one in values)) is (operator == "in")
        skipped = (None, False) if self.version == 18 else (None,)
        kept = (one for one in values if not any(one is nothing for nothing in skipped))
        compare = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}[operator]
        return any(ordered(one, operand, compare) for one in kept)

    def data_of(self, model: str, ids: list[int], operand: Any) -> list[Any]:
        first = next(iter(operand)) if isinstance(operand, list | set) and operand else operand
        return self.names(model, ids) if isinstance(first, str) else ids or [False]

    def like(self, type_: str, values: list[Any], operator: str, operand: Any) -> bool:
        if self.version == 17 and not isinstance(operand, str):
            raise AttributeError
        if type_ in ("date", "datetime"):
            moment(operand)
            values = [moment(one) for one in values]
        elif type_.startswith("zz."):
            values = self.data_of(type_, values, operand)
        if self.version == 17:
            return shell(values, operator, operand)
        found = any(matches(operator, operand, one, 0) for one in values)
        return found is not operator.startswith("not")

    # -- 19 --------------------------------------------------------------------------------------------------

    def one(self, model: str, domain: list[Any], record: int) -> bool:
        found, at = [], 0
        while at < len(domain):
            answer, at = self.part(model, domain, at, record)
            found.append(answer)
        return all(answer() for answer in found)

    def part(self, model: str, domain: list[Any], at: int, record: int) -> tuple[Any, int]:
        token = domain[at]
        if token == "!":
            inner, at = self.part(model, domain, at + 1, record)
            return lambda: not inner(), at
        if token in ("&", "|"):
            first, at = self.part(model, domain, at + 1, record)
            second, at = self.part(model, domain, at, record)
            if token == "&":
                return lambda: first() and second(), at
            return lambda: first() or second(), at
        if token[0] in (0, 1):
            return lambda: bool(token[0]), at + 1
        return lambda: self.predicate(model, *token, record), at + 1

    def predicate(self, model: str, path: str, operator: str, operand: Any, record: int) -> bool:
        first, _, rest = path.partition(".")
        type_, values = self.value(model, first, record)
        relation = type_.startswith("zz.")
        if rest:
            if not relation:
                raise OdooError("ValueError")
            return any(self.predicate(type_, rest, operator, operand, one) for one in values)
        if operator in NEGATIVE:
            positive = "=" if operator == "!=" else operator.removeprefix("not ")
            return not self.predicate(model, path, positive, operand, record)
        if operator == "any":
            if not relation:
                raise OdooError("ValueError")
            return any(self.one(type_, operand, one) for one in values)
        if operator == "=?":
            return not operand or self.predicate(model, path, "=", operand, record)
        if operator.endswith("like") and not operand:
            return (not values or not values[0]) if relation or "=" in operator else True
        if operator.endswith("like"):
            if "=" in operator and not isinstance(operand, str):
                raise OdooError("TypeError")
            shown = self.names(type_, values) if relation else values
            return any(matches(operator, operand, one, re.DOTALL) for one in shown)
        if operator in ("=", "in"):
            items = operand if isinstance(operand, list) else [operand]
            if operator == "in" and not operand:
                return False
            return self.among(type_, values, items or [False])
        return self.ordered(type_, values, operator, operand)

    def among(self, type_: str, values: list[Any], items: list[Any]) -> bool:
        if type_.startswith("zz."):
            texts = [one for one in items if isinstance(one, str)]
            empty = any(one is False for one in items) and not values
            shown = self.names(type_, values) if texts else []
            unset = "" in texts and any(not one for one in shown)
            return empty or unset or any(one in items for one in values) or any(one in texts for one in shown)
        value = values[0]
        if type_ == "boolean":
            words = {"1", "true", "yes", "y", "t", "on"}
            return value in {one.lower() in words if isinstance(one, str) else bool(one) for one in items}
        if type_ in ("date", "datetime"):
            days = [calendar(one, type_)[0] for one in items]
            return value in days if value else any(one is False for one in days)
        falsy: Any = {"integer": 0, "float": 0, "char": ""}.get(type_)
        unset = False in items or (falsy is not None and falsy in items)
        return value in items or (unset and not value)

    def ordered(self, type_: str, values: list[Any], operator: str, operand: Any) -> bool:
        relation = type_.startswith("zz.")
        if relation and isinstance(operand, str):
            raise OdooError("TypeError")
        if type_ == "boolean":
            raise OdooError("ValueError")
        if type_ in ("date", "datetime"):
            limit, whole = calendar(operand, type_)
            if limit is False or not values[0]:
                return False
            if type_ == "datetime" and operator in (">", "<="):
                limit += timedelta(days=1) if whole else timedelta(seconds=1)
                operator = ">=" if operator == ">" else "<"
            operand = limit
        compare = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}[operator]
        falsy: Any = {"integer": 0, "float": 0.0, "char": ""}.get(type_) if not relation else None
        if falsy is not None:
            operand = operand or falsy
            values = [falsy if one is False else one for one in values]
            if getattr(falsy, compare)(operand) is NotImplemented:
                raise OdooError("TypeError")
        found = [getattr(one, compare)(operand) for one in values if one is not False or falsy is not None]
        return any(answer is True for answer in found)


def moment(value: Any) -> datetime | None:
    if not value:
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    return datetime.strptime(value, "%Y-%m-%d" if len(value) <= 10 else "%Y-%m-%d %H:%M:%S")


def calendar(value: Any, type_: str) -> tuple[Any, bool]:
    """A date or time of 19's domains, and whether it was a whole day."""
    if value is False:
        return False, True
    if not isinstance(value, str):
        raise OdooError("ValueError")
    found = moment(value)
    assert found is not None
    return (found.date() if type_ == "date" else found), len(value) == 10


def ordered(left: Any, right: Any, compare: str) -> bool:
    found = getattr(left, compare)(right)
    if found is NotImplemented and isinstance(left, int) and isinstance(right, float):
        found = getattr(float(left), compare)(right)
    if found is NotImplemented:
        raise TypeError
    return bool(found)


def matches(operator: str, operand: Any, value: Any, flags: int) -> bool:
    """A pattern with escapes, by one regular expression."""
    fold = operator.endswith("ilike")
    pattern, text = (str(one) if one else "" for one in (operand, value))
    if fold:
        pattern, text = pattern.lower(), text.lower()
    exact = "=" in operator
    expression, escaped = "" if exact else ".*", False
    for char in pattern:
        if char == "\\" and not escaped:
            escaped = True
            continue
        wild = {"%": ".*", "_": "."}.get(char) if not escaped else None
        expression += wild or re.escape(char)
        escaped = False
    return re.match(expression + ("$" if exact else ""), text, flags) is not None


def shell(values: list[Any], operator: str, operand: str) -> bool:
    """The patterns of 17."""
    pattern = operand.replace("_", "?").replace("%", "*").replace("[", "?")
    fold = operator.endswith("ilike")
    texts = [(one or "").lower() if fold else one or "" for one in values]
    if operator.startswith("not"):
        looked_for = operand.lower() if fold else operand
        return not any(looked_for in text for text in texts)
    if fold:
        pattern = pattern.lower()
    if not operator.startswith("="):
        pattern = f"*{pattern}*" if fold or operand else ""
    for text in texts:
        if not isinstance(text, str):
            raise TypeError
    return any(fnmatch.fnmatchcase(text, pattern) for text in texts)
