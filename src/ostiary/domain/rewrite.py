"""What Odoo's search makes of a domain before it writes SQL: paths become ``any``, ``!`` goes into the
operators."""

from __future__ import annotations

from collections.abc import Callable

from .nodes import FALSE, And, Constant, Domain, IfElse, Not, Opaque, Or, Term, disjunction
from .normal import join
from .semantics import DomainSemantics
from .shapes import truth_of
from .values import Literal, Sequence, Subdomain

INEQUALITIES = frozenset({"<", "<=", ">", ">="})

Known = Callable[[str], bool | None]


def distribute_not(
    domain: Domain,
    semantics: DomainSemantics,
    *,
    relational: Known | None = None,
    has_falsy_value: Known | None = None,
) -> Domain:
    """The domain as SQL search reads it in one version.

    A path ``a.b`` becomes ``a any [b ...]``, so that its ``!`` is ``a not any [b ...]``; then ``!`` is
    carried down to the terms, where an operator with a complement is replaced by it. ``Not`` is left only
    where Odoo writes an SQL ``NOT`` (``child_of``, ``=like`` up to 18, ...), around what is unreadable, and
    where the answer needs a field type that is not known. Neighbouring ``any`` are not merged: that changes
    no meaning.

    ``relational`` answers, for a path from the outer model, whether it ends in a relational field; without it
    every path element but the last is taken as one, except before a part of a date. ``has_falsy_value``
    answers whether the field is a number, text or boolean: from 19 on ``! (a < b)`` also accepts an unset
    field of another type.

    Source: ``expression._anyfy_leaves``, ``_tree_not`` (17, 18), ``Domain.__invert__``, ``_negate`` (19).
    """
    return _Rewriter(semantics, relational, has_falsy_value).domain(domain, False, "")


class _Rewriter:
    def __init__(self, semantics: DomainSemantics, relational: Known | None, falsy: Known | None) -> None:
        self.semantics = semantics
        self.relational = relational
        self.falsy = falsy

    def domain(self, domain: Domain, negated: bool, prefix: str) -> Domain:
        match domain:
            case Constant(value):
                return Constant(value is not negated)
            case Not(item):
                return self.domain(item, not negated, prefix)
            case And(items) | Or(items):
                parts = [self.domain(item, negated, prefix) for item in items]
                return join(parts, every=isinstance(domain, And) is not negated)
            case IfElse(test, then, otherwise):
                return IfElse(
                    test, self.domain(then, negated, prefix), self.domain(otherwise, negated, prefix)
                )
            case Term():
                return self.term(domain, negated, prefix)
            case Opaque():
                return Not(domain) if negated else domain
        raise TypeError(f"not a domain: {type(domain).__name__}")

    def term(self, term: Term, negated: bool, prefix: str) -> Domain:
        hop, _, rest = term.path.partition(".")
        if rest and self.is_hop(prefix + hop, rest):
            inner = self.term(Term(rest, term.operator, term.value, term.position), False, f"{prefix}{hop}.")
            return Term(hop, "not any" if negated else "any", Subdomain(inner), term.position)
        if isinstance(term.value, Subdomain):
            inner = self.domain(term.value.domain, False, f"{prefix}{term.path}.")
            term = Term(term.path, term.operator, Subdomain(inner), term.position)
        return self.negate(term, prefix) if negated else term

    def is_hop(self, path: str, rest: str) -> bool:
        """Whether the field at ``path`` leads to other records, so that ``rest`` is read from them."""
        if self.relational is not None:
            known = self.relational(path)
            if known is not None:
                return known
        return rest not in self.semantics.date_parts

    def negate(self, term: Term, prefix: str) -> Domain:
        """``!`` in front of a term without relational path."""
        if "." in term.path and not self.semantics.negates_dotted_leaf:
            return Not(term)
        if term.operator == "=?" and self.semantics.negated_optional_equal:
            asked = truth_of(term.value)
            different = Term(term.path, "!=", term.value, term.position)
            if isinstance(asked, bool):
                return different if asked else FALSE
            return IfElse(asked, different, FALSE)
        complement = self.semantics.complement(term.operator)
        if complement is None:
            return Not(term)
        opposite = Term(term.path, complement, term.value, term.position)
        if term.operator in INEQUALITIES and self.semantics.negated_inequality_includes_null:
            falsy = self.falsy(prefix + term.path) if self.falsy is not None else None
            if falsy is None:
                return Not(term)
            if not falsy:
                unset = Term(term.path, "in", Sequence((Literal(False),)), term.position)
                return disjunction([unset, opposite])
        return opposite
