"""Fields that stand for something else: a related field, one that stands for paths, one that a domain declares.

Sources: `Field._search_related`, and the declared facts of `records`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from ostiary.domain import (
    TRUE,
    Compare,
    Domain,
    Each,
    IfElse,
    Literal,
    Sequence,
    Symbol,
    Term,
    Truthy,
    Value,
    conjunction,
    disjunction,
)
from ostiary.domain import paths as domain_paths
from ostiary.prove.encode.terms import (
    POSITIVE,
    TEXTS,
    any_at_all,
    is_by_name,
    is_one_record,
    mentions_unset,
    negated,
    replaced,
    unread,
    values_of,
    wanted,
)
from ostiary.records.schema import Condition, Negative, Related, Through

if TYPE_CHECKING:
    from ostiary.prove.encode.expand import Expander

_COMPLEMENT = {"=": "!=", "in": "not in", "!=": "=", "not in": "in"}
_NUMBERS = frozenset({"integer", "float", "monetary"})
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
USER = "res.users"


class StandingFor:
    """Writes out what one expander's terms on such fields ask for."""

    def __init__(self, expander: Expander) -> None:
        self.expander = expander
        self.semantics = expander.semantics
        self.python = expander.python

    def along(self, model: str, paths: list[tuple[str, ...]], term: Term) -> Domain:
        """A term at the end of one of some paths."""
        return disjunction(
            [
                self.expander.guarded(model, Term(".".join(path), term.operator, term.value, term.position))
                for path in paths
            ]
        )

    def related(self, model: str, kind: Related, term: Term, known: tuple[Value, ...] = ()) -> Domain:
        """A related field: in a search, what it finds at the end of the path (`Field._search_related`); in Python, the
        value there, which is unset where the path leads nowhere."""
        if self.semantics.related_follows_caller and not self.python:
            return self.along(model, [kind.path], term)
        positive = POSITIVE.get(term.operator)
        if positive is not None:
            opposite = Term(term.path, positive, term.value, term.position)
            return negated(self.related(model, kind, opposite, known))
        if term.operator == "=?":
            return self.expander.given(term, lambda one: self.related(model, kind, one, known))
        found = self.along(model, [kind.path], term)
        for place, item in enumerate(values_of(term.value)):
            if term.operator in ("=", "in") and item not in known and _may_lack(item):
                lacking = self.related(model, kind, replaced(term, place, Literal(False)), known)
                if self.expander.type_of(USER, ".".join(getattr(item, "path", ()))) in TEXTS:
                    empty = self.related(model, kind, replaced(term, place, Literal("")), known)
                    lacking = IfElse(Compare("==", item, Literal("")), empty, lacking)
                return IfElse(Truthy(item), self.related(model, kind, term, (*known, item)), lacking)
        if self._accepts_unset(kind, term):
            return disjunction([found, negated(self.along(model, [kind.path[:-1]], any_at_all(term)))])
        return found

    def _accepts_unset(self, kind: Related, term: Term) -> bool:
        """Whether a term on a related field accepts that there is nothing on its path."""
        values = [one.value for one in values_of(term.value) if isinstance(one, Literal)]
        if term.operator in ("=", "in"):
            return any(self._means_unset(kind, one, term) for one in values)
        if term.operator in ("like", "ilike"):
            empty = self.python or self.semantics.related_unset_by_falsy
            return empty and values == [""]
        compare = _COMPARE.get(term.operator)
        if compare is None or not self.python or kind.type not in _NUMBERS:
            return False
        return all(isinstance(one, int | float) and bool(compare(0, one)) for one in values)

    def _means_unset(self, kind: Related, value: object, term: Term) -> bool:
        """Whether a related field that leads nowhere is found by a value (`Field._search_related`, `falsy_value`)."""
        written = kind.type in TEXTS and self.semantics.null_text_is_empty
        if value is None and self.python and not self.semantics.python_predicates:
            return written and term.operator == "=" and not isinstance(term.value, Sequence)
        if not self.python and not self.semantics.related_unset_by_falsy:
            return value is None or value is False
        if kind.type in TEXTS:
            falsy = value is False or (self.python and value == 0)
            return value is None or falsy or (written and value == "")
        return value is None or value == 0

    def through(self, model: str, kind: Through, term: Term) -> Domain:
        """A field that stands for paths."""
        read = self._read_through(model, kind, term)
        return read or self._standing_for(model, [kind.path, *kind.also], term, kind.negative)

    def _read_through(self, model: str, kind: Through, term: Term) -> Domain | None:
        """`=` and `in` on records that Python reads at the end of a path, archived ones not; None otherwise."""
        if not self.python or kind.type == "many2one" or kind.comodel is None or is_by_name(term):
            return None
        positive = POSITIVE.get(term.operator)
        if positive is not None:
            opposite = self._read_through(model, kind, Term(term.path, positive, term.value, term.position))
            return None if opposite is None else negated(opposite)
        if term.operator not in ("=", "in"):
            return None
        nothing = negated(self.expander.any(model, kind, TRUE, term))
        parts: list[Domain] = []
        for item in values_of(term.value):
            one = self.expander.any(model, kind, Term("id", "in", Sequence((item,))), term)
            if isinstance(item, Literal):
                parts.append(one if item.value else nothing)
            else:
                parts.append(IfElse(Truthy(item), one, nothing) if is_one_record(item) else one)
        return disjunction(parts)

    def _standing_for(
        self, model: str, paths: list[tuple[str, ...]], term: Term, negative: Negative
    ) -> Domain:
        """A field that stands for paths: a negative term is the opposite of its positive one, and "not set" means that
        there is nothing that is set."""
        positive = POSITIVE.get(term.operator)
        if positive is not None:
            if negative is Negative.UNKNOWN:
                return unread(term, f"has an operator that only the search of {term.path} can read")
            if negative is Negative.INSIDE:
                return self.along(model, paths, term)
            opposite = Term(term.path, positive, term.value, term.position)
            return negated(self._standing_for(model, paths, opposite, negative))
        if self.python and term.operator in _COMPLEMENT and mentions_unset(term):
            opposite = Term("", _COMPLEMENT[term.operator], term.value, term.position)
            return negated(self.along(model, paths, opposite))
        return self.along(model, paths, term)

    def unarchived(self, kind: Through, inner: Domain) -> Domain:
        """What is asked of the records of a one2many or many2many that stands for a path: archived ones are none of
        its, where a search for them would leave them out."""
        if kind.type == "many2one" or kind.comodel is None or self.semantics.rule_lines_ignore_active_test:
            return inner
        active = self.expander.schema.model(kind.comodel).active
        if active is None or (not self.python and active in domain_paths(inner)):
            return inner
        return conjunction([inner, Term(active, "=", Literal(True))])

    def condition(self, model: str, kind: Condition, term: Term) -> Domain:
        """A boolean that is true for what a domain selects."""
        if kind.domain is None or not (kind.searched or self.python):
            return self.expander.elsewhere(kind, term)
        asked = wanted(term)
        if asked is None:
            return unread(term, f"compares {kind.name} in a way that is not known")
        chosen = kind.value_domain if self.python and kind.value_domain is not None else kind.domain
        inner = self.expander.domain(model, self.expander.fold(chosen) if self.expander.fold else chosen)
        return inner if asked else negated(inner)


def _may_lack(value: Value) -> bool:
    """Whether a value may be False: neither a constant nor a list."""
    return not isinstance(value, Literal | Each) and not (
        isinstance(value, Symbol) and (value.path[-1:] == ("ids",) or not value.path)
    )
