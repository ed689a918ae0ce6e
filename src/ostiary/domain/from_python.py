"""A domain that Python already holds as lists and tuples, e.g. from RPC or a snapshot, to a tree."""

from __future__ import annotations

import math
from datetime import date, datetime

from .build import ARITY, MAX_DEPTH, Builder, NotADomain, Token, make_term, takes_subdomain
from .nodes import TRUE, Domain, Opaque
from .values import Literal, OpaqueValue, Sequence, Subdomain, Value
from .walk import depth_exceeds

_MAX_NESTING = 60
_MAX_NODES = 200_000


class _TooMuch(Exception):
    """The lists are nested too deeply, contain themselves, or are too many."""


def from_python(tokens: object) -> Domain:
    """Read an evaluated domain.

    Takes the list (or tuple) of operators and terms; ``None``, ``False``, ``''`` and an empty list mean
    ``TRUE``, as a missing domain does. Dates become the texts Odoo stores. Gives the tree, without positions.
    Never raises: what is no domain is :class:`~ostiary.domain.Opaque`, what is no value of a term (a
    recordset, an object) an :class:`~ostiary.domain.OpaqueValue`.
    """
    if tokens is None or tokens is False or tokens == "":
        return TRUE
    try:
        domain = _Converter().domain(tokens, 0)
        if depth_exceeds(domain, MAX_DEPTH):
            raise _TooMuch
        return domain
    except (_TooMuch, RecursionError):
        return Opaque(f"<{type(tokens).__name__}>", None, "it is nested too deeply")


class _Converter:
    """One conversion; counts what it has seen."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.seen = 0

    def count(self, depth: int) -> None:
        self.seen += 1
        if depth > _MAX_NESTING or self.seen > _MAX_NODES:
            raise _TooMuch

    def domain(self, tokens: object, depth: int) -> Domain:
        self.count(depth)
        if not isinstance(tokens, list | tuple):
            why = "a domain is a list of terms, and this is not a list"
            return Opaque(_describe(tokens), None, why, invalid=True)
        try:
            return self.builder.build([self.token(token, depth + 1) for token in tokens])
        except NotADomain as problem:
            return Opaque(_describe(tokens), None, problem.why, invalid=problem.invalid)

    def token(self, token: object, depth: int) -> Token:
        self.count(depth)
        if isinstance(token, str):
            if token not in ARITY:
                raise NotADomain(f"{token!r:.60} is neither an operator (&, |, !) nor a term", invalid=True)
            return str(token)
        if not isinstance(token, list | tuple):
            raise NotADomain(f"{_describe(token)} is neither an operator (&, |, !) nor a term", invalid=True)
        if len(token) != 3:
            why = f"a term has three parts, and this has {len(token)}"
            return Opaque(_describe(token), None, why, invalid=True, is_term=True)
        left, operator = self.value(token[0], depth + 1), self.value(token[1], depth + 1)
        right: Value
        if takes_subdomain(left, operator):
            right = Subdomain(self.domain(token[2], depth + 1))
        else:
            right = self.value(token[2], depth + 1)
        try:
            return make_term(left, operator, right, None)
        except NotADomain as problem:
            return Opaque(_describe(token), None, problem.why, invalid=problem.invalid, is_term=True)

    def value(self, value: object, depth: int) -> Value:
        self.count(depth)
        match value:
            case None | bool():
                return Literal(value)
            case int():
                return Literal(int(value))
            case float() if not math.isnan(value):
                return Literal(float(value))
            case str():
                return Literal(str(value))
            case datetime():
                return Literal(value.strftime("%Y-%m-%d %H:%M:%S"))
            case date():
                return Literal(value.strftime("%Y-%m-%d"))
            case list() | tuple():
                return Sequence(tuple([self.value(item, depth + 1) for item in value]))
            case set() | frozenset():
                items = [self.value(item, depth + 1) for item in value]
                return Sequence(tuple(sorted(items, key=repr)))  # a set has no order of its own
        return OpaqueValue(_describe(value), None, "this object is no value of a term")


def _describe(value: object) -> str:
    """A short text of any object, without trusting its ``repr``."""
    if isinstance(value, list | tuple):
        known = str | float | None  # not int: a huge one has no repr
        shown = ", ".join(repr(item)[:40] if isinstance(item, known) else "…" for item in value[:4])
        return f"[{shown}{', …' if len(value) > 4 else ''}]"
    if isinstance(value, str | float | None):
        return repr(value)[:80]
    return f"<{type(value).__name__}>"
