"""A domain as a formula about one record: true where Odoo accepts the record.

Each part is written for the place it stands in. In a positive place "some line" is a line of its own; in a negative
one, "no line" is said of every record that the question speaks of. A formula therefore says what it should only where
it is asserted as it is: ask for the negative one instead of negating it.
"""

from __future__ import annotations

from ostiary.domain import (
    And,
    Constant,
    Domain,
    IfElse,
    Not,
    Opaque,
    Or,
    Subdomain,
    Term,
    term_to_odoo,
)
from ostiary.policy import Field
from ostiary.policy.paths import field_of
from ostiary.policy.rules import parents_of
from ostiary.prove.encode.expand import Expander, Fold
from ostiary.prove.encode.facts import facts_of
from ostiary.prove.encode.items import Unreadable, is_list
from ostiary.prove.encode.relations import Inner, Relations
from ostiary.prove.encode.scalars import Scalars
from ostiary.prove.encode.single import Single, names_zero
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, equal, neg
from ostiary.prove.encode.terms import HIERARCHIES
from ostiary.prove.encode.trees import Trees
from ostiary.prove.encode.values import Values, Who
from ostiary.prove.encode.world import Rec, Scalar, World
from ostiary.prove.encode.x2many import X2many
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Lines, Links, Schema

_NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not =like", "not =ilike", "not any"})
_POSITIVE = {"!=": "=", "not in": "in", "not any": "any"}


class Encoder:
    """Writes the domains of one schema as formulas in a world. Several encoders may share a world and who asks.

    `python`: as a record is tested in memory (write, create, unlink, `browse`); otherwise as a search finds it. `fold`
    decides what declared domains ask about groups.
    """

    def __init__(
        self,
        world: World,
        schema: Schema,
        *,
        python: bool = False,
        who: Who | None = None,
        fold: Fold | None = None,
    ) -> None:
        self.world = world
        self.schema = schema
        self.semantics = schema.semantics
        self.python = python
        self.expander = Expander(schema, python=python, fold=fold)
        self.scalars = Scalars(world, schema.semantics, python=python)
        self.who = who or Who(self)
        self.values = Values(self)
        self.single = Single(self)
        self.trees = Trees(self)
        self.relations = Relations(self)
        self.x2many = X2many(self)
        self._written: dict[tuple[str, int], tuple[Domain, Domain]] = {}
        self._terms: dict[tuple[Term, str, Rec, bool, tuple[bool, bool]], str] = {}

    def holds(self, domain: Domain, record: Rec, positive: bool = True) -> str:
        """That the record satisfies the domain (or, in a negative place, that it doesn't)."""
        # By identity: terms on 0 and on False are equal to Python.
        key = (record.model, id(domain))
        if key not in self._written:
            self._written[key] = (domain, self.expander.domain(record.model, domain))
        return self.formula(self._written[key][1], record, positive)

    def tied(self, domain: Domain, record: Rec, positive: bool) -> str:
        """As `holds`, of what ties a record to the user: an archived line does so too."""
        with self.relations.seeing_all():
            return self.holds(domain, record, positive)

    def formula(self, domain: Domain, record: Rec, positive: bool) -> str:
        """As `holds`, of a domain that is written out already (see `expand`)."""
        match domain:
            case Constant(value):
                return TRUE if value is positive else FALSE
            case And(items):
                return (conj if positive else disj)([self.formula(item, record, positive) for item in items])
            case Or(items):
                return (disj if positive else conj)([self.formula(item, record, positive) for item in items])
            case Not(Term() as term) if not self.python:
                return self._not(term, record, positive)
            case Not(item):
                return self.formula(item, record, not positive)
            case IfElse(test, then, otherwise):
                asked, unasked = self.values.test(test, True), self.values.test(test, False)
                return disj(
                    (
                        conj((asked, self.formula(then, record, positive))),
                        conj((unasked, self.formula(otherwise, record, positive))),
                    )
                )
            case Opaque(text, _, why):
                return self.world.opaque(text, why or "could not be understood", record, positive)
            case Term():
                return self._term(domain, record, positive)
        raise TypeError(f"not a domain: {type(domain).__name__}")

    def _not(self, term: Term, record: Rec, positive: bool) -> str:
        """`!` that a search leaves to SQL, where what is NULL satisfies neither a term nor its opposite."""
        opposite = self._term(term, record, not positive)
        if self.semantics.not_includes_unknown or isinstance(term.value, Subdomain):
            return opposite
        try:
            kind = self.schema.field(record.model, term.path)
            if not isinstance(kind, Column) or kind.name == "id":
                return opposite
            null = (
                equal(self.many2one(record, kind).term, "0")
                if kind.comodel
                else self.scalar(record, kind).null
            )
        except RecordsError:
            return opposite
        if term.operator not in HIERARCHIES:
            return conj((opposite, neg(null))) if positive else disj((opposite, null))
        # A tree that begins nowhere is FALSE, not unknown.
        begins = self.trees.begins(term, not positive)
        return (
            conj((opposite, disj((neg(null), begins))))
            if positive
            else disj((opposite, conj((null, begins))))
        )

    def _term(self, term: Term, record: Rec, positive: bool) -> str:
        """The formula of a term. One that was made already is used again: what "some line" stands for is then one line
        for both, which is as true as two."""
        if self.world.saying:
            return self._new_term(term, record, positive)
        # By its text too: terms on 0 and on False are equal to Python.
        key = (term, term_to_odoo(term), record, positive, self.relations.seeing)
        if key not in self._terms:
            self._terms[key] = self._new_term(term, record, positive)
        return self._terms[key]

    def _new_term(self, term: Term, record: Rec, positive: bool) -> str:
        try:
            return self._on_field(term, record, positive)
        except (RecordsError, Unreadable) as error:
            why = str(error).removeprefix("cannot be decided: ")
            if isinstance(error, Unreadable):
                why = f"{record.model}.{term.path} {why}"
            return self.world.opaque(term_to_odoo(term), why, record, positive)

    def _on_field(self, term: Term, record: Rec, positive: bool) -> str:
        operator = term.operator
        if operator == "not any":
            self._check_join(term, record)
        if operator in _NEGATIVE and operator in _POSITIVE and self._exact(term, record):
            return self._on_field(Term(term.path, _POSITIVE[operator], term.value), record, not positive)
        kind = self.schema.field(record.model, term.path)
        if isinstance(term.value, Subdomain):
            return self.relations.any(kind, term, term.value.domain, record, positive)
        if isinstance(kind, Lines | Links):
            return self.x2many.term(kind, term, record, positive)
        if kind.name == "id" or (kind.type == "many2one" and isinstance(kind, Column)):
            return self.single.term(kind, term, record, positive)
        if not isinstance(kind, Column):
            raise Unreadable("is not kept in the database")
        items = self.values.items(term.value)
        found = self.scalars.condition(self.scalar(record, kind), operator, items, is_list(term))
        return found if positive else neg(found)

    def _check_join(self, term: Term, record: Rec) -> None:
        """Raises Unreadable for `not any` on a link to a parent: up to 18 that is a join, and its NOT leaves out
        what is unknown."""
        joined = not self.python and not self.semantics.not_includes_unknown
        links = parents_of(self.schema.policy, record.model).values() if joined else ()
        if term.operator == "not any" and term.path in links:
            raise Unreadable("is a link to a parent, compared by not any")

    def _exact(self, term: Term, record: Rec) -> bool:
        """Whether a negative operator is the exact opposite of its positive one."""
        if isinstance(term.value, Subdomain):
            return True
        kind = self.schema.field(record.model, term.path)
        if kind.type == "many2one" and not self.python and names_zero(term):
            return self.semantics.many2one_zero_is_unset and term.operator == "!=" and not is_list(term)
        return kind.type in ("many2one", "one2many", "many2many") or kind.name == "id"

    # -- fields --------------------------------------------------------------------------------------------------

    def many2one(self, record: Rec, kind: Column) -> Rec:
        """The record that a many2one holds."""
        assert kind.comodel is not None
        found = self.world.many2one(record, kind.name, kind.comodel, required=kind.required)
        facts_of(self, record, kind, found)
        return found

    def scalar(self, record: Rec, kind: Column) -> Scalar:
        """The plain value of a field."""
        return self.world.scalar(record, kind.name, kind.type, kind.required)

    def definition(self, model: str, name: str) -> Field | None:
        return field_of(self.schema.policy, model, name)

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
        return self.relations.exists(
            record, kind, inner, positive, archived=archived, read=read, narrowed=narrowed
        )

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
        return self.relations.member(
            record, kind, other, positive, archived=archived, read=read, narrowed=narrowed
        )
