"""Terms on plain values: numbers, texts, dates, booleans, and ids of records compared as numbers.

Sources: `models._condition_to_sql` (18), `expression.__leaf_to_sql` (17), `Field._condition_to_sql` and the
optimizations of `orm/domains.py` (19).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ostiary.records.errors import Fails, Undecided
from ostiary.records.sql.dialects import Condition, Expression
from ostiary.records.sql.scope import Scope, unknown
from ostiary.records.sql.values import (
    DATES,
    JSON,
    NUMBERS,
    TEXTS,
    bound,
    converted,
    fitting,
    is_unset,
    record_ids,
    sql_type,
    text_of,
)

NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not any", "not =like", "not =ilike"})
INEQUALITIES = frozenset({"<", "<=", ">", ">="})
POSITIVE = {
    "!=": "=",
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
}
_DATE_LENGTH = len("2024-01-31")


class Scalar:
    """A value that is compared: the SQL of it, and the type of the field it is of.

    `is_id` is the record's own id, which has no value 0 and is never unset. `clean` is what becomes of a text before it
    is compared.
    """

    def __init__(
        self,
        scope: Scope,
        left: Expression,
        type_: str,
        *,
        is_id: bool = False,
        clean: Callable[[str], str] | None = None,
    ) -> None:
        self.clean = clean
        self.scope = scope
        self.left = left
        self.type = type_
        self.is_id = is_id
        semantics = scope.semantics
        self.semantics = semantics
        self.number = type_ in NUMBERS and not is_id
        self.reference = is_id or type_ == "many2one"
        self.falsy: Any = None
        if self.number and semantics.null_number_is_zero:
            self.falsy = 0
        elif type_ in TEXTS and semantics.null_text_is_empty:
            self.falsy = ""
        elif type_ == "many2one_reference" and semantics.equal_is_in:
            self.falsy = 0

    @property
    def unset(self) -> Condition:
        return sa.false() if self.is_id else self.left.is_(None)

    @property
    def is_set(self) -> Condition:
        return sa.true() if self.is_id else self.left.is_not(None)

    def condition(self, operator: str, value: Any) -> Condition:
        """The term `(this, operator, value)`; the operator is one of the table's, the value a constant or a list."""
        if self.type in JSON and not (operator in ("=", "!=") and is_unset(value)):
            raise Undecided(f"cannot be decided: how a {self.type} value is searched is written in Python")
        if operator == "=?":
            return self._equal_if_given(value)
        if operator in INEQUALITIES:
            return self._compare(operator, value)
        if operator.endswith("like"):
            return self._like(operator, value)
        if operator in ("child_of", "parent_of"):
            raise Fails("KeyError", f"{operator} is for records")
        negative = operator in NEGATIVE
        if self.semantics.equal_is_in:
            return self._in_set(_as_set(operator, value), negative)
        if operator in ("in", "not in"):
            if not isinstance(value, list):
                raise Fails("ValueError", f"Invalid domain term: '{operator}' takes a list")
            return self._in_list(value, negative)
        return self._equals(value, negative)

    # -- equality up to 18 -------------------------------------------------------------------------------------

    def _equal_if_given(self, value: Any) -> Condition:
        given = bool(value) if self.semantics.optional_equal_any_falsy else not is_unset(value)
        return self.condition("=", value) if given else sa.true()

    def _equals(self, value: Any, negative: bool) -> Condition:
        if self.type == "boolean" and isinstance(value, bool):
            return self._boolean({value is not negative})
        if self.reference and not value and self.semantics.many2one_zero_is_unset:
            value = False
        if is_unset(value):
            if self.falsy is None:
                return self.is_set if negative else self.unset
            value = self.falsy
        right = self._right(value)
        if right is None:
            return unknown()
        compared = self.left != right if negative else self.left == right
        if value and negative:
            return sa.or_(compared, self.unset)
        if not value and not negative and (self.falsy is not None or self.semantics.falsy_equals_unset):
            return sa.or_(compared, self.unset)
        return compared

    def _in_list(self, values: list[Any], negative: bool) -> Condition:
        given = [value for value in values if not is_unset(value)]
        null = len(given) < len(values)
        if self.type == "boolean":
            wanted = {True} if any(given) else set()
            if null or (0 in given and not self.semantics.null_number_is_zero):
                wanted.add(False)
            return self._boolean({True, False} - wanted if negative else wanted)
        if self.falsy is not None:
            if null and self.falsy not in given:
                given.append(self.falsy)
            null = null or self.falsy in given
        among = self._among(given, negative)
        if negative:
            return sa.and_(among, self.is_set) if null else sa.or_(among, self.unset)
        return sa.or_(among, self.unset) if null else among

    # -- equality from 19 on -----------------------------------------------------------------------------------

    def _in_set(self, values: list[Any], negative: bool) -> Condition:
        if not values:
            return sa.true() if negative else sa.false()
        if self.type == "boolean":
            wanted = {_as_flag(value) for value in values}
            return self._boolean({True, False} - wanted if negative else wanted)
        if self.type == "datetime":
            found = self._within(values)
            return sa.not_(sa.func.coalesce(found, sa.false())) if negative else found
        clean = self.semantics.equality_cleans_html
        given = [self._converted(value, clean=clean) for value in values if not is_unset(value)]
        null = len(given) < len(values)
        if self.falsy is not None:
            if self.falsy in given:
                null = True
            elif null:
                given.append(self._converted(self.falsy))
        among = self._among(given, negative, convert=False) if given else None
        if negative is not null:
            return self.unset if among is None else sa.or_(among, self.unset)
        return self.is_set if among is None else among

    def _within(self, values: list[Any]) -> Condition:
        """One of some times, each to the whole second."""
        parts: list[Condition] = []
        for value in values:
            moment = self._converted(value) if value else None
            if moment is None:
                parts.append(self.unset)
                continue
            start = moment.replace(microsecond=0)
            end = _later(start, timedelta(seconds=1))
            after = self.left < self._bound(end) if end is not None else sa.true()
            parts.append(sa.and_(self.left >= self._bound(start), after))
        return sa.or_(*parts)

    # -- shared ------------------------------------------------------------------------------------------------

    def _boolean(self, wanted: set[bool]) -> Condition:
        if wanted == {True}:
            return self.left == sa.true()
        if wanted == {False}:
            return sa.or_(self.unset, self.left == sa.false())
        return sa.true() if wanted else sa.false()

    def _among(self, values: list[Any], negative: bool, convert: bool = True) -> Condition:
        """One (or none) of some values; a value that is NULL to the column never matches, and hides all others
        from a negative operator."""
        if not values:
            return sa.true() if negative else sa.false()
        if convert and not self.is_id:
            values = [self._converted(value) for value in values]
        if self.reference:
            values = record_ids(values)
        kept = [fitting(value) for value in values if value is not None]
        if negative and len(kept) < len(values):
            return sa.false()
        if not kept:
            return sa.false()
        type_ = sql_type(self.type, kept)
        if negative:
            return self.scope.sql.not_among(self.left, kept, type_)
        return self.scope.sql.among(self.left, kept, type_)

    def _converted(self, value: Any, *, clean: bool = True) -> Any:
        dated = self.type in DATES and isinstance(value, str)
        if dated and self.semantics.relative_dates and not re.match(r"\d+-", value):
            raise Undecided(f"cannot be decided: the date {value!r:.40} depends on the time of asking")
        if self.is_id:
            return value
        found = converted(self.type, value)
        return self.clean(found) if self.clean is not None and clean and found is not None else found

    def _right(self, value: Any) -> sa.ColumnElement[Any] | None:
        """What is compared with, as a parameter; None for NULL, with which nothing compares."""
        right = self._converted(value)
        if self.reference and right is not None:
            if isinstance(right, bool) and self.is_id:
                raise Fails("InvalidTextRepresentation", f"invalid input syntax for type integer: {right}")
            if not isinstance(right, float):
                right = record_ids([right])[0]
        return None if right is None else self._bound(right)

    def _bound(self, value: Any) -> sa.ColumnElement[Any]:
        return bound(self.type, value)

    # -- inequalities ------------------------------------------------------------------------------------------

    def _compare(self, operator: str, value: Any) -> Condition:
        if isinstance(value, list) and self.type not in DATES:
            raise Fails("TypeError", f"'{operator}' takes one value")
        if self.semantics.equal_is_in:
            return self._compare_from_19(operator, value)
        if self.type == "datetime" and isinstance(value, str) and len(value) == _DATE_LENGTH:
            value += " 23:59:59" if operator in (">", "<=") else " 00:00:00"
        compared = _inequality(operator, self.left, self._right(value))
        if self.number and self.semantics.null_number_is_zero and _accepts(operator, _number(value)):
            return sa.or_(compared, self.unset)
        return compared

    def _compare_from_19(self, operator: str, value: Any) -> Condition:
        if self.type in DATES and is_unset(value):
            return sa.false()
        if self.type == "datetime":
            return self._compare_moment(operator, value)
        if self.falsy is None:
            return _inequality(operator, self.left, self._right(value))
        value = self._converted(value) or self.falsy
        compared = _inequality(operator, self.left, self._bound(value))
        return sa.or_(compared, self.unset) if _python(operator, self.falsy, value) else compared

    def _compare_moment(self, operator: str, value: Any) -> Condition:
        moment: datetime = self._converted(value).replace(microsecond=0)
        day = isinstance(value, str) and len(value.strip()) <= _DATE_LENGTH
        if operator in (">", "<="):
            later = _later(moment, timedelta(days=1) if day else timedelta(seconds=1))
            if later is None:
                return sa.false() if operator == ">" else self.is_set
            moment, operator = later, ">=" if operator == ">" else "<"
        return _inequality(operator, self.left, self._bound(moment))

    # -- patterns ----------------------------------------------------------------------------------------------

    def _like(self, operator: str, value: Any) -> Condition:
        negative = operator in NEGATIVE
        positive = POSITIVE.get(operator, operator)
        anywhere = not positive.startswith("=")
        if not value and (anywhere or self.semantics.equal_is_in):
            return self._like_nothing(value, negative, anywhere)
        if value is None or value is False:
            return self.unset if self.semantics.null_text_is_empty else sa.false()
        if not anywhere and not isinstance(value, str):
            if self.semantics.equal_is_in:
                raise Fails("TypeError", "The pattern to match must be a string")
            value = self._converted(value)
        pattern = text_of(f"%{value}%" if anywhere else value)
        if not anywhere and _ends_escaping(pattern):
            raise Undecided(
                "cannot be decided: PostgreSQL refuses a pattern that ends in a backslash where it comes to it"
            )
        matched = self._matches(pattern, fold=positive.endswith("ilike"))
        if negative:
            return sa.or_(sa.not_(matched), self.unset)
        if not value and self.semantics.null_text_is_empty:
            return sa.or_(matched, self.unset)
        return matched

    def _like_nothing(self, value: Any, negative: bool, anywhere: bool) -> Condition:
        if not anywhere:  # from 19 on: the same as being unset
            return self.condition("!=" if negative else "=", False)
        if self.semantics.negated_empty_pattern_finds_unset:
            if negative:
                return self.unset if is_unset(value) or value == "" else self._like_falsy(value, negative)
            return sa.true() if is_unset(value) or value == "" else self._like_falsy(value, negative)
        return sa.false() if negative else sa.true()

    def _like_falsy(self, value: Any, negative: bool) -> Condition:
        """17 on 0: a pattern like any other, which finds unset values too."""
        matched = self._matches(f"%{value}%", fold=False)
        return sa.or_(sa.not_(matched) if negative else matched, self.unset)

    def _matches(self, pattern: str, *, fold: bool) -> Condition:
        left = self.left if self.type in TEXTS else self.scope.sql.as_text(self.left, self.type)
        return self.scope.sql.like(left, pattern, fold=fold)


def _ends_escaping(pattern: str) -> bool:
    """Whether the last character is a backslash that stands before nothing."""
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1


def _as_set(operator: str, value: Any) -> list[Any]:
    """The values of `=`, `!=`, `in` and `not in` as 19 reads them."""
    if isinstance(value, list):
        return value if value or operator in ("in", "not in") else [False]
    if operator in ("in", "not in") and is_unset(value):
        return []
    return [value]


def _as_flag(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() in ("y", "yes", "1", "true", "t", "on")
    return bool(value)


def _inequality(operator: str, left: Expression, right: Expression | None) -> Condition:
    if right is None:
        return unknown()
    if operator == "<":
        return left < right
    if operator == "<=":
        return left <= right
    return left > right if operator == ">" else left >= right


def _python(operator: str, left: Any, right: Any) -> bool:
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def _accepts(operator: str, value: float) -> bool:
    """Whether `0 operator value` holds."""
    return _python(operator, 0, value)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (ValueError, TypeError, OverflowError) as error:
        raise Fails(type(error).__name__, f"{value!r:.60} is no number") from None


def _later(moment: datetime, by: timedelta) -> datetime | None:
    try:
        return moment + by
    except OverflowError:
        return None
