"""What an expression of a page may give: parsed, followed through fields and methods of records, never run."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable
from functools import lru_cache

from ostiary.code.pages import methods, who
from ostiary.code.pages.called import World
from ostiary.code.pages.names import names_of
from ostiary.code.pages.values import (
    ANY,
    HTML,
    PLAIN,
    Scope,
    Sort,
    Value,
    Values,
    constant,
    escaped,
    few,
    made,
    marked,
    other,
    read,
    records,
)
from ostiary.code.syntax import parse_expression
from ostiary.policy.code import Given

MAX_TEXT = 6_000
_MAX_DEPTH = 40
# Names that are no words of Python.
_PATH = re.compile(
    rf"(?!(?:.*\.)?(?:{'|'.join(keyword.kwlist)})(?:\.|$))[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){{0,20}}", re.ASCII
)
_MAX_PARTS = 100
_CONSTANTS = {"True", "False", "None", "true", "false"}
# Of what these give, only the value counts that goes in.
_SAME = frozenset(
    {"list", "tuple", "set", "sorted", "reversed", "enumerate", "filter", "zip", "next", "iter", "dict"}
)
_MADE = frozenset(
    {"str", "min", "max", "sum", "round", "abs", "int", "float", "map", "format", "repr", "getattr"}
)
_ASKED = frozenset({"len", "bool", "any", "all", "isinstance", "hasattr", "range", "callable"})
_ESCAPING = frozenset(
    {
        "escape",
        "html_escape",
        "nl2br",
        "plaintext2html",
        "html_sanitize",
        "keep_query",
        "quote_plus",
        "slug",
        "url_for",
    }
)
_CONVERTERS = "ir.qweb.field."
_CONVERTING = frozenset({"value_to_html", "record_to_html"})
_PARTS = {
    "params": "parameter",
    "args": "parameter",
    "form": "body",
    "values": "parameter",
    "data": "body",
    "json": "body",
    "jsonrequest": "body",
    "headers": "header",
    "cookies": "cookie",
    "files": "file",
    "path": "url",
    "full_path": "url",
    "url": "url",
    "query_string": "url",
    "referrer": "header",
    "user_agent": "header",
}


@lru_cache(maxsize=20_000)
def parsed(text: str) -> ast.expr | None:
    """The tree of an expression; None where it can't be read. QWeb puts it into brackets, so that it may have lines."""
    if len(text) > MAX_TEXT:
        return None
    if _PATH.fullmatch(text):
        return _of_path(text)
    try:
        return parse_expression(f"({text.strip()}\n)")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_path(text: str) -> ast.expr:
    """The tree of `a.b.c`, which most expressions are, made faster than by the parser."""
    first, *rest = text.split(".")
    tree: ast.expr = ast.Name(first, ast.Load())
    for name in rest:
        tree = ast.Attribute(tree, name, ast.Load())
    return tree


@lru_cache(maxsize=20_000)
def names_in(text: str) -> frozenset[str]:
    """The names that an expression uses."""
    tree = parsed(text)
    return frozenset(names_of(tree)) if tree else frozenset()


class Evaluator:
    """Follows expressions in a scope. `reads` are the fields that were looked at without being the result. `cut` says
    that one of them can't be read, or is too long to follow."""

    def __init__(self, world: World, scope: Scope) -> None:
        self.world = world
        self.policy = world.policy
        self.scope = scope
        self.reads: list[Value] = []
        self.depth = 0
        self.calls = 0
        self.cut = False

    def text(self, text: str) -> Values:
        """The values of an expression; something unknown where it can't be read."""
        tree = parsed(text)
        if tree is None:
            self.cut = True
            return (other("", text[:80]),)
        return self.of(tree)

    def of(self, node: ast.expr) -> Values:
        """The values of a part of an expression."""
        if self.depth > _MAX_DEPTH:
            self.cut = True
            return (other(""),)
        self.depth += 1
        try:
            return few(self._of(node))
        finally:
            self.depth -= 1

    def _of(self, node: ast.expr) -> Iterable[Value]:
        match node:
            case ast.Constant(value=value):
                return (constant(value),)
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=inner, attr=name):
                return (one for value in self.of(inner) for one in self.attribute(value, name))
            case ast.Subscript(value=inner, slice=key):
                return self.subscript(inner, key)
            case ast.Call():
                return self.call(node)
            case ast.FormattedValue(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.of(inner)
            case ast.JoinedStr(values=parts):
                return made(one for part in parts[:_MAX_PARTS] for one in self.of(part))
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
                return (one for part in parts[:_MAX_PARTS] for one in self.of(part))
        return self._operation(node)

    def _operation(self, node: ast.expr) -> Iterable[Value]:
        match node:
            case ast.BoolOp(op=op, values=parts):
                return self.either(isinstance(op, ast.Or), [self.of(part) for part in parts])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.look(self.of(test))
                return (*self.of(body), *self.of(orelse))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                found = self.of(inner)
                self.look(found)
                return who.denied(tuple(one for one in found if one.sort is Sort.TEST)) or (PLAIN,)
            case ast.UnaryOp(operand=inner):
                return made(self.of(inner))
            case ast.Compare(left=left, comparators=others):
                for part in (left, *others):
                    self.look(self.of(part))
                return (PLAIN,)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(self.of(left), op, self.of(right))
            case ast.ListComp(elt=inner) | ast.SetComp(elt=inner) | ast.GeneratorExp(elt=inner):
                return self.comprehension(node.generators, inner)
            case ast.DictComp(value=inner):
                return self.comprehension(node.generators, inner)
        return (other(""),)

    def look(self, values: Iterable[Value]) -> None:
        """Note what was only looked at."""
        self.reads += [value for value in values if value.field]

    def name(self, name: str) -> Values:
        if name in self.scope:
            return self.scope[name]
        if name in _CONSTANTS:
            return (PLAIN,)
        if sent := self.scope.get(ANY):
            return few(methods.part_of(one, name) if one.sort is Sort.GIVEN else other(name) for one in sent)
        return (other(name),)

    def either(self, alternative: bool, parts: list[Values]) -> Values:
        """`a or b` is one of them; `a and b` is `b` where it says anything."""
        if not alternative:
            for part in parts[:-1]:
                self.look(part)
        tests = [one for part in parts for one in (self._test(part),) if one is not None]
        found = few(one for part in parts for one in part) if alternative else parts[-1]
        if not tests:
            return found
        whole = [self._test(part) or Value(Sort.TEST) for part in parts]
        test = who.either(tuple(whole)) if alternative else who.both(tuple(whole))
        return few((test, *(one for one in found if one.field)))

    @staticmethod
    def _test(values: Values) -> Value | None:
        return next((one for one in values if one.sort is Sort.TEST), None)

    def attribute(self, value: Value, name: str) -> Iterable[Value]:
        match value.sort:
            case Sort.RECORDS:
                return self.field(value, name)
            case Sort.REQUEST:
                return (self.part(value, name),)
            case Sort.ENV:
                return self.of_env(value, name)
            case Sort.GIVEN | Sort.FIELD:
                return (value,)
            case Sort.OTHER:
                return dict(value.items).get(name) or (other(value.root, f"{value.path}.{name}"),)
        return (PLAIN,)

    def field(self, value: Value, name: str) -> Iterable[Value]:
        if name in ("_origin", "self"):
            return (value,)
        if name == "env":
            return (Value(Sort.ENV, root=value.root, path=f"{value.path}.env"),)
        if name in ("id", "ids") or (name.startswith("_") and name not in self._fields(value)):
            return (PLAIN,)
        found = read(self.policy, value, name)
        self.cut = self.cut or found.path == value.path
        if value.model == "res.users" and value.root == "user_id" and name == "share":
            return (who.shared(),)
        return (found,)

    def _fields(self, value: Value) -> Iterable[str]:
        known = self.policy.models.get(value.model)
        return known.fields if known else ()

    def part(self, value: Value, name: str) -> Value:
        """A part of the request; what the server keeps, or says of itself, is not given by who asks."""
        if name == "env":
            return self.scope.get("env", (Value(Sort.ENV, root="env", path="env"),))[0]
        if name == "website" and "website" in self.policy.models:
            return records("website", "website")
        if name == "httprequest":
            return Value(Sort.REQUEST, root="request", path=f"{value.path}.{name}")
        if name in _PARTS:
            path = f"{value.path}.{name}"
            return Value(Sort.GIVEN, root="request", path=path, given=(Given(_PARTS[name]),))
        return other("request", f"{value.path}.{name}")

    def of_env(self, value: Value, name: str) -> Iterable[Value]:
        if name == "user":
            return (records("res.users", "user_id"),)
        if name in ("company", "companies"):
            return (records("res.company", "res_company"),)
        return (other(value.root, f"{value.path}.{name}"),)

    def subscript(self, inner: ast.expr, key: ast.expr) -> Iterable[Value]:
        name = key.value if isinstance(key, ast.Constant) else None
        for value in self.of(inner):
            if value.sort is Sort.ENV and isinstance(name, str):
                yield records(name, value.root, f"{value.path}['{name}']")
            elif value.sort is Sort.RECORDS and isinstance(name, str):
                yield read(self.policy, value, name)
            elif value.sort is Sort.GIVEN:
                yield methods.part_of(value, name if isinstance(name, str) else "")
            elif value.sort is Sort.OTHER and isinstance(name, str):
                yield from dict(value.items).get(name) or (other(value.root, f"{value.path}['{name}']"),)
            else:
                yield value
        if name is None and not isinstance(key, ast.Slice):
            self.look(self.of(key))

    def binary(self, left: Values, op: ast.operator, right: Values) -> Values:
        if any(one.sort is Sort.RECORDS for one in left) and any(one.sort is Sort.RECORDS for one in right):
            return few((*left, *right))
        html = any(one.raw for one in (*left, *right))
        if not html:
            return made((*left, *right))
        # Whatever is added to what passes for HTML, or put into it by `%`, is escaped first.
        return few(
            (
                *(
                    one if one.raw else one_escaped
                    for one in (*left, *right)
                    for one_escaped in escaped((one,))
                ),
                HTML,
            )
        )

    def comprehension(self, generators: list[ast.comprehension], inner: ast.expr) -> Values:
        bound: Scope = {}
        for one in generators[:5]:
            values = self.of(one.iter)
            for target in ast.walk(one.target):
                if isinstance(target, ast.Name):
                    bound[target.id] = values
            with_bound = self.inside(bound)
            for condition in one.ifs:
                self.look(with_bound.of(condition))
        found = self.inside(bound)
        result = found.of(inner)
        self.took(found)
        return result

    def took(self, inner: Evaluator) -> None:
        """Take over what was noted inside."""
        self.reads += inner.reads
        self.cut = self.cut or inner.cut

    def inside(self, bound: Scope) -> Evaluator:
        """An evaluator for a part that has more names."""
        found = Evaluator(self.world, {**self.scope, **bound})
        found.depth, found.calls = self.depth + 1, self.calls
        return found

    def within(self, scope: Scope) -> Evaluator:
        """An evaluator for the body of a method that is called."""
        found = Evaluator(self.world, scope)
        found.depth, found.calls = self.depth + 1, self.calls + 1
        return found

    def call(self, node: ast.Call) -> Values:
        match node.func:
            case ast.Attribute(value=inner, attr=name):
                found = self.of(inner)
                return few(one for value in found for one in self.method(value, name, node))
            case ast.Name(id=name):
                return self.function(name, node)
        return made(self.arguments(node), "a function")

    def arguments(self, node: ast.Call) -> Values:
        """What goes into a call; lambdas are left out."""
        parts = [*node.args, *(one.value for one in node.keywords)]
        return few(one for part in parts[:40] if not isinstance(part, ast.Lambda) for one in self.of(part))

    def method(self, value: Value, name: str, node: ast.Call) -> Iterable[Value]:
        first = node.args[0] if node.args else None
        text = first.value if isinstance(first, ast.Constant) else None
        if name in _ESCAPING or (value.path == "json" and name == "dumps"):
            return escaped(self.arguments(node))
        if name == "Markup":
            return marked(self.arguments(node), "Markup")
        if value.model.startswith(_CONVERTERS) and name in _CONVERTING:
            # The converters of fields escape, that of HTML fields apart.
            found = self.arguments(node)
            return marked(found, "widget html") if value.model == f"{_CONVERTERS}html" else escaped(found)
        if value.sort in (Sort.RECORDS, Sort.ENV, Sort.REQUEST):
            test = who.by_method(name, text if isinstance(text, str) else "")
            if test is not None and (value.sort is not Sort.RECORDS or value.model == "res.users"):
                return (test,)
        match value.sort:
            case Sort.RECORDS:
                return methods.of_records(self, value, name, node)
            case Sort.GIVEN if name in ("get", "getlist", "pop") and isinstance(text, str):
                return (methods.part_of(value, text),)
            case Sort.OTHER if name == "get" and isinstance(text, str) and text in dict(value.items):
                return dict(value.items)[text]
            case Sort.FIELD | Sort.GIVEN:
                return methods.of_text(value, name, self.arguments(node))
            case Sort.PLAIN:
                inner = self.arguments(node)
                return few((*escaped(inner), HTML)) if value.raw else made(inner)
        return (other(value.root, f"{value.path}.{name}()"), *made(self.arguments(node), name))

    def function(self, name: str, node: ast.Call) -> Values:
        if name == "Markup":
            return marked(self.arguments(node), "Markup")
        if name in self.scope:
            return made(self.arguments(node), name)
        if name in _ESCAPING:
            return escaped(self.arguments(node))
        if name in _ASKED:
            self.look(self.arguments(node))
            return (PLAIN,)
        if name == "user_has_groups" and node.args and isinstance(node.args[0], ast.Constant):
            return (who.of_groups(str(node.args[0].value)),)
        if name == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            key = str(node.args[1].value)
            return few(one for value in self.of(node.args[0]) for one in self.attribute(value, key))
        if name in _SAME or name in _MADE:
            found = self.arguments(node)
            return found if name in _SAME else made(found)
        return made(self.arguments(node), name) if node.args or node.keywords else (other("", f"{name}()"),)
