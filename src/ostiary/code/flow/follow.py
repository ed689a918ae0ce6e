"""Following one entry: what is known at its first line, and what it gives back."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from ostiary.code.flow.decorators import decorated
from ostiary.code.flow.expressions import evaluate
from ostiary.code.flow.requests import sent
from ostiary.code.flow.run import MAX_METHOD, MAX_ROUTE, Ends, Frame, Known, OutOfBudget, Run
from ostiary.code.flow.state import State
from ostiary.code.flow.statements import run_block
from ostiary.code.flow.values import Controller, Dict, Plain, Records, Seq, Value
from ostiary.code.program import Declared, DeclaredMethod, DeclaredRoute, Program
from ostiary.policy.code import Actor, Choice, Given, GuardKind, Use

_known: WeakKeyDictionary[Program, Known] = WeakKeyDictionary()
_TOO_LARGE = "the rest of the code, which is too long to be followed"


@dataclass(frozen=True, slots=True)
class Followed:
    """What an entry does, in the order of its code, and what of it could not be followed."""

    uses: tuple[Use, ...]
    unread: tuple[str, ...]


def follow(program: Program, declared: Declared) -> Followed:
    """Follow a route, or a method that is called over RPC. Never raises on any code."""
    route = declared if isinstance(declared, DeclaredRoute) else None
    chain = declared.chain
    function = chain[0]
    node = function.node
    if node is None:
        return Followed((), (function.name,))
    budget = MAX_ROUTE if route is not None else MAX_METHOD
    run = Run(
        program=program,
        policy=program.policy,
        is_route=route is not None,
        expression=evaluate,
        block=run_block,
        budget=budget,
        left=budget,
        known=_known.setdefault(program, Known()),
    )
    frame = Frame(function, chain, ())
    run.frames.append(frame)
    try:
        state = _at_first(run, declared, node)
        frame.self_value = state.variables.get(node.args.args[0].arg) if node.args.args else None
        decorated(run, state, function, node)
        run_block(run, state, node.body)
    except OutOfBudget:
        run.unread.setdefault(_TOO_LARGE)
    except Ends:
        pass
    except RecursionError:
        run.unread.setdefault(_TOO_LARGE)
    return Followed(run.with_later(), tuple(run.unread))


def _at_first(run: Run, declared: Declared, node: ast.FunctionDef | ast.AsyncFunctionDef) -> State:
    """The variables at the first line, and what is known of the request."""
    if isinstance(declared, DeclaredMethod):
        return _of_method(declared, node)
    return _of_route(run, declared, node)


def _of_route(run: Run, declared: DeclaredRoute, node: ast.FunctionDef | ast.AsyncFunctionDef) -> State:
    route = declared.route
    arguments = [*node.args.posonlyargs, *node.args.args]
    names = [one.arg for one in arguments]
    in_path = {name for path in route.paths for name in _placeholders(path)}
    numbers = {name for path in route.paths for name, kind in _converters(path) if kind in ("int", "float")}
    variables: dict[str, Value] = {}
    state = State(variables, {}, {})
    if names:
        variables[names[0]] = Controller(cls=declared.cls)
    body = "body" if route.type != "http" else "parameter"
    for name in [*names[1:], *(one.arg for one in node.args.kwonlyargs)]:
        if name in route.converters:
            model = route.converters[name]
            given = frozenset({Given("path", name)})
            found = Records(
                model=model, actor=Actor.CALLER, choice=Choice.CONVERTER, ident=("browse", model, ("sent", name)),
                given=given, at=run.origin(node), text=f"<model({model!r}):{name}>",
            )  # fmt: skip
            variables[name] = found
            run.learn(
                state, ((found.ident, run.guard(GuardKind.ACCESS, node, model, "read", text=found.text)),)
            )
            continue
        value = sent("path" if name in in_path else body, name)
        if isinstance(value, Plain) and name in in_path:
            always = all(name in _placeholders(path) for path in route.paths)
            number = name in numbers
            value = replace(value, number=number, always=always, loose=frozenset() if number else value.loose)
        variables[name] = value
    if node.args.vararg is not None:
        variables[node.args.vararg.arg] = Seq()
    if node.args.kwarg is not None:
        given = frozenset({Given(body)})
        star = Plain(given=given, loose=given, key=("sent", body))
        variables[node.args.kwarg.arg] = Dict(star=star, given=given, key=("sent", body))
    return state


def _placeholders(path: str) -> list[str]:
    return [name for name, _ in _converters(path)]


def _converters(path: str) -> list[tuple[str, str]]:
    """The names in a route's path, with the sort of each: `<int:order_id>`."""
    found: list[tuple[str, str]] = []
    for part in path.split("<")[1:]:
        inner = part.partition(">")[0]
        sort, colon, name = inner.rpartition(":")
        found.append((name.strip(), sort.partition("(")[0].strip() if colon else "string"))
    return found


def _of_method(declared: DeclaredMethod, node: ast.FunctionDef | ast.AsyncFunctionDef) -> State:
    variables: dict[str, Value] = {}
    arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    caller = frozenset({Given("self")})
    if arguments:
        variables[arguments[0]] = Records(
            model=declared.model, actor=Actor.CALLER,
            choice=Choice.UNKNOWN if declared.static else Choice.SELF,
            ident=("model", declared.model) if declared.static else ("self",),
            given=frozenset() if declared.static else caller, empty=declared.static, text="self",
        )  # fmt: skip
    for name in [*arguments[1:], *(one.arg for one in node.args.kwonlyargs)]:
        given = frozenset({Given("argument", name)})
        variables[name] = Plain(given=given, loose=given, key=("sent", f"argument {name}"))
    if node.args.vararg is not None:
        given = frozenset({Given("argument", node.args.vararg.arg)})
        variables[node.args.vararg.arg] = Seq(rest=Plain(given=given, loose=given), given=given)
    if node.args.kwarg is not None:
        given = frozenset({Given("argument", node.args.kwarg.arg)})
        variables[node.args.kwarg.arg] = Dict(star=Plain(given=given, loose=given), given=given)
    return State(variables, {}, {})
