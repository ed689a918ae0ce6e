"""A domain with everything written out that stands for something else: paths, related and declared fields, names.

What is left are terms on the record's own columns and relations (`any` leads to other records), and parts that can't be
read. Sources: `expression.parse` (17, 18), `Domain.optimize` (19), and the declared facts of `records`.
"""

from __future__ import annotations

from collections.abc import Callable

from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Constant,
    Domain,
    DomainSemantics,
    IfElse,
    Literal,
    Not,
    Or,
    Subdomain,
    Symbol,
    Term,
    Truthy,
    Value,
    conjunction,
    disjunction,
    distribute_not,
)
from ostiary.prove.encode.scalars import INEQUALITIES
from ostiary.prove.encode.standing_for import StandingFor
from ostiary.prove.encode.terms import (
    ARCHIVED_TOO,
    HIERARCHIES,
    INHERITED,
    POSITIVE,
    RELATIONAL,
    TEXTS,
    as_pattern,
    chosen,
    is_by_name,
    is_one_record,
    is_several,
    negated,
    unread,
    values_of,
)
from ostiary.records.errors import RecordsError
from ostiary.records.schema import (
    Column,
    Condition,
    Inherited,
    Kind,
    Lines,
    Links,
    Names,
    Python,
    Related,
    Schema,
    Through,
)

Fold = Callable[[Domain], Domain]

_NUMBERS = frozenset({"integer", "float", "monetary", "boolean", "char", "text", "html"})
MAX_STEPS = 10_000
"""How many terms one expander writes out; what is beyond them is unread."""

_DEEPEST = 24


class Expander:
    """Writes out domains for one schema. `python`: as a record is tested in memory; otherwise as a search does it.
    `fold` decides what a declared domain asks about groups."""

    def __init__(self, schema: Schema, *, python: bool = False, fold: Fold | None = None) -> None:
        self.schema = schema
        self.fold = fold
        self.semantics: DomainSemantics = schema.semantics
        self.python = python
        self.standing_for = StandingFor(self)
        self._depth = 0
        self._steps = 0

    def domain(self, model: str, domain: Domain) -> Domain:
        """The domain on records of `model`, written out. Raises nothing: what can't be followed is opaque."""
        if not self.python:
            domain = distribute_not(
                domain,
                self.semantics,
                relational=lambda path: self._relational(model, path),
                has_falsy_value=lambda path: self.type_of(model, path) in _NUMBERS,
            )
        return self._domain(model, domain)

    def _relational(self, model: str, path: str) -> bool | None:
        found = self.type_of(model, path)
        return None if found is None else found in RELATIONAL

    def type_of(self, model: str, path: str) -> str | None:
        """The type of the field at the end of a path; None where that isn't known."""
        here: str | None = model
        kind: Kind | None = None
        for name in path.split("."):
            if here is None:
                return None
            try:
                kind = self.schema.field(here, name)
            except RecordsError:
                return None
            here = kind.comodel
        return kind.type if kind else None

    def _domain(self, model: str, domain: Domain) -> Domain:
        match domain:
            case And(items):
                return conjunction([self._domain(model, item) for item in items])
            case Or(items):
                return disjunction([self._domain(model, item) for item in items])
            case Not(Term() as term) if not self.python:
                return self._not(model, term)
            case Not(item):
                return negated(self._domain(model, item))
            case IfElse(test, then, otherwise):
                return IfElse(test, self._domain(model, then), self._domain(model, otherwise))
            case Term():
                return self.guarded(model, domain)
        return domain

    def _not(self, model: str, term: Term) -> Domain:
        """`!` that a search leaves to SQL; in front of a parent's field it stands beside that field."""
        try:
            kind = self.schema.field(model, term.path)
            parent = self.schema.field(model, kind.link).comodel if isinstance(kind, Inherited) else None
        except RecordsError:
            return negated(self.guarded(model, term))
        if not isinstance(kind, Inherited) or parent is None:
            return negated(self.guarded(model, term))
        inner = Not(Term(kind.name, term.operator, term.value, term.position))
        return Term(kind.link, INHERITED, Subdomain(self._domain(parent, inner)), term.position)

    def guarded(self, model: str, term: Term) -> Domain:
        """A term on records of `model`, written out. Opaque where it can't be followed, or leads too far."""
        self._steps += 1
        if self._depth >= _DEEPEST or self._steps > MAX_STEPS:
            return unread(term, "leads too far from field to field")
        self._depth += 1
        try:
            choice = chosen(term)
            return self._term(model, term) if choice is None else self._domain(model, choice)
        except RecordsError as error:
            return unread(term, str(error).removeprefix("cannot be decided: "))
        finally:
            self._depth -= 1

    def _term(self, model: str, term: Term) -> Domain:
        anything = self.python and term.operator == "=?" and term.value in (Literal(False), Literal(None))
        if anything and "." not in term.path:
            return TRUE
        whole = "." not in term.path or not self.semantics.python_path_is_any
        if self.python and not self.semantics.python_predicates and whole and is_several(term):
            if self.type_of(model, term.path) in TEXTS:
                return unread(term, "is compared with a list by an operator for one value")
            return Constant(term.operator == "!=")
        if term.operator == "<>":
            term = Term(term.path, "!=", term.value, term.position)
        if self.python and not self.semantics.python_predicates and term.path.endswith(".id"):
            term = Term(term.path.removesuffix(".id"), term.operator, term.value, term.position)
        hop, _, rest = term.path.partition(".")
        kind = self.schema.field(model, hop)
        if rest and kind.type in RELATIONAL:
            if rest == "id" and kind.type == "many2one" and term.operator in HIERARCHIES:
                return self._term(model, Term(hop, term.operator, term.value, term.position))
            if self.python and not self.semantics.python_path_is_any:
                return self._flattened(model, kind, rest, term)
            return self.any(model, kind, Term(rest, term.operator, term.value, term.position), term)
        if rest:
            return unread(term, f"compares a part of {hop}")
        if isinstance(term.value, Subdomain):
            if isinstance(kind, Related) and self.semantics.related_follows_caller and not self.python:
                return self.standing_for.along(model, [kind.path], term)
            inner = self.any(model, kind, term.value.domain, term)
            return negated(inner) if term.operator.startswith("not") else inner
        return self._own(model, kind, term)

    def _flattened(self, model: str, kind: Kind, rest: str, term: Term) -> Domain:
        """17 in Python: the values at the end of a path are one list, and a negative operator says that none is there.
        A list of records that is empty counts as one that is not set."""
        positive = POSITIVE.get(term.operator)
        if positive is not None:
            return negated(
                self._flattened(model, kind, rest, Term(term.path, positive, term.value, term.position))
            )
        if term.operator == "=?":
            return self.given(term, lambda one: self._flattened(model, kind, rest, one))

        def there(name: str, value: Value | Subdomain) -> Domain:
            return self.any(model, kind, Term(rest, name, value, term.position), term)

        relational = self.type_of(model, term.path) in RELATIONAL
        if relational and term.operator in INEQUALITIES:
            return unread(term, f"is compared by {term.operator}")
        if isinstance(term.value, Subdomain) or term.operator not in ("=", "in") or not relational:
            return there(term.operator, term.value)
        nothing = negated(there("!=", Literal(False)))
        parts: list[Domain] = []
        for item in values_of(term.value):
            if isinstance(item, Literal) and item.value is None:
                continue  # a list without records is [False], which None is not
            if isinstance(item, Literal):
                parts.append(there("=", item) if item.value else nothing)
            elif is_one_record(item):
                parts.append(IfElse(Truthy(item), there("=", item), nothing))
            else:
                parts.append(there("in", item))
        return disjunction(parts)

    def given(self, term: Term, equal: Callable[[Term], Domain]) -> Domain:
        """`=?`: TRUE where there is no value, else `=`."""
        same = equal(Term(term.path, "=", term.value, term.position))
        any_falsy = self.python or self.semantics.optional_equal_any_falsy
        if isinstance(term.value, Literal):
            missing = term.value.value is None or term.value.value is False
            return TRUE if missing or (any_falsy and not term.value.value) else same
        if not (any_falsy or is_one_record(term.value)):
            return unread(term, "is compared by =? with a value that may be empty")
        return IfElse(Truthy(term.value), same, TRUE)

    def any(self, model: str, kind: Kind, inner: Domain, term: Term) -> Domain:
        """That some record behind a relational field satisfies `inner`."""
        found = "any"
        if self.python and not self.semantics.python_predicates:
            # A tree is looked for by a search that sees archived records.
            found = ARCHIVED_TOO if term.operator in (*HIERARCHIES, ARCHIVED_TOO) else "any"
        if isinstance(kind, Inherited):
            parent = self.schema.field(model, kind.link)
            if parent.comodel is None:
                return self.elsewhere(kind, term)
            there = self.guarded(parent.comodel, Term(kind.name, found, Subdomain(inner)))
            return Term(kind.link, INHERITED, Subdomain(there), term.position)
        if isinstance(kind, Related):
            return self.standing_for.along(
                model, [kind.path], Term("", found, Subdomain(inner), term.position)
            )
        if isinstance(kind, Through):
            paths = [kind.path, *kind.also]
            inner = self.standing_for.unarchived(kind, inner) if found == "any" else inner
            return self.standing_for.along(model, paths, Term("", found, Subdomain(inner), term.position))
        if not isinstance(kind, Column | Lines | Links) or kind.comodel is None:
            return self.elsewhere(kind, term)
        return Term(kind.name, found, Subdomain(self._domain(kind.comodel, inner)), term.position)

    def _own(self, model: str, kind: Kind, term: Term) -> Domain:
        """A term on a field of the record itself, whatever sort of field it is."""
        if isinstance(kind, Inherited):
            parent = self.schema.field(model, kind.link)
            if parent.comodel is None:
                return self.elsewhere(kind, term)
            inner = self.guarded(parent.comodel, Term(kind.name, term.operator, term.value, term.position))
            return Term(kind.link, INHERITED, Subdomain(inner), term.position)
        if isinstance(kind, Related):
            return self.standing_for.related(model, kind, term)
        if isinstance(kind, Through):
            return self.standing_for.through(model, kind, term)
        if isinstance(kind, Condition):
            return self.standing_for.condition(model, kind, term)
        if kind.name == "display_name":
            return self._named(model, term)
        if isinstance(kind, Python):
            return self.elsewhere(kind, term)
        if kind.type in TEXTS and isinstance(term.value, Symbol):
            pattern = as_pattern(term)
            if pattern is not None:
                return pattern
        if kind.type in RELATIONAL and kind.comodel and is_by_name(term):
            return self._found_by_name(kind, term)
        return term

    def elsewhere(self, kind: Kind, term: Term) -> Domain:
        """What only Python decides. A search takes a field without a search method for true, up to 18."""
        unsearchable = isinstance(kind, Python) and kind.unsearchable
        if unsearchable and not self.python and self.semantics.unsearchable_is_true:
            return TRUE
        why = kind.why if isinstance(kind, Python) else "is computed by Python"
        return unread(term, f"field {kind.name} of {kind.model} {why}")

    # -- names ---------------------------------------------------------------------------------------------------

    def _found_by_name(self, kind: Kind, term: Term) -> Domain:
        assert kind.comodel is not None
        positive = POSITIVE.get(term.operator, term.operator)
        named = self._named(kind.comodel, Term("display_name", positive, term.value, term.position))
        found = Term(kind.name, "any", Subdomain(named), term.position)
        return negated(found) if positive != term.operator else found

    def _named(self, model: str, term: Term) -> Domain:
        names: Names = self.schema.names(model)
        if names.python or names.exact or names.below:
            return unread(term, f"how records of {model} are found by name is written in Python")
        if not names.search:
            return FALSE
        parts = [
            self.guarded(model, Term(path, term.operator, term.value, term.position)) for path in names.search
        ]
        return conjunction(parts) if term.operator in POSITIVE else disjunction(parts)
