"""Tokens, passwords and codes that let somebody in, and that can be guessed: drawn from `random`, the time, or ids."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ostiary.code.marks.chance import Found, Guess, Names, are_letters, guessed
from ostiary.code.marks.found import FileMark, line_text, lines_of, lines_with
from ostiary.code.marks.names import Sort, entry_sort, plain
from ostiary.code.marks.walk import any_between, name_of, text_of
from ostiary.code.syntax import children

_CHANCE = (re.compile(rb"random\b"), re.compile(rb"uuid1"))
_KNOWN = b"time.time time_ns .now( .today( .utcnow( .md5( .sha1( .sha256( .sha512(".split()
_NAMED = b"token passw pwd secret _code _key coupon voucher session_id".split()
_NAMED_IN_FULL = (re.compile(rb"otp\b"), re.compile(rb"pin\b"))
_CLOCK = re.compile(r"(?:^|_)(?:date|time|timestamp|expiry|expires?|expiration|at|on)(?:_|$)")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# What binds a name to a value, and what gives a local name one.
_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.keyword, ast.Dict, ast.Return)
_KEEPING = (ast.Assign, ast.AugAssign, ast.Call)
# Where a statement holds others.
_BODY, _LOOP, _TRY = ("body",), ("body", "orelse"), ("body", "handlers", "orelse", "finalbody")
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.Module, *_DEFINITIONS, ast.With, ast.AsyncWith, ast.ExceptHandler), _BODY),
    **dict.fromkeys((ast.If, ast.For, ast.AsyncFor, ast.While), _LOOP),
    **dict.fromkeys((ast.Try, ast.TryStar), _TRY),
}


def predictable_marks(tree: ast.Module, source: bytes) -> Iterator[FileMark]:
    """The guessable tokens of one file, each once a line."""
    drawing = lines_with(_CHANCE, source)
    known = lines_of(_KNOWN, source)
    if not (drawing or known):
        return
    small = b"_" + source.lower()  # a name may begin the file
    named = sorted(lines_of(_NAMED, small) | lines_with(_NAMED_IN_FULL, small))
    if not named:
        return
    by_chance, by_time = sorted(drawing), sorted(known)
    # Without chance there are no helpers that draw some, and so nothing elsewhere.
    scopes = list(_scopes(tree, () if drawing else (by_time, named)))
    reading = [
        scope for scope in scopes if scope.holds(by_chance) or (scope.holds(by_time) and scope.holds(named))
    ]
    names = _imports(one for scope in reading for one in scope.own)
    for _ in range(2):  # a helper may call one that stands below it
        for scope in reading:
            if scope.holds(by_chance):
                _summarize(scope, names)
    if names.helpers:
        called = b"|".join(sorted(name.encode() for name in names.helpers))
        drawing |= lines_with([re.compile(rb"\b(?:" + called + rb")\b")], source)
    telling = sorted(drawing | known)
    seen: set[int] = set()
    for scope in scopes:
        if not (scope.holds(telling) and scope.holds(named)):
            continue
        for name, found, at in _sinks(scope, names):
            if not _lets_in(name, scope.around, found):
                continue
            line = getattr(at, "lineno", 0)
            if line and line not in seen:
                seen.add(line)
                yield FileMark("predictable", line, name, line_text(source, line), scope.path)


def _lets_in(name: str, around: tuple[str, ...], found: Found) -> bool:
    """Whether what is called so lets somebody in, and this way of drawing it says enough."""
    if _CLOCK.search(plain(name)):
        return False
    sort = entry_sort(name, *around)
    verdict = found.verdict
    if sort is None or verdict is None:
        return False
    return sort is not Sort.CODE or (verdict[0] is Guess.RANDOM and (found.built or _number(verdict[1])))


def _number(at: ast.AST) -> bool:
    return isinstance(at, ast.Call) and name_of(at.func) in ("randint", "randrange", "getrandbits")


def _imports(nodes: Iterable[ast.AST]) -> Names:
    names = Names()
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                names.modules[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                names.functions[one.asname or one.name] = (node.module, one.name)
    return names


@dataclass(frozen=True)
class _Scope:
    """A module, a class or a function: its statements, the names it stands in (of classes and models), and
    its lines where it is not the module."""

    body: list[ast.stmt]
    around: tuple[str, ...] = ()
    path: str = ""
    function: str = ""
    first: int = 0
    last: int = sys.maxsize

    def holds(self, lines: Sequence[int]) -> bool:
        """Whether one of some lines, in order, is one of its own or of what stands in it."""
        return any_between(lines, self.first, self.last)

    @cached_property
    def own(self) -> list[ast.AST]:
        """Its nodes in order, without those of the functions and classes within."""
        return list(_own(self.body))


def _scopes(tree: ast.Module, telling: Sequence[Sequence[int]]) -> Iterator[_Scope]:
    """The module, each class and each function, without those of tests; only those that hold one of each `telling`
    lines."""
    yield _Scope(tree.body)
    waiting: list[tuple[ast.AST, tuple[str, ...], str]] = [(tree, (), "")]
    while waiting:
        node, around, path = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            path = f"{path}.{node.name}".lstrip(".")
            function = ""
            if isinstance(node, ast.ClassDef):
                around = (*around, node.name, *_models(node))
            elif node.name.startswith("test_"):
                continue
            else:
                function = node.name
            yield _Scope(node.body, around, path, function, node.lineno, node.end_lineno or node.lineno)
        inner = [
            one
            for name in _BLOCKS.get(type(node), ())
            for one in getattr(node, name)
            if all(any_between(lines, one.lineno, one.end_lineno or one.lineno) for lines in telling)
        ]
        waiting.extend((child, around, path) for child in reversed(inner))


def _models(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and name_of(line.targets[0]) in ("_name", "_inherit"):
            name = text_of(line.value)
            yield name.replace(".", "_")


def _summarize(scope: _Scope, names: Names) -> None:
    """Note a helper that returns what can be guessed."""
    if not scope.function or entry_sort(scope.function, *scope.around) is not None:
        return
    _prepare(scope.own, names)
    for node in scope.own:
        if isinstance(node, ast.Return) and node.value is not None:
            verdict = guessed(node.value, names).verdict
            if verdict is not None and verdict[0] >= Guess.UUID1:
                names.helpers[scope.function] = verdict[0]


def _sinks(scope: _Scope, names: Names) -> Iterator[tuple[str, Found, ast.AST]]:
    """What is bound to a name, or returned by a function that is called so: the name, and what is in the value."""
    _prepare(scope.own, names)
    for node in scope.own:
        if not isinstance(node, _BINDING):
            continue
        for name, value in _bound(node, scope.function):
            if name and entry_sort(name, *scope.around) is not None:
                found = guessed(value, names)
                verdict = found.verdict
                if verdict is not None:
                    yield name, found, verdict[1]


def _bound(node: ast.AST, function: str) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield name_of(target), _default(value)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.AugAssign(target=target, value=value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield name_of(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            yield from ((text_of(key), value) for key, value in zip(keys, values, strict=True))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Dict):
            yield function, value


def _default(value: ast.expr) -> ast.expr:
    """The default of a field, where a field is declared."""
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="fields")), keywords=keywords):
            return next((one.value for one in keywords if one.arg == "default"), ast.Constant(None))
    return value


def _prepare(nodes: list[ast.AST], names: Names) -> None:
    """Work out which local names hold what can be guessed, in the order of the code."""
    names.local = {}
    names.shadowed, names.secret, names.built, names.letters = set(), set(), set(), set()
    for node in nodes:
        if not isinstance(node, _KEEPING):
            continue
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                _keep(name, value, names, anew=True)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                _keep(name, value, names)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value]):
                _keep(name, value, names)


def _keep(name: str, value: ast.expr, names: Names, anew: bool = False) -> None:
    if name in names.modules or name in names.functions:
        names.shadowed.add(name)
    if are_letters(value, names):
        names.letters.add(name)
    found = guessed(value, names)
    verdict = found.verdict
    if found.secret:
        names.secret.add(name)
    if found.built or not anew:
        names.built.add(name)
    if verdict is not None and verdict[0] > Guess.IDS:
        names.local[name] = verdict
    elif anew:
        names.local.pop(name, None)


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a body in order, without those of functions and classes within."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            continue
        yield node
        inner = children(node)
        inner.reverse()
        waiting += inner
