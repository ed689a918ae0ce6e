"""Secrets that are written in the source: told by what they are bound to and what they look like.

The secret itself is never kept: a mark says its name and how long it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ostiary.code.marks.found import FileMark, lines_of, lines_with
from ostiary.code.marks.names import Sort, harmless, secret_sort
from ostiary.code.marks.values import (
    FIRST_TRIED,
    PASSWORD,
    SECRET,
    given_out,
    given_out_on,
    is_guessed_first,
    is_secret,
)
from ostiary.code.marks.walk import name_of, text_of, walk

# A file with none of these on a line with a quote has no secret that could be told: most files are not walked.
_STEMS = (
    b"passw passphrase passcode pwd _pass secret token api_key apikey access_key accesskey private_key privatekey"
    b" signing_key encryption_key auth_key authkey hmac_key credential"
).split()
_BINDS = re.compile(rb"[^\n=:,(\[]{0,60}[=:,(\[][^\n]{0,80}?['\"][^'\"\s]{4}")
# As far as a name and its value are apart at most.
_NEAR = 240
_COMPARED = re.compile(rb"['\"]\s*[!=]=[^\n]*$")
_USED = [
    re.compile(shape)
    for shape in (
        rb"auth(?<!\wauth)\s*=\s*\(",
        rb"hmac\.(?:new|digest)\(",
        rb"jwt\.(?:en|de)code\(",
        rb"fernet\(",
        rb"basicauth\(",
    )
]
# Calls whose first text names what the second one is.
_NAMING = frozenset(
    {"get", "getenv", "get_param", "set_param", "setdefault", "pop", "getattr", "setattr", "set"}
)
_FIELDS = frozenset({"Char", "Text", "Html"})
_KEYED = {
    ("hmac", "new"): 0,
    ("hmac", "digest"): 0,
    ("jwt", "encode"): 1,
    ("jwt", "decode"): 1,
    ("", "Fernet"): 0,
    ("fernet", "Fernet"): 0,
}
_BINDING = (
    ast.Constant,
    ast.Assign,
    ast.AnnAssign,
    ast.NamedExpr,
    ast.keyword,
    ast.Dict,
    ast.arguments,
    ast.Compare,
    ast.Call,
)
_LOGINS = frozenset({"HTTPBasicAuth", "HTTPDigestAuth"})
_SHORTEST_USED = 6


def secret_marks(tree: ast.Module, source: bytes) -> Iterator[FileMark]:
    """The secrets of one file, each once a line. Only statements that could hold one are gone through."""
    small = source.lower()
    used = lines_with(_USED, small)
    keys = _constants_used_as_keys(tree) if used else frozenset()
    lines = _lines_that_bind(small) | used | given_out_on(source)
    if keys:
        lines |= lines_of((name.encode() for name in keys), source)
    seen: set[int] = set()
    for node, around in walk(tree, lines):
        if not isinstance(node, _BINDING) or (around.target and harmless(around.target)):
            continue
        if around.function.rpartition(".")[2].startswith("test_"):
            continue
        for name, value in (*_bound(node), *_keyed(node)):
            by_use = not name or (name in keys and isinstance(node, ast.Assign))
            found = _judge(name, value, by_use)
            if found is not None and value.lineno not in seen:
                seen.add(value.lineno)
                yield FileMark("secret", value.lineno, name, found, around.function)
        if isinstance(node, ast.Constant) and node.lineno not in seen and not around.documents(node):
            text = text_of(node)
            sort = given_out(text) if text else None
            if text and sort:
                seen.add(node.lineno)
                yield FileMark("secret", node.lineno, "", f"{sort} ({len(text)} characters)", around.function)


def _lines_that_bind(small: bytes) -> frozenset[int]:
    """The lines on which a name of a secret is followed by a text, or compared with one before it."""
    found: set[int] = set()
    for stem in _STEMS:
        line, after, at = 1, 0, small.find(stem)
        while at >= 0:
            line += small.count(b"\n", after, at)
            after = at
            end = small.find(b"\n", at, at + _NEAR)
            start = max(small.rfind(b"\n", max(0, at - _NEAR), at) + 1, at - _NEAR, 0)
            if _BINDS.match(small, at, end if end >= 0 else at + _NEAR) or _COMPARED.search(small, start, at):
                found.add(line)
            at = small.find(stem, at + 1)
    return frozenset(found)


def _judge(name: str, value: ast.expr, by_use: bool) -> str | None:
    """What is said of a value that is a secret; None where it is none."""
    text = text_of(value)
    if not text:
        return None
    sort = given_out(text)
    if sort is None and by_use and len(text) >= _SHORTEST_USED and not any(one.isspace() for one in text):
        sort = "the key that something is signed or encrypted with"
    if sort is None:
        named = secret_sort(name)
        if named is None or not is_secret(named, text):
            return None
        sort = SECRET if named is Sort.KEY else FIRST_TRIED if is_guessed_first(text) else PASSWORD
    return f"{sort} ({len(text)} characters)"


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What this node binds to a name, whatever the form."""
    for name, value in _written(node):
        if not name:
            continue
        yield from ((name, one) for one in _alternatives(value))


def _written(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target, value)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield name_of(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
            if name == "auth" and isinstance(value, ast.Tuple) and len(value.elts) == 2:
                yield "password", value.elts[1]
        case ast.Dict(keys=keys, values=values):
            yield from ((text_of(key), value) for key, value in zip(keys, values, strict=True))
        case ast.arguments():
            yield from _defaults(node)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            yield from _compared(left, right)
            yield from _compared(right, left)
        case ast.Call():
            yield from _passed(node)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield name_of(one), other
        return
    name = name_of(target)
    yield name, value
    if isinstance(value, ast.Call) and name_of(value.func) in _FIELDS:
        for keyword in value.keywords:
            if keyword.arg == "default":
                yield name, keyword.value


def _defaults(node: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*node.posonlyargs, *node.args]
    if node.defaults:
        for one, value in zip(positional[-len(node.defaults) :], node.defaults, strict=True):
            yield one.arg, value
    for one, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        if default is not None:
            yield one.arg, default


def _compared(node: ast.expr, other: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What a value is compared with, also where it is got from a dictionary: `post.get('secret') != ...`.

    Not what is tried first: whoever compares with that wants a better one.
    """
    if isinstance(node, ast.Call) and name_of(node.func) in _NAMING and node.args:
        name = text_of(node.args[0])
    else:
        name = name_of(node)
    if name and not is_guessed_first(text_of(other)):
        yield name, other


def _passed(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    called = name_of(node.func)
    if called in _NAMING and len(node.args) >= 2:
        first = 1 if called in ("getattr", "setattr") else 0
        if len(node.args) > first + 1 and (name := text_of(node.args[first])):
            yield name, node.args[first + 1]
    elif called in _LOGINS and len(node.args) == 2:
        yield "password", node.args[1]


def _keyed(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The key that a call signs or encrypts with, where it stands there itself; it has no name."""
    key = _key_of(node) if isinstance(node, ast.Call) else None
    if key is not None:
        yield "", key


def _key_of(node: ast.Call) -> ast.expr | None:
    """The argument that a call signs or encrypts with."""
    owner = name_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    at = _KEYED.get((owner, name_of(node.func)))
    return node.args[at] if at is not None and len(node.args) > at else None


def _constants_used_as_keys(tree: ast.Module) -> frozenset[str]:
    """The names that this file signs or encrypts with: what they are bound to is a secret, whatever it looks like."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            key = _key_of(node)
            if (
                isinstance(key, ast.Call)
                and name_of(key.func) == "encode"
                and isinstance(key.func, ast.Attribute)
            ):
                key = key.func.value
            if isinstance(key, ast.Name | ast.Attribute):
                found.add(name_of(key))
    return frozenset(found)


def _alternatives(value: ast.expr) -> Iterator[ast.expr]:
    """What a value may be in the end: both sides of `or` and `if`, and what is only wrapped."""
    match value:
        case ast.BoolOp(values=values):
            yield from values
        case ast.IfExp(body=body, orelse=other):
            yield body
            yield other
        case ast.Call(func=ast.Attribute(value=inner, attr="encode")):
            yield inner
        case (
            ast.Call(func=ast.Attribute(attr="get"), args=[_, inner])
            | ast.Call(func=ast.Name(id="getenv"), args=[_, inner])
        ):
            yield inner
        case _:
            yield value
