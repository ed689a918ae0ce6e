"""From the prefix list of tokens to a tree, as ``normalize_domain`` of Odoo's ``osv/expression.py`` reads
it."""

from __future__ import annotations

from collections.abc import Sequence as Series
from dataclasses import dataclass
from typing import TypeAlias

from .nodes import FALSE, TRUE, Constant, Domain, IfElse, Not, Term, conjunction, disjunction
from .operators import find_operator
from .values import Literal, Test, Value

MAX_DEPTH = 100
"""Deepest tree that is built. The deepest rule known in Odoo's own modules has 6 levels."""

MAX_ALTERNATIVES = 64
"""How often one list may be read anew because a conditional part changes what its operators apply to."""

ARITY = {"&": 2, "|": 2, "!": 1}


@dataclass(frozen=True, slots=True)
class Conditional:
    """Some tokens or others, by a test: the middle of ``[a] + ([b] if test else [c, d])``."""

    test: Test
    then: tuple[Token, ...]
    otherwise: tuple[Token, ...]


Token: TypeAlias = str | Domain | Conditional
"""An operator ``& | !``, a term already read, or a conditional stretch of tokens."""


class NotADomain(Exception):
    """The tokens make no domain. ``invalid``: Odoo refuses them too."""

    def __init__(self, why: str, *, invalid: bool) -> None:
        super().__init__(why)
        self.why = why
        self.invalid = invalid


class _Incomplete(NotADomain):
    """An operator lacks an operand."""


class Builder:
    """Builds domains from token lists. One per parsed text: it counts the work done."""

    def __init__(self) -> None:
        self.alternatives = 0

    def build(self, tokens: Series[Token]) -> Domain:
        """The domain of ``tokens``; missing ``&`` are understood in front, and no token at all means
        ``TRUE``.

        Raises :class:`NotADomain` when an operator lacks an operand or the tree gets too deep.
        """
        operands = self._operands(tokens)
        return conjunction(operands) if isinstance(operands, list) else operands

    def _operands(self, tokens: Series[Token]) -> list[Domain] | Domain:
        """The operands listed side by side, or one whole domain where a conditional forced several
        readings."""
        done: list[Domain] = []
        waiting: list[_Frame] = []
        for index, token in enumerate(tokens):
            if isinstance(token, str):
                _open(token, waiting)
            elif isinstance(token, Conditional):
                chosen = self._choose(token, open_operator=bool(waiting))
                if chosen is None:
                    return self._read_twice(tokens, index, token)
                _feed(chosen, waiting, done)
            else:
                _feed(token, waiting, done)
        if waiting:
            raise _Incomplete(f"the operator '{waiting[-1].operator}' lacks an operand", invalid=True)
        return done

    def _choose(self, part: Conditional, *, open_operator: bool) -> Domain | None:
        """The conditional as one operand, or ``None`` when its branches cannot stand for one here."""
        try:
            then, otherwise = self._operands(part.then), self._operands(part.otherwise)
        except _Incomplete:
            return None
        counts = [len(side) if isinstance(side, list) else 1 for side in (then, otherwise)]
        if open_operator and counts != [1, 1]:
            return None
        domains = [conjunction(side) if isinstance(side, list) else side for side in (then, otherwise)]
        return IfElse(part.test, domains[0], domains[1])

    def _read_twice(self, tokens: Series[Token], index: int, part: Conditional) -> Domain:
        self.alternatives += 1
        if self.alternatives > MAX_ALTERNATIVES:
            raise NotADomain("too many conditional parts change what its operators apply to", invalid=False)
        before, after = list(tokens[:index]), list(tokens[index + 1 :])
        return IfElse(
            part.test,
            self.build([*before, *part.then, *after]),
            self.build([*before, *part.otherwise, *after]),
        )


class _Frame:
    """An operator waiting for its operands."""

    __slots__ = ("items", "missing", "operator")

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self.missing = ARITY[operator]
        self.items: list[Domain] = []


def _open(operator: str, waiting: list[_Frame]) -> None:
    """Begin an operator; inside the same one it only asks for one operand more: ``a | (b | c)`` has three."""
    if waiting and operator in ("&", "|") and waiting[-1].operator == operator:
        waiting[-1].missing += 1
        return
    waiting.append(_Frame(operator))
    if len(waiting) > MAX_DEPTH:
        raise NotADomain("it is nested too deeply", invalid=False)


def _feed(operand: Domain, waiting: list[_Frame], done: list[Domain]) -> None:
    """Hand an operand to the innermost operator, closing every operator that it completes."""
    while waiting:
        frame = waiting[-1]
        frame.items.append(operand)
        frame.missing -= 1
        if frame.missing:
            return
        waiting.pop()
        if frame.operator == "!":
            operand = Not(operand)
        else:
            operand = conjunction(frame.items) if frame.operator == "&" else disjunction(frame.items)
    done.append(operand)


def takes_subdomain(left: Value, operator: Value) -> bool:
    """Whether the value of this term is a domain (``any``, ``not any``)."""
    name = operator.value if isinstance(operator, Literal) and isinstance(left, Literal) else None
    row = find_operator(name) if isinstance(name, str) else None
    return row is not None and row.takes_subdomain


def make_term(left: Value, operator: Value, right: Value, position: int | None) -> Domain:
    """The term of one triple, or the constant it stands for (``TRUE_LEAF`` and ``FALSE_LEAF`` of Odoo).

    Raises :class:`NotADomain` when the triple is no term.
    """
    constant = _constant(left, operator, right)
    if constant is not None:
        return constant
    if not isinstance(operator, Literal) or not isinstance(left, Literal):
        part = "field" if isinstance(operator, Literal) else "operator"
        raise NotADomain(f"the {part} of this term is only known by running it", invalid=False)
    name, path = operator.value, left.value
    if not isinstance(name, str) or find_operator(name) is None:
        raise NotADomain(f"{name!r:.60} is not an operator of terms", invalid=True)
    if not isinstance(path, str):
        raise NotADomain("only (1, '=', 1) and (0, '=', 1) may have no field on the left", invalid=True)
    if not path:
        raise NotADomain("the field of this term is empty", invalid=True)
    return Term(path, name, right, position)


def _constant(left: Value, operator: Value, right: Value) -> Constant | None:
    """The constant when the triple equals one of the two, as Python compares them."""
    if not (isinstance(left, Literal) and isinstance(right, Literal) and operator == Literal("=")):
        return None
    if isinstance(left.value, str) or right.value != 1 or left.value not in (0, 1):
        return None
    return TRUE if left.value else FALSE
