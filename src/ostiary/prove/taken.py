"""A domain as it can be asked again where parts of it can't be known: each is taken for what the witness says.

What only running Odoo gives (a clock, a computed relation of the user's) is replaced by what it is in the witness; a
term that can't be read is taken for what refuses, so that what still passes would pass whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable

from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Concat,
    Domain,
    IfElse,
    Literal,
    Not,
    Opaque,
    Or,
    Sequence,
    Subdomain,
    Term,
    Value,
    conjunction,
    disjunction,
    opaques,
)

Taken = Callable[[Term, Value], Value | None]
Written = Callable[[str, Domain], Domain]


class Asked:
    """Rewrites domains.

    `taken` gives what a value of a term is taken for, None where it stays; `written` writes a domain out, as `expand`
    does, so that what can't be read shows. `exact` tells afterwards whether nothing was taken for what refuses.
    """

    def __init__(self, taken: Taken, written: Written, comodel: Callable[[str, str], str | None]) -> None:
        self.taken = taken
        self.written = written
        self.comodel = comodel
        self.exact = True

    def domain(self, model: str, domain: Domain, *, negative: bool = False) -> Domain:
        """The domain on records of `model`; it accepts no record that the domain itself might refuse."""
        match domain:
            case And(items):
                return conjunction([self.domain(model, item, negative=negative) for item in items])
            case Or(items):
                return disjunction([self.domain(model, item, negative=negative) for item in items])
            case Not(item):
                return Not(self.domain(model, item, negative=not negative))
            case IfElse(test, then, otherwise):
                return IfElse(
                    test,
                    self.domain(model, then, negative=negative),
                    self.domain(model, otherwise, negative=negative),
                )
            case Term():
                return self._term(model, domain, negative=negative)
            case Opaque():
                return self._refusing(negative=negative)
        return domain

    def _term(self, model: str, term: Term, *, negative: bool) -> Domain:
        if isinstance(term.value, Subdomain):
            comodel = self.comodel(model, term.path)
            if comodel is None or term.operator not in ("any", "not any"):
                return self._refusing(negative=negative)
            turned = negative is (term.operator == "any")
            inner = self.domain(comodel, term.value.domain, negative=turned)
            return Term(term.path, term.operator, Subdomain(inner))
        asked = Term(term.path, term.operator, self._value(term, term.value))
        return self._refusing(negative=negative) if any(opaques(self.written(model, asked))) else asked

    def _refusing(self, *, negative: bool) -> Domain:
        """What a part that can't be read is taken for."""
        self.exact = False
        return TRUE if negative else FALSE

    def _value(self, term: Term, value: Value) -> Value:
        taken = self.taken(term, value)
        if taken is not None:
            return taken
        match value:
            case Sequence(items):
                return Sequence(tuple([self._item(term, item) for item in items]))
            case Concat(parts):
                return Concat(tuple([self._value(term, part) for part in parts]))
        return value

    def _item(self, term: Term, item: Value) -> Value:
        taken = self.taken(term, item)
        return taken if isinstance(taken, Literal) else item
