"""What decorators of the author's own ask before they call the method: an API key, a token, a group."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ostiary.code.flow.run import Ends, Frame, Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import REQUEST, Dict, Facts, Hook, Lambda, Seq, Value, passes
from ostiary.code.flow.words import AUTHENTICATES, CHECKS
from ostiary.code.program import Function
from ostiary.policy.code import GuardKind

if TYPE_CHECKING:
    from ostiary.code.flow.functions import Tree

_HARMLESS = frozenset({
    "route", "model", "model_create_multi", "depends", "constrains", "onchange", "returns", "private", "readonly",
    "staticmethod", "classmethod", "property", "autovacuum", "ormcache", "ondelete", "depends_context", "wraps",
    "add_guest_to_context", "savepoint",
})  # fmt: skip


def decorated(run: Run, state: State, function: Function, tree: Tree) -> None:
    """Learn what an entry's decorators ask before they call it; one that was not read may ask what its name says."""
    for one in reversed(tree.decorator_list):
        inner = one.func if isinstance(one, ast.Call) else one
        name = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        if name in _HARMLESS or not name:
            continue
        found = run.program.resolve(function.file, ast.unparse(inner))
        facts = (
            _asked(run, state, found, called=isinstance(one, ast.Call))
            if isinstance(found, Function)
            else None
        )
        if facts is not None:
            run.learn(state, facts)
        elif CHECKS.search(name) or AUTHENTICATES.search(name):
            run.learn(state, ((REQUEST, run.guard(GuardKind.HELPER, one)),))


def _asked(run: Run, state: State, decorator: Function, *, called: bool) -> Facts | None:
    """What holds wherever the decorator's wrapper calls the method; None where it was not seen to."""
    tree = decorator.node
    if tree is None or not tree.args.args:
        return None
    hook = Hook()
    run.hooked = []
    run.frames.append(Frame(decorator, (decorator,), run.frame.steps))
    try:
        made = _returned(run, tree, [] if called else [hook])
        if called and isinstance(made, Lambda):
            made = _applied(run, state, made, [hook])
        if isinstance(made, Lambda):
            _applied(run, state, made, list(state.variables.values())[:1])
    except Ends:
        pass
    finally:
        run.frames.pop()
    ends, run.hooked = run.hooked, []
    if not ends:
        return None
    found = ends[0]
    for one in ends[1:]:
        found = tuple(fact for fact in found if fact in one)
    return found


def _returned(run: Run, tree: Tree, values: list[Value]) -> Value:
    """What a decorator gives back: the wrapper that is defined in it."""
    names = [one.arg for one in tree.args.args]
    variables: dict[str, Value] = dict(zip(names, values, strict=False))
    inner = State(variables, {}, {})
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            variables[node.name] = Lambda(node=node, around=dict(variables))
        elif isinstance(node, ast.Return) and node.value is not None:
            return run.evaluate(inner, node.value)
    return Seq()


def _applied(run: Run, state: State, function: Lambda, values: list[Value]) -> Value:
    from ostiary.code.flow.functions import applied

    return applied(run, State({}, dict(state.asked), dict(state.seen)), function, values)


def hooked(run: Run, state: State) -> Value:
    """The method is called: what was asked so far is what the decorator asks."""
    facts = tuple(
        (ident, guard) for ident, guards in state.asked.items() for guard in guards if passes((guard,))
    )
    run.hooked.append(facts)
    return Dict()
