"""Terms on a one2many or many2many: that it holds some records, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.domain import Term
from ostiary.prove.encode.items import Const, Item, Many, One, Unreadable, is_list, is_unset
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, neg, whole
from ostiary.prove.encode.terms import HIERARCHIES
from ostiary.prove.encode.world import Rec
from ostiary.records.schema import Lines, Links

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder


class X2many:
    """Writes one encoder's terms on a one2many or many2many."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.world = encoder.world
        self.semantics = encoder.semantics
        self.python = encoder.python

    def term(self, kind: Lines | Links, term: Term, record: Rec, positive: bool) -> str:
        """A term on an x2many, by any operator but `any`. Raises Unreadable."""
        assert kind.comodel is not None
        operator = term.operator
        if operator == "=?":
            raise Unreadable("is compared by =?")
        items = self.encoder.values.items(term.value)
        if operator in HIERARCHIES:
            if kind.comodel == record.model:
                raise Unreadable(f"is compared by {operator}, by which it is a tree of its own")
            parent = self.encoder.trees.parent(kind.comodel)
            before_19 = not self.semantics.python_predicates
            archived = before_19 and (self.python or isinstance(kind, Lines))
            return self.encoder.exists(
                record,
                kind,
                lambda one, sign: self.encoder.trees.holds(one, operator, items, parent, sign),
                positive,
                archived=archived,
                narrowed=not before_19,
            )
        if operator not in ("=", "in"):
            raise Unreadable(f"is compared by {operator}")
        parts: list[str] = []
        for item in items:
            alone = operator == "=" and not is_list(term)
            if isinstance(item, Const) and (not item.value if self.python else is_unset(item)):
                parts.append(self._empty(kind, record, positive, item, alone=alone))
            else:
                parts.append(self._among(kind, record, item, positive))
            if isinstance(item, One):
                # The user may lack it: its id is then False.
                lacks, empty = (
                    f"(= {item.record.term} 0)",
                    self._empty(kind, record, positive, Const(False), alone=alone),
                )
                parts[-1] = (
                    disj((parts[-1], conj((lacks, empty))))
                    if positive
                    else conj((parts[-1], disj((neg(lacks), empty))))
                )
        return (disj if positive else conj)(parts)

    def _empty(self, kind: Lines | Links, record: Rec, positive: bool, item: Const, *, alone: bool) -> str:
        """That an x2many holds nothing, asked by a value that means so; where the version reads it otherwise, FALSE."""
        if item.value is None and not self.semantics.equal_is_in:
            return FALSE if positive else TRUE
        if not alone and not (self.python or self.semantics.x2many_in_false_is_unset):
            return FALSE if positive else TRUE
        archived = isinstance(kind, Links) or self.semantics.one2many_unset_counts_archived
        if self.python:
            archived = False
        return self.encoder.exists(
            record, kind, lambda _, sign: TRUE if sign else FALSE, not positive, archived=archived
        )

    def _among(self, kind: Lines | Links, record: Rec, item: Item, positive: bool) -> str:
        """That an x2many holds what an item says."""
        assert kind.comodel is not None
        narrowed = self.semantics.ids_follow_field_domain or self.python
        archived = not self.python

        def member(other: Rec, sign: bool) -> str:
            return self.encoder.member(record, kind, other, sign, archived=archived, narrowed=narrowed)

        if isinstance(item, One) or (isinstance(item, Const) and type(item.value) is int):
            other = item.record if isinstance(item, One) else Rec(kind.comodel, whole(int(item.value or 0)))
            if other.model != kind.comodel:
                raise Unreadable(f"is compared with a record of {other.model}")
            self.world.known(other)
            there, found = f"(> {other.term} 0)", member(other, positive)
            return conj((there, found)) if positive else disj((neg(there), found))
        if isinstance(item, Many):
            if item.model != kind.comodel:
                raise Unreadable(f"is compared with records of {item.model}")
            if positive:
                one = self.world.record(kind.comodel, "s")
                return conj((member(one, True), item.contains(one, True)))
            return self.world.every(
                kind.comodel, lambda one: disj((member(one, False), item.contains(one, False)))
            )
        raise Unreadable("is compared with what is no record")
