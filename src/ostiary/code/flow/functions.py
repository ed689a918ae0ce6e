"""Going into the functions that are called, within what the addons read hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ostiary.code.flow import controllers, recordsets
from ostiary.code.flow.args import Args
from ostiary.code.flow.joins import either
from ostiary.code.flow.returning import result_of
from ostiary.code.flow.run import MAX_DEPTH, Ends, Frame, Run, unknown
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    ENTERED,
    MAX_SOURCES,
    REQUEST,
    UNKNOWN,
    Controller,
    Dict,
    Either,
    Facts,
    Ident,
    Item,
    Lambda,
    Plain,
    Records,
    Seq,
    Super,
    Value,
    constant,
    inner_given,
    mixed,
    options,
)
from ostiary.code.flow.words import AUTHENTICATES, CHECKS, DOES
from ostiary.code.flow.worth import worth_following
from ostiary.policy.code import Actor, Given, Guard, GuardKind, Step, UseKind

if TYPE_CHECKING:
    from ostiary.code.program import Function


Tree = ast.FunctionDef | ast.AsyncFunctionDef


def inline(
    run: Run, state: State, node: ast.Call, chain: tuple[Function, ...], bound: Value | None, args: Args
) -> Value:
    """Go through the nearest of these definitions with these arguments; the state learns what it asked."""
    function = chain[0]
    tree = function.node
    if tree is None:
        return untold_helper(run, state, node, function.name, [*([bound] if bound else []), *args.all()])
    running = sum(frame.function is function for frame in run.frames)
    if running:
        return mixed(*([bound] if bound else []), *args.all())
    if len(run.frames) >= MAX_DEPTH or not worth_following(run, state, function, bound, args.all()):
        return _not_followed(run, state, node, function, [*([bound] if bound else []), *args.all()])
    run.spend(5)
    variables = parameters(run, tree, bound, args)
    key = (id(function), _signature(variables), _asked(state, variables))
    known = run.known_calls.get(key)
    if known is not None:
        run.learn(state, known[1])
        return known[0]
    step = Step(run.text(node), run.origin(node))
    frame = Frame(function, chain, (*run.frame.steps, step), self_value=bound)
    inner = State(variables, dict(state.asked), dict(state.seen))
    value, after = _gone_through(run, frame, inner, tree.body)
    if after is None:
        # It never comes back: it raises.
        raise Ends
    if frame.yielded:
        handed = either(frame.yielded)
        value = handed if "contextmanager" in function.decorators else Seq(rest=handed)
    facts = tuple(
        (ident, guard)
        for ident, guards in after.asked.items()
        for guard in guards
        if guard not in state.asked.get(ident, ())
    )
    for ident, guards in after.seen.items():
        if ident not in state.seen:
            state.seen[ident] = guards
    run.learn(state, facts)
    if (
        _ANSWERS.search(function.name)
        and not facts
        and not value.yes
        and not value.no
        and isinstance(value, Plain)
    ):
        # It answers whether something may be done, in a way that was not understood.
        value = replace(value, yes=_helped(run, node, [*([bound] if bound else []), *args.all()]))
    if len(run.known_calls) < 2_000:
        run.known_calls[key] = (value, facts)
    return value


def _gone_through(run: Run, frame: Frame, inner: State, body: list[ast.stmt]) -> tuple[Value, State | None]:
    run.frames.append(frame)
    depth, run.depth = run.depth, 0
    try:
        fallen = run.go_through(inner, body)
        return result_of(frame.returned, fallen)
    finally:
        run.frames.pop()
        run.depth = depth


def parameters(run: Run, tree: Tree, bound: Value | None, args: Args) -> dict[str, Value]:
    """The variables a function starts with."""
    spec = tree.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    placed = list(args.placed)
    found: dict[str, Value] = {}
    if bound is not None and names and not _is_static(tree):
        found[names[0]] = bound
        names = names[1:]
    defaults = dict(
        zip(
            reversed([one.arg for one in (*spec.posonlyargs, *spec.args)]),
            reversed(spec.defaults),
            strict=False,
        )
    )
    defaults |= {
        one.arg: value
        for one, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=False)
        if value is not None
    }
    named = dict(args.named.items)
    for at, name in enumerate(names):
        if at < len(placed):
            found[name] = placed[at]
        elif name in named:
            found[name] = named.pop(name)
        else:
            found[name] = _missing(run, args, defaults.get(name), name)
    for one in spec.kwonlyargs:
        found[one.arg] = (
            named.pop(one.arg) if one.arg in named else _missing(run, args, defaults.get(one.arg), one.arg)
        )
    if spec.vararg is not None:
        rest = placed[len(names) :]
        found[spec.vararg.arg] = Seq(items=tuple(Item(value=value) for value in rest), rest=args.more)
    if spec.kwarg is not None:
        found[spec.kwarg.arg] = replace(args.named, items=named)
    return found


def _is_static(tree: Tree) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in tree.decorator_list)


def _missing(run: Run, args: Args, default: ast.expr | None, name: str) -> Value:
    """A parameter that no argument was seen for: what `*` or `**` may hold, else its default."""
    sent = args.at(10_000, name) if args.named.star is not None or args.more is not None else None
    if sent is not None:
        return sent
    if isinstance(default, ast.Constant):
        return constant(default.value)
    return UNKNOWN


_SIGNED = frozenset({str, int, bool})


def _signature(variables: dict[str, Value]) -> tuple[object, ...]:
    return tuple((name, _sign(value)) for name, value in variables.items())


def _sign(value: Value, depth: int = 0) -> object:
    """What two values share that a function treats alike."""
    if depth > 3:
        return type(value).__name__
    match value:
        case Records():
            return (
                "r",
                value.model,
                value.actor,
                value.choice,
                value.ident,
                value.given,
                value.own,
                value.empty,
            )
        case Plain():
            const = value.const if type(value.const) in _SIGNED else None
            return ("p", value.given, value.own, const, value.key, value.secret, value.built)
        case Seq():
            return (
                "s",
                tuple(_sign(one.value, depth + 1) for one in value.items[:20]),
                value.rest is not None,
                value.given,
            )
        case Dict():
            inner = tuple((name, _sign(one, depth + 1)) for name, one in list(value.items.items())[:20])
            return ("d", inner, value.star is not None, inner_given(value))
        case Either():
            return ("e", tuple(_sign(one, depth + 1) for one in value.options))
        case Lambda():
            return ("l", id(value.node))
    return (type(value).__name__, value.given, value.own)


def _asked(state: State, variables: dict[str, Value]) -> frozenset[object]:
    """Which of the records given to a function have passed, and which models were entered."""
    found: set[object] = {ident for ident in state.asked if ident[0] == ENTERED}
    for value in variables.values():
        for one in options(value):
            if isinstance(one, Records):
                found.update((one.ident, guard.kind) for guard in state.guards(one))
    return frozenset(found)


def above(run: Run, state: State, node: ast.Call, target: Super, name: str, args: Args) -> Value:
    """`super().name(...)`."""
    frame = run.frame
    chain: tuple[Function, ...] = ()
    if frame.function.name == name and frame.chain:
        chain = frame.chain[1:]
    elif isinstance(target.target, Records):
        chain = run.program.model_method(target.target.model, name)
    elif isinstance(target.target, Controller):
        chain = run.program.controller_method(target.target.cls, name)
    if chain:
        known = controllers.known_helper(run, state, node, name, chain, args)
        if known is not None:
            return known
        # What the overridden method does is its own module's doing, and told of that; what it asks counts here too.
        foreign = chain[0].module in run.program.context_modules and not run.muted
        run.muted += foreign
        try:
            return inline(run, state, node, chain, target.target, args)
        finally:
            run.muted -= foreign
    if isinstance(target.target, Records):
        return recordsets.framework(run, state, node, target.target, name, args)
    if isinstance(target.target, Controller):
        return controllers.helper(run, state, node, name, args)
    return mixed(*args.all())


def applied(run: Run, state: State, function: Lambda, values: Sequence[Value]) -> Value:
    """A lambda, or a function within a function, with these arguments."""
    node = function.node
    if run.frame.lambdas > 3:
        return UNKNOWN
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    inner = state.copy()
    inner.variables = {**function.around, **dict(zip(names, values, strict=False))}
    for name in names[len(values) :]:
        inner.variables[name] = UNKNOWN
    run.frame.lambdas += 1
    try:
        if isinstance(node, ast.Lambda):
            return run.evaluate(inner, node.body)
        outer, run.frame.returned = run.frame.returned, []
        try:
            fallen = run.go_through(inner, node.body)
            value, after = result_of(run.frame.returned, fallen)
        finally:
            run.frame.returned = outer
        if after is not None:
            for ident, guards in after.asked.items():
                run.learn(state, ((ident, guard) for guard in guards))
        return value
    finally:
        run.frame.lambdas -= 1


def _not_followed(run: Run, state: State, node: ast.Call, function: Function, values: list[Value]) -> Value:
    """A function that was read and is not gone into; as superuser it may do whatever its name says."""
    bound = values[0] if values else None
    if isinstance(bound, Records) and DOES.search(function.name):
        sent = frozenset[Given]().union(*(inner_given(one) for one in values[1:]))
        run.use(state, UseKind.CALL, node, bound, method=function.name, written=sent)
    if CHECKS.search(function.name):
        return untold_helper(run, state, node, function.name, values)
    if len(run.frames) >= MAX_DEPTH or run.left < run.budget // 3 or _as_superuser(bound, values):
        unknown(run, function.name)
    return given_back(function.name, values)


def _as_superuser(bound: Value | None, values: list[Value]) -> bool:
    """Whether a method is called as superuser with something of the caller's: what it does is not known then."""
    if not isinstance(bound, Records) or bound.actor is not Actor.SUPERUSER:
        return False
    return any(inner_given(value) for value in values)


_ANSWERS = re.compile(r"(?:^|_)(?:can|may|is_allowed|has_access|allowed|authorized|permitted)(?:_|$)")


def _helped(run: Run, node: ast.Call, values: list[Value]) -> Facts:
    """The guards that a helper of such a name may be, if its answer is heeded."""
    facts: list[tuple[Ident, Guard]] = []
    for value in values:
        for one in options(value):
            if isinstance(one, Records):
                ident = REQUEST if one.empty else one.ident
                facts.append((ident, run.guard(GuardKind.HELPER, node, one.model)))
            elif one.key is not None and inner_given(one):
                facts.append((one.key, run.guard(GuardKind.HELPER, node)))
    return tuple(facts)


def given_back(name: str, values: list[Value]) -> Plain:
    """What comes back of a function that was not gone into: what was sent, where its name says that it is made of it.

    Anything else may come back as well: what another server answers, or what was looked up. Something of the records
    that it is given is likely to.
    """
    if values and _MAKES.search(name):
        return mixed(*values)
    records = tuple((one, "") for value in values for one in options(value) if isinstance(one, Records))
    return Plain(sources=records[:MAX_SOURCES]) if records else UNKNOWN


_MAKES = re.compile(
    r"slug|clean|strip|normali[sz]e|parse|convert|cast|to_int|_int\b|decode|format|lower|upper|escape|sanitize|build|compose"
    r"|prepare|make|get_domain|_domain\b|values|vals|params|query|extract|filter"
)


def untold_helper(run: Run, state: State, node: ast.Call, name: str, values: list[Value]) -> Value:
    """A helper that was not read: where its name says that it checks, it may have."""
    found = given_back(name, values)
    if not CHECKS.search(name):
        unknown(run, name)
        return found
    facts = list(_helped(run, node, values))
    if AUTHENTICATES.search(name) or not facts:
        facts.append((REQUEST, run.guard(GuardKind.HELPER, node)))
    run.learn(state, facts)
    return replace(found, yes=(*found.yes, *facts))
