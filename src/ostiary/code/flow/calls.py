"""Calls: who is called, with what."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow import (
    containers,
    controllers,
    decorators,
    environments,
    externals,
    functions,
    recordsets,
)
from ostiary.code.flow.args import Args
from ostiary.code.flow.fields import attribute
from ostiary.code.flow.joins import either
from ostiary.code.flow.requests import website
from ostiary.code.flow.run import Run, unknown
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    UNKNOWN,
    Bound,
    Class,
    Controller,
    Dict,
    Either,
    Env,
    External,
    Hook,
    Lambda,
    Method,
    Plain,
    Records,
    Request,
    Seq,
    Super,
    Value,
    inner_given,
    mixed,
    options,
)

_MOST = 40
_NO_NAMES = Dict()


def call(run: Run, state: State, node: ast.Call) -> Value:
    """What a call gives; what it does is noted on the way."""
    run.spend(2)
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        frame = run.frame
        return Super(chain=frame.chain, target=frame.self_value)
    callee = _callee(run, state, node.func)
    args = arguments(run, state, node)
    return called(run, state, node, callee, args)


def _callee(run: Run, state: State, node: ast.expr) -> Value:
    """What is called: of records, always a method, never a field."""
    if not isinstance(node, ast.Attribute):
        return run.evaluate(state, node)
    holder = run.evaluate(state, node.value)
    if isinstance(holder, Request) and holder.part == "website":
        holder = website(run, node)
    some = options(holder)
    if all(isinstance(one, Records) for one in some) and node.attr != "env":
        return Method(target=holder, name=node.attr)
    return attribute(run, state, node, holder)


def arguments(run: Run, state: State, node: ast.Call) -> Args:
    """The arguments, evaluated in order."""
    placed: list[Value] = []
    more: Value | None = None
    for part in node.args[:_MOST]:
        if isinstance(part, ast.Starred):
            inner = run.evaluate(state, part.value)
            if isinstance(inner, Seq) and inner.rest is None:
                placed += [one.value for one in inner.items]
            else:
                more = mixed(inner)
        else:
            placed.append(run.evaluate(state, part))
    if not node.keywords:
        return Args(placed, _NO_NAMES, more)
    named = _NO_NAMES
    items: dict[str, Value] = {}
    for keyword in node.keywords[:_MOST]:
        value = run.evaluate(state, keyword.value)
        if keyword.arg is None:
            named, items = containers.updated(replace(named, items=items), value), {}
            items.update(named.items)
        else:
            items[keyword.arg] = value
    return Args(placed, replace(named, items=items), more)


_OF_A_QUERY = frozenset({"get_sql", "select", "subselect"})


def called(run: Run, state: State, node: ast.Call, callee: Value, args: Args) -> Value:
    """What calling a value gives."""
    match callee:
        case Method(target=Records() | Plain() | Method(), name=name) if name in _OF_A_QUERY:
            return Plain(
                built="parameters"
            )  # a `Query` of Odoo: its text holds placeholders, the values go beside it
        case Method(name="validate_csrf"):
            return controllers.csrf_validated(run, node)
        case Method(target=target, name=name):
            match target:
                case Records():
                    return recordsets.method(run, state, node, target, name, args)
                case Env():
                    return environments.method(run, state, node, target, name, args)
                case Request():
                    return controllers.request_called(run, state, node, target, name, args)
                case Controller():
                    return controllers.helper(run, state, node, name, args)
                case Super():
                    return functions.above(run, state, node, target, name, args)
                case Dict():
                    return containers.of_dict(run, state, node, target, name, args.placed, args.named)
                case Seq():
                    return containers.of_list(run, state, node, target, name, args.placed)
                case External(name=outer):
                    return externals.call(run, state, node, f"{outer}.{name}", args)
                case Either(options=choices):
                    return _each(run, state, node, [replace(callee, target=one) for one in choices], args)
                case Plain():
                    return containers.of_text(run, node, target, name, args.placed, args.named)
                case Method():
                    # A method of something that was not told: `request.httprequest.headers.get(...)`.
                    base = mixed(target, key=target.key)
                    base = replace(base, secret=target.secret, authenticates=target.authenticates)
                    return containers.of_text(run, node, base, name, args.placed, args.named)
        case Env():
            return environments.rebuilt(run, callee, args)
        case Bound(chain=chain, bound=bound):
            known = (
                controllers.known_helper(run, state, node, chain[0].name, chain, args)
                if bound is not None
                else None
            )
            return known if known is not None else functions.inline(run, state, node, chain, bound, args)
        case External(name=name):
            return externals.call(run, state, node, name, args)
        case Class(cls=cls):
            return Controller(cls=cls) if not cls.model else UNKNOWN
        case Hook():
            return decorators.hooked(run, state)
        case Lambda():
            return functions.applied(run, state, callee, args.placed)
        case Either(options=choices):
            return _each(run, state, node, list(choices), args)
        case Request():
            return UNKNOWN
    return _untold(run, node, callee, args)


def _each(run: Run, state: State, node: ast.Call, callees: list[Value], args: Args) -> Value:
    found = [called(run, state, node, one, args) for one in callees]
    return either(found)


def _untold(run: Run, node: ast.Call, callee: Value, args: Args) -> Value:
    """Something that was not told is called: what it gives is made of what it was given."""
    values = [callee, *args.all()]
    if any(isinstance(one, Records) for one in args.all()):
        unknown(run, run.text(node.func))
    return mixed(*values) if any(inner_given(one) or one.sources or one.own for one in values) else UNKNOWN
