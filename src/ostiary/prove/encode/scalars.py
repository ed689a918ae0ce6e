"""Terms on plain values: numbers, texts, dates, booleans. Which unset values match is the version's.

Sources: `models._condition_to_sql` and `filtered_domain` (18), `expression.__leaf_to_sql` (17),
`Field._condition_to_sql` (19); `semantics` holds what differs.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from fractions import Fraction

from ostiary.domain import DomainSemantics, Literal
from ostiary.prove.encode.items import Const, Free, Item, Plain, Unreadable
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, equal, neg, quoted, whole
from ostiary.prove.encode.world import TEXTS, Scalar, World

INEQUALITIES = frozenset({"<", "<=", ">", ">="})
_NUMBERS = frozenset({"integer", "float", "monetary"})
_REALS = frozenset({"float", "monetary"})
_DATES = frozenset({"date", "datetime"})
_WRITTEN = frozenset({"char", "text", "html"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LIKE = re.compile(r"(not )?(=)?(i)?like")
_EPOCH = datetime(1970, 1, 1)
_DAY = 86_400
_LONGEST = 400


class NeedsTexts(Exception):
    """The question has patterns: it must be asked again with strings as strings."""


class Scalars:
    """Writes conditions on plain values."""

    def __init__(self, world: World, semantics: DomainSemantics, *, python: bool) -> None:
        self.world = world
        self.semantics = semantics
        self.python = python

    # -- unset ---------------------------------------------------------------------------------------------------

    def unset(self, scalar: Scalar) -> str:
        """What `= False` matches: NULL, and the falsy value of types that have one."""
        if scalar.type == "boolean":
            return neg(self.true(scalar))
        if scalar.type in _NUMBERS and (self.python or self.semantics.null_number_is_zero):
            return disj((scalar.null, equal(scalar.value, self._zero(scalar))))
        if scalar.type in _WRITTEN and self.semantics.null_text_is_empty:
            return disj((scalar.null, equal(scalar.value, self.world.text(""))))
        return scalar.null

    def true(self, scalar: Scalar) -> str:
        return conj((neg(scalar.null), scalar.value))

    def _zero(self, scalar: Scalar) -> str:
        return "0.0" if scalar.type in _REALS else "0"

    # -- conditions ----------------------------------------------------------------------------------------------

    def condition(self, scalar: Scalar, operator: str, items: list[Item], listed: bool) -> str:
        """The term `(this, operator, items)`; exact, so that its negation may be used. Raises Unreadable."""
        items = [self._known_later(scalar, item) for item in items]
        one_value = (
            operator in ("in", "not in") and not listed and all(isinstance(one, Const) for one in items)
        )
        if one_value and not (self.python or self.semantics.in_accepts_scalar):
            raise Unreadable("is compared by in with what is no list")
        if operator in ("=", "!=") and listed:
            operator = "in" if operator == "=" else "not in"
        for place, item in enumerate(items):
            if isinstance(item, Plain) and not item.truthy:
                before, after = items[:place], items[place + 1 :]
                cases = self._cases(item.scalar)
                found = [self.condition(scalar, operator, [*before, one, *after], listed) for _, one in cases]
                return disj([conj((so, one)) for (so, _), one in zip(cases, found, strict=True)])
        if operator in ("in", "not in"):
            among = disj([self.equals(scalar, item, listed=listed) for item in items])
            return among if operator == "in" else neg(among)
        return self._single(scalar, operator, items)

    def _known_later(self, scalar: Scalar, item: Item) -> Item:
        """What only running Odoo gives, a function's value or a relative date, as some value of the type."""
        relative = scalar.type in _DATES and self.semantics.relative_dates
        if (
            relative
            and isinstance(item, Const)
            and isinstance(item.value, str)
            and item.value
            and not _DATE.match(item.value)
        ):
            item = Free(Literal(item.value))
        if not isinstance(item, Free):
            return item
        if scalar.type not in _DATES | TEXTS | _NUMBERS:
            raise Unreadable("is compared with what is known by running it only")
        free = Scalar(FALSE, self.world.free(item.value, scalar.type), scalar.type)
        return Plain(free, truthy=True)

    def _single(self, scalar: Scalar, operator: str, items: list[Item]) -> str:
        """A term with one value."""
        if len(items) != 1:
            raise Unreadable(f"is compared by {operator} with a list")
        item = items[0]
        if operator == "=":
            return self.equals(scalar, item)
        if operator == "!=":
            return self._differs(scalar, item)
        if operator == "=?":
            return self._optional(scalar, item)
        if operator in INEQUALITIES:
            return self._compares(scalar, operator, item)
        match = _LIKE.fullmatch(operator)
        if match is not None:
            return self._like(scalar, item, bool(match[1]), bool(match[2]), bool(match[3]))
        raise Unreadable(f"is compared by {operator}")

    def _none(self, scalar: Scalar, listed: bool) -> str:
        """`= None` where lists of values are compared: what is not set is False there, which None is not."""
        if scalar.type in _DATES | {"reference"}:
            return scalar.null
        texts = scalar.type in _WRITTEN and self.semantics.null_text_is_empty
        return self.unset(scalar) if texts and not listed else FALSE

    def is_value(self, user: Scalar, item: Const) -> str:
        """That a value of the user's equals a constant, as Python compares them. Raises Unreadable."""
        for so, one in self._cases(user):
            if isinstance(one, Const) and one.value == item.value and item.value is not None:
                return so
        if not item.value:
            return FALSE
        return conj((self.truthy(user), equal(user.value, self._literal(user, item.value))))

    def truthy(self, user: Scalar) -> str:
        """That a value of the user's counts as true in Python."""
        return next((so for so, one in self._cases(user) if not isinstance(one, Const) or one.value), FALSE)

    def _cases(self, user: Scalar) -> list[tuple[str, Item]]:
        """What a value of the user's may be, and when: unset or false as a constant is, or a value that is true."""
        if user.type == "boolean":
            return [(self.true(user), Const(True)), (neg(self.true(user)), Const(False))]
        given = Plain(user, truthy=True)
        if user.type in _NUMBERS:
            nothing = disj((user.null, equal(user.value, self._zero(user))))
            return [(nothing, Const(0)), (neg(nothing), given)]
        if user.type in TEXTS:
            empty = equal(user.value, self.world.text(""))
            return [
                (user.null, Const(False)),
                (conj((neg(user.null), empty)), Const("")),
                (conj((neg(user.null), neg(empty))), given),
            ]
        return [(user.null, Const(False)), (neg(user.null), given)]

    def equals(self, scalar: Scalar, item: Item, *, listed: bool = False) -> str:
        """`=` one value, or one of a list."""
        if isinstance(item, Plain):
            return self._same(scalar, item.scalar)
        if not isinstance(item, Const):
            raise Unreadable("is compared with records")
        value = item.value
        if self.python and scalar.type == "reference" and value is not None:
            raise Unreadable("is a reference, which Python compares as a record")
        if value is None and self.python and not self.semantics.python_predicates:
            return self._none(scalar, listed)
        if scalar.type == "boolean" and value is None and not listed and not self.semantics.equal_is_in:
            return scalar.null
        if value is None or value is False:
            return self.unset(scalar)
        if scalar.type == "boolean":
            if value is True:
                return self.true(scalar)
            raise Unreadable(f"is compared with {value!r}")
        if value is True:
            raise Unreadable("is compared with True")
        if not value and self._falsy_is_unset(scalar, listed):
            return disj((self.unset(scalar), equal(scalar.value, self._literal(scalar, value))))
        return conj((neg(scalar.null), equal(scalar.value, self._literal(scalar, value))))

    def _falsy_is_unset(self, scalar: Scalar, listed: bool) -> bool:
        if scalar.type in _NUMBERS:
            return self.python or self.semantics.null_number_is_zero
        if scalar.type in ("selection", "reference"):
            return not self.python and self.semantics.falsy_equals_unset and not listed
        return self.semantics.null_text_is_empty

    def _differs(self, scalar: Scalar, item: Item) -> str:
        found = neg(self.equals(scalar, item))
        inexact = (
            isinstance(item, Const) and not item.value and item.value is not None and item.value is not False
        )
        if inexact and not self.python and not self.semantics.equal_is_in and scalar.type in _NUMBERS | TEXTS:
            return conj((found, neg(scalar.null)))
        return found

    def _optional(self, scalar: Scalar, item: Item) -> str:
        value = item.value if isinstance(item, Const) else True
        any_falsy = self.python or self.semantics.optional_equal_any_falsy
        if value is None or value is False or (any_falsy and not value):
            return TRUE
        return self.equals(scalar, item)

    def _same(self, scalar: Scalar, other: Scalar) -> str:
        """Equal to a value of the user's, which is neither unset nor false."""
        if self.world.sort(scalar.type) != self.world.sort(other.type) or (
            {scalar.type, other.type} & _DATES and scalar.type != other.type
        ):
            raise Unreadable("is compared with a value of another type")
        return conj((neg(scalar.null), equal(scalar.value, other.value)))

    def _compares(self, scalar: Scalar, operator: str, item: Item) -> str:
        if scalar.type == "boolean" or (scalar.type in TEXTS):
            raise Unreadable(f"is compared by {operator}")
        if isinstance(item, Plain):
            if item.scalar.type != scalar.type:
                raise Unreadable("is compared with a value of another type")
            found = f"({operator} {scalar.value} {item.scalar.value})"
            if scalar.type not in _NUMBERS or not (self.python or self.semantics.null_number_is_zero):
                return conj((neg(scalar.null), found))
            nothing = f"({operator} {self._zero(scalar)} {item.scalar.value})"
            return disj((conj((scalar.null, nothing)), conj((neg(scalar.null), found))))
        if not isinstance(item, Const) or item.value is None or isinstance(item.value, bool):
            raise Unreadable(f"is compared by {operator} with what is no number and no date")
        literal = self._literal(scalar, item.value, end=operator in (">", "<="))
        found = f"({operator} {scalar.value} {literal})"
        if scalar.type in _NUMBERS and (self.python or self.semantics.null_number_is_zero):
            nothing = f"({operator} {self._zero(scalar)} {literal})"
            return disj((conj((scalar.null, nothing)), conj((neg(scalar.null), found))))
        return conj((neg(scalar.null), found))

    # -- literals ------------------------------------------------------------------------------------------------

    def _literal(self, scalar: Scalar, value: object, *, end: bool = False) -> str:
        if scalar.type in TEXTS:
            if not isinstance(value, str):
                raise Unreadable(f"is compared with {value!r}")
            return self.world.text(value)
        if scalar.type in _DATES:
            return self._moment(scalar.type, value, end=end)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Unreadable(f"is compared with {value!r}")
        if scalar.type in _REALS:
            fraction = Fraction(value)
            shown = f"(/ {abs(fraction.numerator)}.0 {fraction.denominator}.0)"
            return shown if value >= 0 else f"(- {shown})"
        if not float(value).is_integer():
            raise Unreadable(f"is compared with {value!r}")
        return whole(int(value))

    def _moment(self, type_: str, value: object, *, end: bool) -> str:
        """A date in days, a time in seconds."""
        if not isinstance(value, str):
            raise Unreadable(f"is compared with {value!r}")
        try:
            if type_ == "date":
                return whole(date.fromisoformat(value[:10]).toordinal())
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Unreadable(f"is compared with {value!r}, which is no date") from None
        if moment.tzinfo is not None:
            raise Unreadable(f"is compared with {value!r}, which has a time zone")
        seconds = int((moment - _EPOCH).total_seconds())
        whole_day = len(value) == len("2026-01-31") and end
        if whole_day and not (self.python and self.semantics.python_dates_are_midnight):
            seconds += _DAY - 1
        return whole(seconds)

    # -- patterns ------------------------------------------------------------------------------------------------

    def _like(self, scalar: Scalar, item: Item, negative: bool, whole_pattern: bool, any_case: bool) -> str:
        if scalar.type not in TEXTS or not isinstance(item, Const) or not isinstance(item.value, str):
            raise Unreadable("is compared with a pattern that is not plain text")
        if len(item.value) > _LONGEST:
            raise Unreadable("is compared with a pattern that is too long to follow")
        if not item.value:
            if whole_pattern:
                raise Unreadable("is compared with an empty pattern")
            unset = negative and not self.python and self.semantics.negated_empty_pattern_finds_unset
            return scalar.null if unset else FALSE if negative else TRUE
        if not self.world.texts:
            raise NeedsTexts
        pattern = item.value if whole_pattern else f"%{item.value}%"
        found = conj((neg(scalar.null), f"(str.in_re {scalar.value} {_regex(pattern, any_case)})"))
        return neg(found) if negative else found


def _regex(pattern: str, any_case: bool) -> str:
    """A pattern of SQL as a regular expression: `%` any text, `_` any character, a backslash before what is meant."""
    parts: list[str] = []
    characters = iter(pattern)
    for one in characters:
        if one == "%":
            parts.append("re.all")
        elif one == "_":
            parts.append("re.allchar")
        else:
            meant = next(characters, one) if one == "\\" else one
            cases = sorted({meant, meant.lower(), meant.upper()}) if any_case else [meant]
            texts = [f"(str.to_re {quoted(case)})" for case in cases if len(case) == 1]
            parts.append(texts[0] if len(texts) == 1 else f"(re.union {' '.join(texts)})")
    return parts[0] if len(parts) == 1 else f"(re.++ {' '.join(parts)})"
