"""What `@route` says of a method and its overrides, merged as Odoo does (`odoo/http.py › _generate_routing_rules`).

Ancestors come first and each override adds what it names; the type is the first one's, a definition without
`@route` counts as one without arguments, and a method that ends without a path is not served. One whose first
definition was not read says what is known of that (`known_routes`); else its paths and its `auth` are not known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from ostiary.code.program.constants import dotted, unknown
from ostiary.code.program.controllers import Controller, Controllers
from ostiary.code.program.declared import DeclaredRoute
from ostiary.code.program.index import CODE
from ostiary.code.program.known_routes import INHERITED, known_routing
from ostiary.code.program.names import Constant, Names
from ostiary.code.program.scan import routing
from ostiary.code.program.things import File, Function, PyClass
from ostiary.policy.code import Route

# `<model("res.partner"):partner>`, `<model('res.partner', "[('a', '=', 1)]"):partner>`
_CONVERTER = re.compile(r"<\s*models?\s*\(\s*['\"]([\w.]{1,100})['\"][^<]{0,400}?\)\s*:\s*(\w{1,100})\s*>")
_JSON = frozenset({"json", "jsonrpc", "json2"})
_MAX_PATHS = 200
# Stands for the paths that a definition says which was not read.
_UNREAD = "<unread>"


def routes(controllers: Controllers, names: Names) -> Iterator[DeclaredRoute]:
    """Every method that is served, once for each object that serves it under a path of its own."""
    served: dict[Function, set[str]] = {}
    for controller in controllers.all:
        for name in _methods(controller):
            chain = controller.chain(name)
            below = _below(controller, name, chain)
            merged = _merged(chain, names, below)
            paths = [path for path in merged.get("routes") or [] if isinstance(path, str)][:_MAX_PATHS]
            if not paths and below:
                paths = [_UNREAD]
            # Odoo takes the rule that was added first where two have one path: what leaves of two controllers
            # serve is served once.
            bottom = chain[-1]
            free = tuple(dict.fromkeys(path for path in paths if path not in served.get(bottom, ())))
            if not free:
                continue
            served.setdefault(bottom, set()).update(free)
            free = tuple(path for path in free if path != _UNREAD)
            cls = chain[0].cls
            if cls is not None:
                yield DeclaredRoute(chain, _route(free, merged), cls, controller, controller.unread)


def _methods(controller: Controller) -> list[str]:
    """The methods that have a `@route` anywhere among the classes, sorted, as Odoo finds them."""
    return sorted(
        {
            method.name
            for cls in controller.order
            for method in cls.index.methods
            if "route" in method.decorators
        }
    )


def _below(controller: Controller, method: str, chain: tuple[Function, ...]) -> dict[str, Any]:
    """What the definitions say that were not read: those that the first one which was read overrides."""
    said = chain[-1].index.routing
    if not controller.unread or (said is not None and "routes" in said):
        return {}
    return known_routing(method, controller.unread) or {"auth": INHERITED}


def _merged(chain: tuple[Function, ...], names: Names, below: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = dict(below)
    for function in reversed(chain):
        said = said_of(function, names)
        kind = merged.get("type", said.get("type", "http"))
        merged |= said
        merged["type"] = kind
    return merged


def said_of(function: Function, names: Names) -> dict[str, Any]:
    """What a definition's own `@route` says, with constants of other classes and files looked up."""
    said = function.index.routing or {}
    if not unknown(said):
        return said
    node = function.node
    for decorator in node.decorator_list if node else ():
        if isinstance(decorator, ast.Call) and dotted(decorator.func).rpartition(".")[2] == "route":
            return routing(decorator, lambda name: _constant(function.file, function.cls, name, names))
    return said


def _constant(file: File, cls: PyClass | None, name: str, names: Names) -> Any:
    if cls is not None and not unknown(cls.constants.get(name, CODE)):
        return cls.constants[name]
    found = names.resolve(file, name)
    return found.value if isinstance(found, Constant) else CODE


def _route(paths: tuple[str, ...], merged: dict[str, Any]) -> Route:
    kind = merged.get("type")
    kind = kind if isinstance(kind, str) and kind != CODE else "http"
    auth = merged.get("auth", "user")
    methods = merged.get("methods")
    methods = [methods] if isinstance(methods, str) else methods
    return Route(
        paths=paths,
        auth=auth if isinstance(auth, str) else CODE,
        type=kind,
        methods=tuple(sorted({one.upper() for one in methods if isinstance(one, str)}))
        if isinstance(methods, list)
        else (),
        csrf=kind not in _JSON and bool(merged.get("csrf", True)),
        website=merged.get("website", False) is True,
        converters=converters(paths),
    )


def converters(paths: tuple[str, ...]) -> dict[str, str]:
    """The models of `<model("..."):name>` by the parameter's name."""
    return {name: model for path in paths for model, name in _CONVERTER.findall(path[:4_000])}
