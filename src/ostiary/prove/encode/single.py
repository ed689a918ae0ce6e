"""Terms on one record: a many2one, or the record's own id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.domain import Literal, Sequence, Term
from ostiary.prove.encode.items import Const, Item, Many, One, Unreadable, is_list, is_unset
from ostiary.prove.encode.scalars import INEQUALITIES
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, equal, neg, whole
from ostiary.prove.encode.terms import HIERARCHIES
from ostiary.prove.encode.world import Rec, Scalar
from ostiary.records.schema import Column, Kind

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder


class Single:
    """Writes one encoder's terms on a many2one or an id."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.semantics = encoder.semantics
        self.python = encoder.python

    def term(self, kind: Kind, term: Term, record: Rec, positive: bool) -> str:
        """A term on a many2one, or on the record's own id."""
        assert isinstance(kind, Column)
        own = kind.name == "id"
        left = record if own else self.encoder.many2one(record, kind)
        items = self.encoder.values.items(term.value)
        if term.operator in HIERARCHIES:
            target, parent = left, self.encoder.trees.parent(left.model)
            if not own and kind.comodel == record.model:
                target, parent = record, self.encoder.trees.parent(record.model, kind.name)
            found = self.encoder.trees.holds(target, term.operator, items, parent, positive)
            is_set = f"(> {target.term} 0)"
            return conj((is_set, found)) if positive else disj((neg(is_set), found))
        if term.operator in INEQUALITIES:
            if self.python and not self.semantics.python_skips_unset:
                raise Unreadable(f"is compared by {term.operator}")
            null = FALSE if own else equal(left.term, "0")
            found = self.encoder.scalars.condition(
                Scalar(null, left.term, "many2one"), term.operator, items, is_list(term)
            )
            return found if positive else neg(found)
        if term.operator == "=?":
            return self._optional(left, items, positive)
        if term.operator in ("!=", "not in") and names_zero(term):
            return self._is_none_of(left, term, items, positive)
        if term.operator not in ("=", "in"):
            raise Unreadable(f"is compared by {term.operator}")
        listed = term.operator == "in" or is_list(term)
        return (disj if positive else conj)([self._is(left, item, positive, listed) for item in items])

    def _is_none_of(self, left: Rec, term: Term, items: list[Item], positive: bool) -> str:
        """A negative term on the id 0: SQL compares with NULL, so that nothing that is set is accepted."""
        if not all(isinstance(one, Const) for one in items):
            raise Unreadable("is compared with the id 0 and others")
        unset = any(isinstance(one, Const) and is_unset(one) for one in items)
        if unset or (term.operator == "!=" and not self.semantics.equal_is_in and not is_list(term)):
            return FALSE if positive else TRUE
        return equal(left.term, "0") if positive else neg(equal(left.term, "0"))

    def _optional(self, left: Rec, items: list[Item], positive: bool) -> str:
        if len(items) != 1:
            raise Unreadable("is compared by =? with a list")
        item = items[0]
        if isinstance(item, Const):
            any_falsy = self.python or self.semantics.optional_equal_any_falsy
            if item.value is None or item.value is False or (any_falsy and not item.value):
                return TRUE if positive else FALSE
            return self._is(left, item, positive, False)
        if isinstance(item, One):
            found = disj((equal(item.record.term, "0"), equal(left.term, item.record.term)))
            return found if positive else neg(found)
        raise Unreadable("is compared by =? with what is no record")

    def _is(self, left: Rec, item: Item, positive: bool, listed: bool) -> str:
        """That a record (or none, 0) is what an item says."""
        if isinstance(item, Many):
            if item.model != left.model:
                raise Unreadable(f"is compared with records of {item.model}")
            found = item.contains(left, positive)
            is_set = f"(> {left.term} 0)"
            return conj((is_set, found)) if positive else disj((neg(is_set), found))
        if isinstance(item, One):
            found = equal(left.term, item.record.term)
        elif isinstance(item, Const):
            found = self._is_constant(left, item, listed)
        else:
            raise Unreadable("is compared with a plain value")
        return found if positive else neg(found)

    def _is_constant(self, left: Rec, item: Const, listed: bool) -> str:
        value = item.value
        if value is None and self.python and not self.semantics.python_predicates:
            return FALSE  # a many2one that is not set is False, which None is not
        if value is None or value is False:
            return equal(left.term, "0")
        if value is True or not isinstance(value, int):
            raise Unreadable(f"is compared with {value!r}")
        if value == 0 and not (self.python or (self.semantics.many2one_zero_is_unset and not listed)):
            return FALSE
        return equal(left.term, whole(value))


def names_zero(term: Term) -> bool:
    """Whether a many2one is compared with the id 0, which is NULL to its column, and with no id beside it."""
    values = term.value.items if isinstance(term.value, Sequence) else (term.value,)
    numbers = [one.value for one in values if isinstance(one, Literal) and type(one.value) is int]
    return bool(numbers) and not any(numbers)
