"""A file's tree to its `FileIndex`. The tree is the one that model classes are read from: each is parsed once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from ostiary.code.marks import marks
from ostiary.code.program.constants import Lookup, dotted, fold
from ostiary.code.program.index import CODE, ClassIndex, FileIndex, FunctionIndex
from ostiary.code.program.words import told
from ostiary.code.syntax import in_utf8, parse_module

MAX_NAMES = 5_000
_MAX_SEGMENT = 400_000
_KINDS = frozenset({"Model", "TransientModel", "AbstractModel", "BaseModel"})
_DECORATORS = frozenset({
    "route", "model", "model_create_multi", "private", "depends", "depends_context", "onchange", "constrains",
    "ondelete", "autovacuum", "returns", "readonly", "property", "staticmethod", "classmethod", "contextmanager",
    "ormcache", "lazy_property", "cached_property",
})  # fmt: skip
# `super().write(`, `super(Order, self).write(`
_HANDED_ON = re.compile(
    rb"\bsuper\((?:\s{0,20}[\w.]{1,100},\s{0,20}\w{1,40}\s{0,20})?\)\s{0,20}\.(\w{1,100})\("
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def scan(module: str, path: str, source: bytes, tree: ast.Module) -> FileIndex:
    """What a file of a module holds. Never raises on any tree."""
    found = FileIndex(path)
    lines = Lines(source)
    names: dict[str, Any] = found.constants
    stars: list[str] = []

    def lookup(name: str) -> Any:
        return names.get(name, CODE)

    for node in statements(tree.body):
        match node:
            case ast.Import() | ast.ImportFrom():
                for name, target in imported(module, path, node):
                    if name == "*":
                        stars.append(target)
                    elif len(found.imports) < MAX_NAMES:
                        found.imports[name] = target
            case ast.ClassDef():
                found.classes.append(_class(node, lines, names))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.functions.append(_function(node, lines, lookup))
            case _:
                _bind(node, names, lookup)
    found.stars = tuple(stars)
    found.marks = marks(tree, source)
    return found


def scan_source(module: str, path: str, source: bytes) -> FileIndex:
    """What a file of a module holds, from its bytes; `broken` where that is no Python. Never raises."""
    try:
        source = in_utf8(source)
        return scan(module, path, source, parse_module(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return FileIndex(path, broken=True)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that running a module or class body may come to, in order: those of all branches."""
    pending = list(reversed(body))
    while pending:
        node = pending.pop()
        match node:
            case ast.If(body=body, orelse=orelse):
                pending.extend(reversed(body + orelse))
            case (
                ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final)
                | ast.TryStar(body=body, handlers=handlers, orelse=orelse, finalbody=final)
            ):
                caught = [statement for handler in handlers for statement in handler.body]
                pending.extend(reversed(body + caught + orelse + final))
            case ast.With(body=body) | ast.For(body=body) | ast.While(body=body):
                pending.extend(reversed(body))
            case _:
                yield node


def imported(module: str, path: str, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with the absolute dotted name it stands for; `*` for all of a module's."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # `import a.b` binds `a`, and `import a.b as c` binds what `a.b` is.
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        return
    base = node.module or ""
    if node.level:
        package = ["odoo", "addons", module, *path.split("/")[:-1]]
        if node.level > len(package):
            return
        base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
    for alias in node.names:
        if alias.name == "*":
            yield "*", base
        else:
            yield alias.asname or alias.name, f"{base}.{alias.name}"


class Lines:
    """A file's source by the lines of its tree, which end where Python says: not at a form feed."""

    def __init__(self, source: bytes) -> None:
        self.lines = source.splitlines(keepends=True)

    def between(self, first: int, last: int) -> bytes:
        """Some lines, numbered from 1."""
        return b"".join(self.lines[max(first, 1) - 1 : last])


def _class(node: ast.ClassDef, lines: Lines, outer: dict[str, Any]) -> ClassIndex:
    names: dict[str, Any] = {}
    found = ClassIndex(node.name, node.lineno, node.end_lineno or node.lineno, constants=names)
    bases = [dotted(base) for base in node.bases[:200]]
    found.bases = tuple(base for base in bases if base)
    found.kind = next((last for base in bases if (last := base.rpartition(".")[2]) in _KINDS), "")

    def lookup(name: str) -> Any:
        return names.get(name, outer.get(name, CODE))

    for item in statements(node.body):
        match item:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if len(found.methods) < MAX_NAMES:
                    found.methods.append(_function(item, lines, lookup))
            case _:
                _bind(item, names, lookup)
    model, inherit = names.get("_name"), names.get("_inherit")
    found.model = model if isinstance(model, str) and model != CODE else ""
    found.text = isinstance(inherit, str)
    inherits = inherit if isinstance(inherit, list) else [inherit]
    found.inherit = tuple(item for item in inherits if isinstance(item, str) and item != CODE)
    return found


def _bind(node: ast.stmt, names: dict[str, Any], lookup: Lookup) -> None:
    """Note the constant that a statement binds to a name; `CODE` where it binds something else."""
    match node:
        case ast.Assign(targets=targets, value=value):
            bound = [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            bound = [name]
        case ast.AugAssign(target=ast.Name(id=name)):
            names[name] = CODE
            return
        case _:
            return
    if not bound or len(names) > MAX_NAMES or isinstance(value, ast.Call):
        return  # what is called makes a field, most of the time
    folded = fold(value, lookup)
    for name in bound:
        names[name] = folded


def _function(node: _Function, lines: Lines, lookup: Lookup) -> FunctionIndex:
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    end = node.end_lineno or node.lineno
    text = lines.between(first, end)[:_MAX_SEGMENT]
    words, calls = told(text)
    arguments = node.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found = FunctionIndex(
        node.name,
        node.lineno,
        first,
        end,
        tuple(one.arg for one in parameters[:100])
        + (("*" + arguments.vararg.arg,) if arguments.vararg else ())
        + (("**" + arguments.kwarg.arg,) if arguments.kwarg else ()),
        words=words,
        calls=calls,
        handed_on=b"super" in text and node.name.encode("utf-8", "replace") in _HANDED_ON.findall(text),
    )
    decorators = []
    for one in node.decorator_list[:50]:
        called = dotted(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2]
        if called in _DECORATORS:
            decorators.append(called)
        if called == "route" and isinstance(one, ast.Call):
            found.routing = routing(one, lookup)
    found.decorators = tuple(decorators)
    return found


def routing(call: ast.Call, lookup: Lookup) -> dict[str, Any]:
    """What `@route(...)` is given, as Odoo keeps it: `routes` a list, `method` taken for `methods` (17 to 19:
    `odoo/http.py › route`). Values that are no constants are `CODE`."""
    found: dict[str, Any] = {}
    for keyword in call.keywords[:50]:
        value = fold(keyword.value, lookup)
        if keyword.arg is not None:
            found[keyword.arg] = value
        elif isinstance(value, dict):
            found |= value
        else:
            found["**"] = CODE
    given = fold(call.args[0], lookup) if call.args else found.pop("route", None)
    if given:
        found["routes"] = given if isinstance(given, list) else [given]
    if (wrong := found.pop("method", None)) is not None:
        found["methods"] = wrong
    return found
