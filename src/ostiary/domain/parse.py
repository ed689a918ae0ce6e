"""The text of a domain, as rules and views hold it, to a tree. By Python's syntax tree; nothing is
evaluated."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from .build import ARITY, MAX_DEPTH, Builder, Conditional, NotADomain, Token, make_term, takes_subdomain
from .nodes import TRUE, Domain, Opaque
from .read import Reader
from .read_base import TooComplex
from .source import Offsets, refusal
from .values import Literal, Sequence, Subdomain, Test, Value
from .walk import depth_exceeds, opaques


def parse(text: str) -> Domain:
    """Read the text of a domain.

    Takes the text as it stands in ``domain_force`` or an XML file, with its indentation and comments. Gives
    the tree with positions as character offsets into ``text``. Empty text means ``TRUE``, as an empty
    ``domain_force`` does in ``ir.rule._compute_domain``. Never raises and never runs anything: a part that
    cannot be understood is :class:`~ostiary.domain.Opaque`, and so is the whole where the parts cannot be
    told apart.
    """
    body = text.strip()  # as tools/safe_eval.py does
    if not body:
        return TRUE
    skipped = len(text) - len(text.lstrip())
    why = refusal(body)
    if why is not None:
        return Opaque(body, skipped, why)
    try:
        return _Parser(text, body, skipped).parse()
    except SyntaxError as error:
        return Opaque(body, skipped, f"it is not valid Python: {error.msg}", invalid=True)
    except (TooComplex, RecursionError, MemoryError):
        return Opaque(body, skipped, "it is nested too deeply")
    except (ValueError, OverflowError) as error:  # lone surrogates, integers of thousands of digits
        return Opaque(body, skipped, f"Python's parser refuses it: {error}", invalid=True)


class _Parser:
    """One parse of one text."""

    def __init__(self, text: str, body: str, skipped: int) -> None:
        self.body = body
        self.reader = Reader(text, Offsets(body, skipped))
        self.builder = Builder()

    def parse(self) -> Domain:
        domain = self.domain(_expression(self.body))
        if depth_exceeds(domain, MAX_DEPTH):
            raise TooComplex("it is nested too deeply")
        return domain

    def domain(self, node: ast.expr) -> Domain:
        """The domain that an expression stands for."""
        try:
            return self.builder.build(list(self.tokens(node)))
        except NotADomain as problem:
            start, source = self.reader.span(node)
            return Opaque(source, start, problem.why, invalid=problem.invalid)

    # -- tokens ----------------------------------------------------------------------------------------------

    def tokens(self, node: ast.expr) -> Iterator[Token]:
        """The tokens of a list, of lists joined by ``+``, or of one list or another."""
        self.reader.enter()
        try:
            if isinstance(node, ast.List | ast.Tuple):
                for item in node.elts:
                    yield from self.token(item)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                for part in _summands(node):
                    yield from self.tokens(part)
            elif isinstance(node, ast.IfExp):
                yield from self.either(self.reader.test(node.test), node.body, node.orelse)
            elif isinstance(node, ast.BoolOp):
                yield from self.and_or(node)
            elif isinstance(node, ast.ListComp):
                yield from self.comprehension(node)
            elif isinstance(node, ast.Call) and _wraps_a_list(node):
                if node.args:
                    yield from self.tokens(node.args[0])
            else:
                raise NotADomain(
                    _why_no_list(node), invalid=isinstance(node, ast.Constant | ast.Dict | ast.Set)
                )
        finally:
            self.reader.leave()

    def either(self, test: Test | bool, then: ast.expr, otherwise: ast.expr) -> Iterator[Token]:
        if isinstance(test, bool):
            yield from self.tokens(then if test else otherwise)
        else:
            yield Conditional(test, tuple(self.tokens(then)), tuple(self.tokens(otherwise)))

    def and_or(self, node: ast.BoolOp) -> Iterator[Token]:
        """``test and [a] or [b]``, the conditional of old, and ``[] or [b]``."""
        first, last = node.values[0], node.values[-1]
        if isinstance(node.op, ast.Or) and len(node.values) == 2:
            if isinstance(first, ast.BoolOp) and isinstance(first.op, ast.And) and len(first.values) == 2:
                test, chosen = first.values
                if isinstance(chosen, ast.List | ast.Tuple) and chosen.elts:
                    yield from self.either(self.reader.test(test), chosen, last)
                    return
            if isinstance(first, ast.List | ast.Tuple):
                yield from self.tokens(first if first.elts else last)
                return
        why = "an 'and'/'or' of values that are not all lists may give something else"
        raise NotADomain(why, invalid=False)

    def comprehension(self, node: ast.ListComp) -> Iterator[Token]:
        """``[('field', '=', x) for x in (1, 2)]``: only over constants."""
        generator = node.generators[0]
        source = self.reader.value(generator.iter)
        variable = generator.target.id if isinstance(generator.target, ast.Name) else None
        if variable is None or len(node.generators) > 1 or not isinstance(source, Sequence):
            why = "how many terms the comprehension gives is only known by running it"
            raise NotADomain(why, invalid=False)
        outer = self.reader.bound
        for item in source.items:
            self.reader.bound = {**outer, variable: item}
            try:
                kept = [self.reader.test(test) for test in generator.ifs]
                if not all(isinstance(test, bool) for test in kept):
                    raise NotADomain("which terms the comprehension gives depends on the user", invalid=False)
                tokens = list(self.token(node.elt)) if all(kept) else []
                if any(
                    next(opaques(token), None) for token in tokens if not isinstance(token, str | Conditional)
                ):
                    raise NotADomain(
                        "the terms of the comprehension are only known by running it", invalid=False
                    )
                yield from tokens
            finally:
                self.reader.bound = outer

    def token(self, node: ast.expr) -> Iterator[Token]:
        """One element of a list: an operator, a term, or a choice between some."""
        if isinstance(node, ast.IfExp):
            test = self.reader.test(node.test)
            if isinstance(test, bool):
                yield from self.token(node.body if test else node.orelse)
            else:
                yield Conditional(test, tuple(self.token(node.body)), tuple(self.token(node.orelse)))
        elif isinstance(node, ast.Tuple | ast.List):
            yield self.term(node)
        elif isinstance(node, ast.Starred):
            yield from self.tokens(node.value)
        else:
            yield _operator(self.reader.value(node))

    # -- terms -----------------------------------------------------------------------------------------------

    def term(self, node: ast.Tuple | ast.List) -> Domain:
        """One triple; anything in it that is not as it should be makes the term opaque, not the whole
        domain."""
        start, source = self.reader.span(node)
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return Opaque(
                source, start, "a term with unpacked values is only known by running it", is_term=True
            )
        if len(node.elts) != 3:
            why = f"a term has three parts, and this has {len(node.elts)}"
            return Opaque(source, start, why, invalid=True, is_term=True)
        left, operator = self.reader.value(node.elts[0]), self.reader.value(node.elts[1])
        if takes_subdomain(left, operator):
            right: Value = Subdomain(self.domain(node.elts[2]))
        else:
            right = self.reader.value(node.elts[2])
        try:
            return make_term(left, operator, right, start)
        except NotADomain as problem:
            return Opaque(source, start, problem.why, invalid=problem.invalid, is_term=True)


def _expression(body: str) -> ast.expr:
    if "\\" not in body:
        return ast.parse(body, mode="eval").body
    with warnings.catch_warnings():  # '\d' in a text is only worth a warning, and not ours
        warnings.simplefilter("ignore")
        return ast.parse(body, mode="eval").body


def _summands(node: ast.BinOp) -> list[ast.expr]:
    """``a + b + c`` without recursion: a long sum leans to the left."""
    parts: list[ast.expr] = []
    at: ast.expr = node
    while isinstance(at, ast.BinOp) and isinstance(at.op, ast.Add):
        parts.append(at.right)
        at = at.left
    return [at, *reversed(parts)]


def _wraps_a_list(node: ast.Call) -> bool:
    plain = isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple") and not node.keywords
    return plain and (not node.args or (len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)))


def _operator(value: Value) -> str:
    if not isinstance(value, Literal):
        raise NotADomain(
            "an element of it may be an operator or a term, only known by running it", invalid=False
        )
    if not isinstance(value.value, str) or value.value not in ARITY:
        raise NotADomain(f"{value.value!r:.60} is neither an operator (&, |, !) nor a term", invalid=True)
    return value.value


def _why_no_list(node: ast.expr) -> str:
    if isinstance(node, ast.Constant | ast.Dict | ast.Set):
        return "a domain is a list of terms, and this is not a list"
    return "this list of terms is only known by running it"
