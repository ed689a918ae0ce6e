"""Relations: what is so of the records that a many2one, a one2many or a many2many leads to, and which those are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ostiary.domain import Domain, Term, paths
from ostiary.prove.encode.items import COMPANY, Const, Unreadable
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, equal, neg
from ostiary.prove.encode.terms import ARCHIVED_TOO, INHERITED
from ostiary.prove.encode.world import Rec
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Kind, Lines, Links

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder

Inner = Callable[[Rec, bool], str]


class Relations:
    """Writes what one encoder says of the records behind relational fields."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.world = encoder.world
        self.schema = encoder.schema
        self.semantics = encoder.semantics
        self.python = encoder.python
        # Whether the search that is being written sees archived records.
        self._archived = self.semantics.rule_lines_ignore_active_test
        self._every = False

    @property
    def seeing(self) -> tuple[bool, bool]:
        """What is seen of archived records: in the search that is being written, and in every x2many."""
        return (self._archived, self._every)

    def any(self, kind: Kind, term: Term, inner: Domain, record: Rec, positive: bool) -> str:
        """That some record behind a relational field satisfies `inner`. Raises Unreadable."""
        if isinstance(kind, Column) and kind.comodel:
            there = self.encoder.many2one(record, kind)
            is_set = f"(> {there.term} 0)"
            seen = self._archived
            if not self.python and term.operator != INHERITED:
                seen = seen or self.semantics.archived_beyond_many2one
            found = self._seeing(seen, inner, there, positive)
            return conj((is_set, found)) if positive else disj((neg(is_set), found))
        if isinstance(kind, Lines | Links):
            seen, archived = self._archived, term.operator == ARCHIVED_TOO
            if not self.python:
                seen = seen if kind.active_test is None else not kind.active_test
                archived = self._mentions_active(kind.comodel or "", inner)
            return self.exists(
                record,
                kind,
                lambda one, sign: self._seeing(seen, inner, one, sign),
                positive,
                archived=archived,
            )
        raise Unreadable("leads to no records")

    def _seeing(self, archived: bool, domain: Domain, record: Rec, positive: bool) -> str:
        """A domain on a record that was come to by a search which does, or does not, see archived records."""
        before, self._archived = self._archived, archived
        try:
            return self.encoder.formula(domain, record, positive)
        finally:
            self._archived = before

    def exists(
        self,
        record: Rec,
        kind: Lines | Links,
        inner: Inner,
        positive: bool,
        *,
        archived: bool = False,
        read: bool = False,
        narrowed: bool = True,
    ) -> str:
        """That some record of an x2many satisfies something (or that none does)."""
        assert kind.comodel is not None
        every = self._every
        seen = every or archived or self._sees_archived(kind, read)

        def member(one: Rec, sign: bool) -> str:
            return self.member(record, kind, one, sign, archived=seen, read=read, narrowed=narrowed)

        if positive:
            one = self.world.record(kind.comodel, "s")
            return conj((member(one, True), inner(one, True)))

        def said(one: Rec) -> str:
            with self.seeing_all(every):
                return disj((member(one, False), inner(one, False)))

        return self.world.every(kind.comodel, said)

    @contextmanager
    def seeing_all(self, every: bool = True) -> Iterator[None]:
        """Archived records of an x2many are seen wherever one is looked at: what ties by an archived line ties too."""
        before, self._every = self._every, every
        try:
            yield
        finally:
            self._every = before

    def member(
        self,
        record: Rec,
        kind: Lines | Links,
        other: Rec,
        positive: bool,
        *,
        archived: bool = False,
        read: bool = False,
        narrowed: bool = True,
    ) -> str:
        """That a record is one of an x2many. `archived`: even where it is archived. `read`: as Python reads it."""
        archived = archived or self._every
        parts = [self._link(record, kind, other, positive)]
        domain = kind.domain
        if (
            domain is not None
            and narrowed
            and (self.semantics.field_domain_narrows_any or read or self.python)
        ):
            parts.append(self.encoder.holds(domain, other, positive))
        if not archived and not self._sees_archived(kind, read):
            parts.append(self._unarchived(other, positive))
        return conj(parts) if positive else disj(parts)

    def _sees_archived(self, kind: Lines | Links, read: bool) -> bool:
        """Whether archived records are among those of an x2many. The user's own are read without a context."""
        if kind.active_test is not None:
            return not kind.active_test
        return self._archived and not read

    def _unarchived(self, record: Rec, positive: bool) -> str:
        try:
            active = self.schema.model(record.model).active
            kind = self.schema.field(record.model, active) if active else None
        except RecordsError:
            return TRUE if positive else FALSE
        if not isinstance(kind, Column):
            return TRUE if positive else FALSE
        unset = self.encoder.scalars.unset(self.encoder.scalar(record, kind))
        if record.model == COMPANY:
            self.world.assume("No company is archived.", disj((f"(<= {record.term} 0)", neg(unset))))
        return neg(unset) if positive else unset

    def _link(self, record: Rec, kind: Lines | Links, other: Rec, positive: bool) -> str:
        if isinstance(kind, Links):
            assert kind.own is not None
            assert kind.other is not None
            table = str(kind.own.table.name)
            turned = kind.own.name > kind.other.name
            found = self.world.linked(table, record, kind.name, other, turned=turned)
            return found if positive else neg(found)
        found = self._held(kind, record, other)
        if kind.model_field:
            model = self.schema.field(other.model, kind.model_field)
            if not isinstance(model, Column):
                raise Unreadable(f"has lines whose {kind.model_field} is not kept in the database")
            same = self.encoder.scalars.equals(self.encoder.scalar(other, model), Const(kind.model))
            found = conj((found, same))
        return found if positive else neg(found)

    def _held(self, kind: Lines, record: Rec, other: Rec) -> str:
        """That a line holds the record."""
        inverse = self.schema.field(other.model, kind.inverse)
        here = other
        while not isinstance(inverse, Column):
            link = getattr(inverse, "link", None)
            step = self.schema.field(here.model, link) if link else None
            if not isinstance(step, Column):
                raise Unreadable(f"has lines that hold it by {kind.inverse}, which is computed by Python")
            here = self.encoder.many2one(here, step)
            inverse = self.schema.field(here.model, kind.inverse)
        if inverse.comodel:
            return equal(self.encoder.many2one(here, inverse).term, record.term)
        held = self.encoder.scalar(here, inverse)
        return conj((neg(held.null), equal(held.value, record.term)))

    def _mentions_active(self, model: str, domain: Domain) -> bool:
        """Whether a subdomain names the field that archives records, at its top level."""
        try:
            active = self.schema.model(model).active
        except RecordsError:
            return False
        return active is not None and active in paths(domain)
