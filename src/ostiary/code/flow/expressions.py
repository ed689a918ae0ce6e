"""The value of an expression."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from ostiary.code.flow import guarding
from ostiary.code.flow.assigning import bind, keyed
from ostiary.code.flow.calls import call
from ostiary.code.flow.containers import updated
from ostiary.code.flow.fields import attribute
from ostiary.code.flow.formatted import added, formatted
from ostiary.code.flow.joins import both, either
from ostiary.code.flow.names_held import difference
from ostiary.code.flow.run import MAX_EXPRESSION, Ends, OutOfBudget, Run, unknown
from ostiary.code.flow.state import State
from ostiary.code.flow.subscripts import item
from ostiary.code.flow.values import (
    MAX_ITEMS,
    NONE,
    UNKNOWN,
    Bound,
    Class,
    Dict,
    Either,
    External,
    Facts,
    Item,
    Lambda,
    Plain,
    Records,
    Request,
    Seq,
    Value,
    constant,
    inner_given,
    known,
    mixed,
)
from ostiary.code.program import CODE, Constant, File, Function, PyClass
from ostiary.policy.code import GuardKind


def evaluate(run: Run, state: State, node: ast.expr) -> Value:
    """What is known of the value of an expression. Raises OutOfBudget."""
    run.left -= 1
    if run.left < 0:
        raise OutOfBudget
    kind = type(node)
    if kind is ast.Name:  # most are names
        value = state.variables.get(node.id)  # type: ignore[attr-defined]
        return value if value is not None else named(run, node.id)  # type: ignore[attr-defined]
    if kind is ast.Constant:
        return _literal(node.value)  # type: ignore[attr-defined]
    found = _KINDS.get(kind)
    if found is None:
        return UNKNOWN
    if run.depth > MAX_EXPRESSION:
        return unknown(run, "an expression that is too deep")
    run.depth += 1
    try:
        return found(run, state, node)
    finally:
        run.depth -= 1


# What is written in the code is written there many times.
_literal = lru_cache(4_096, typed=True)(constant)


def named(run: Run, name: str) -> Value:
    """What a name means in the file of the function that is gone through."""
    if name == "request":
        return Request()
    found = run.program.resolve(run.frame.function.file, name)
    return resolved(found, name)


def resolved(found: Any, name: str) -> Value:
    """What the program has for a name, as a value."""
    match found:
        case None:
            return External(name=name)
        case str():
            return (
                Request() if found in ("odoo.http.request", "openerp.http.request") else External(name=found)
            )
        case Function():
            return Bound(chain=(found,))
        case PyClass():
            return Class(cls=found)
        case Constant(value=value):
            return of_python(value)
        case File(module=module, path=path):
            inner = path.removesuffix(".py").removesuffix("__init__").strip("/")
            return External(name=".".join(("odoo.addons", module, *filter(None, inner.split("/")))))
    return UNKNOWN


def of_python(value: Any, depth: int = 0) -> Value:
    """A constant of the program as a value."""
    if depth > 5 or value == CODE:
        return UNKNOWN
    if isinstance(value, list | tuple | set | frozenset):
        inner = [Item(value=of_python(one, depth + 1)) for one in list(value)[:MAX_ITEMS]]
        return Seq(items=tuple(inner))
    if isinstance(value, dict):
        keys = list(value)[:MAX_ITEMS]
        return Dict(items={str(key): of_python(value[key], depth + 1) for key in keys})
    return constant(value)


def _attribute(run: Run, state: State, node: ast.Attribute) -> Value:
    holder = evaluate(run, state, node.value)
    if (
        not run.is_route
        and isinstance(holder, Plain)
        and any(one.source == "argument" for one in holder.given)
    ):
        # Over RPC an argument is text, a number, a list or a mapping: only other code can give something with fields.
        if holder.key is not None and holder.key[0] == "sent":
            raise Ends
        run.unsure = True
    return attribute(run, state, node, holder)


def _subscript(run: Run, state: State, node: ast.Subscript) -> Value:
    holder = evaluate(run, state, node.value)
    if isinstance(node.slice, ast.Slice):
        for part in (node.slice.lower, node.slice.upper, node.slice.step):
            if part is not None:
                evaluate(run, state, part)
        if isinstance(holder, Records | Seq):
            return holder
        return (
            replace(mixed(holder), prefix=None)
            if not isinstance(holder, Plain)
            else replace(holder, const=Plain().const)
        )
    return item(run, state, node, holder, evaluate(run, state, node.slice))


def _call(run: Run, state: State, node: ast.Call) -> Value:
    return call(run, state, node)


def _boolean(run: Run, state: State, node: ast.BoolOp) -> Value:
    """`a and b`: what comes later is only looked at where what came before was true (or false)."""
    values: list[Value] = []
    inner = state
    conjunction = isinstance(node.op, ast.And)
    for part in node.values:
        value = guarding.truth(run, part, evaluate(run, inner, part))
        values.append(value)
        facts = value.yes if conjunction else value.no
        if facts and part is not node.values[-1]:
            inner = inner.copy()
            inner.learn(facts)
    first, *rest = values
    yes, no = first.yes, first.no
    for value in rest:
        if conjunction:
            about = [
                part.key for part in values if part.key is not None and not part.no and inner_given(part)
            ]
            vacuous = tuple(fact for fact in (*no, *value.no) if fact[0] in about)
            yes, no = (*yes, *value.yes), (*both(no, value.no), *vacuous)
        else:
            yes, no = both(yes, value.yes), (*no, *value.no)
    last = values[-1]
    if inner is not state:
        for name, value in inner.variables.items():
            state.variables.setdefault(name, value)
    found: Value
    if conjunction:
        found = last
    elif isinstance(last, Seq | Dict) and not _filled(last) and len(values) == 2:
        # `domain or []`: what is empty adds nothing.
        found = first if isinstance(first, Seq | Dict | Records | Either) else _opened(first, last)
    else:
        found = either(values) if any(not isinstance(one, Plain) for one in values) else _alternative(values)
    return replace(found, yes=yes, no=no, authenticates=any(value.authenticates for value in values))


def _filled(value: Seq | Dict) -> bool:
    """Whether something stands in a list or mapping."""
    return bool(value.items) or value.rest is not None or (isinstance(value, Dict) and value.star is not None)


def _opened(value: Value, empty: Seq | Dict) -> Value:
    """Something of which only what it may be instead is known to be a list (or a mapping)."""
    if not (inner_given(value) or value.own or value.sources):
        return Seq(rest=value) if isinstance(empty, Seq) else Dict(rest=value)
    return value


def _alternative(values: list[Value]) -> Value:
    """`a or 'constant'`."""
    first, last = values[0], values[-1]
    if len(values) == 2 and isinstance(first, Plain) and known(last) in (None, False, "", 0, "0"):
        return first
    found = mixed(*values)
    own = values[0].own and all(value.own or known(value) in (None, False) for value in values[1:])
    return replace(found, own=own)


def _not(run: Run, state: State, node: ast.UnaryOp) -> Value:
    value = evaluate(run, state, node.operand)
    if isinstance(node.op, ast.Not):
        return guarding.negated(guarding.truth(run, node.operand, value))
    if isinstance(value, Plain) and isinstance(node.op, ast.USub):
        return replace(value, const=Plain().const, number=True)
    return value


def _compare(run: Run, state: State, node: ast.Compare) -> Value:
    left = evaluate(run, state, node.left)
    found: Value | None = None
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = evaluate(run, state, part)
        one = guarding.compare(run, state, node, left, right, op)
        found = one if found is None else replace(one, yes=(*found.yes, *one.yes), no=both(found.no, one.no))
        left = right
    return found or UNKNOWN


def _with(state: State, facts: Facts) -> State:
    """A state in which these hold too."""
    if not facts:
        return state
    found = state.copy()
    found.learn(facts)
    return found


def _if(run: Run, state: State, node: ast.IfExp) -> Value:
    test, _ = guarding.tested(run, state, node.test)
    yes, no = _with(state, test.yes), _with(state, test.no)
    left, right = evaluate(run, yes, node.body), evaluate(run, no, node.orelse)
    if test.const is not None:
        return left if test.const else right
    held = [
        replace(one, held=where.guards(one)) if isinstance(one, Records) else one
        for one, where in ((left, yes), (right, no))
    ]
    if all(isinstance(one, Plain) for one in held):
        nothing = [one for one in held if known(one) not in (None, False, "")]
        return nothing[0] if len(nothing) == 1 else mixed(*held)
    return either(held)


def _list(run: Run, state: State, node: ast.List | ast.Tuple | ast.Set) -> Value:
    items: list[Item] = []
    rest: Value | None = None
    for part in node.elts[:MAX_ITEMS]:
        if isinstance(part, ast.Starred):
            inner = evaluate(run, state, part.value)
            if isinstance(inner, Seq):
                items += inner.items
                rest = rest or inner.rest
            else:
                rest = inner
        else:
            items.append(Item(value=evaluate(run, state, part)))
    if len(node.elts) > MAX_ITEMS:
        rest = UNKNOWN
    return Seq(items=tuple(items), rest=rest)


def _dict(run: Run, state: State, node: ast.Dict) -> Value:
    found = Dict()
    for key, part in zip(node.keys[: MAX_ITEMS * 2], node.values, strict=False):
        value = evaluate(run, state, part)
        found = (
            updated(found, value) if key is None else keyed(state, found, evaluate(run, state, key), value)
        )
    return found


def _text(run: Run, state: State, node: ast.JoinedStr) -> Value:
    parts: list[Value] = []
    for part in node.values:
        match part:
            case ast.Constant():
                parts.append(constant(part.value))
            case ast.FormattedValue(value=inner):
                parts.append(evaluate(run, state, inner))
    return formatted(parts)


def _binary(run: Run, state: State, node: ast.BinOp) -> Value:
    left, right = evaluate(run, state, node.left), evaluate(run, state, node.right)
    if isinstance(node.op, ast.Sub) and isinstance(left, Dict | Seq):
        return replace(left, no=difference(run, node, left, right))
    return added(node.op, left, right)


def _lambda(run: Run, state: State, node: ast.Lambda) -> Value:
    return Lambda(node=node, around=dict(state.variables))


def _comprehension(run: Run, state: State, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    inner, facts = _generators(run, state, node.generators)
    found = guarding.truth(run, node.elt, evaluate(run, inner, node.elt))
    _read_inside(state, inner)
    if isinstance(found, Records):
        found = replace(found, held=inner.guards(found))
    if inner.of_value(found) and isinstance(found, Plain):
        # Only what is in a list of constants is left.
        found = replace(found, given=frozenset(), loose=frozenset())
    return Seq(rest=found, yes=(*found.yes, *facts), no=found.no, own=found.own, sources=found.sources)


def _mapping(run: Run, state: State, node: ast.DictComp) -> Value:
    inner, _ = _generators(run, state, node.generators)
    return keyed(inner, Dict(), evaluate(run, inner, node.key), evaluate(run, inner, node.value))


def _generators(run: Run, state: State, generators: list[ast.comprehension]) -> tuple[State, Facts]:
    inner = state.copy()
    facts: Facts = ()
    for one in generators:
        bind(run, inner, one.target, evaluate(run, inner, one.iter))
        for condition in one.ifs:
            test, _ = guarding.tested(run, inner, condition)
            inner.learn(test.yes)
            facts = (*facts, *test.yes)
    return inner, facts


def _read_inside(state: State, inner: State) -> None:
    """What was read as the caller of each item was read: where there is none, there is nothing to be read."""
    for ident, guards in inner.asked.items():
        state.learn(tuple((ident, guard) for guard in guards if guard.kind is GuardKind.READ))


def _walrus(run: Run, state: State, node: ast.NamedExpr) -> Value:
    found = evaluate(run, state, node.value)
    if isinstance(node.target, ast.Name):
        state.variables[node.target.id] = found
    return found


def _inner(run: Run, state: State, node: Any) -> Value:
    return evaluate(run, state, node.value) if node.value is not None else UNKNOWN


def _yield(run: Run, state: State, node: ast.Yield) -> Value:
    """What a function hands out before it is at its end: to a loop, or to a `with`."""
    run.frame.yielded.append(evaluate(run, state, node.value) if node.value is not None else NONE)
    return UNKNOWN


_KINDS: dict[type[ast.AST], Callable[[Run, State, Any], Value]] = {
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _not,
    ast.Compare: _compare,
    ast.IfExp: _if,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Set: _list,
    ast.Dict: _dict,
    ast.JoinedStr: _text,
    ast.BinOp: _binary,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _mapping,
    ast.NamedExpr: _walrus,
    ast.Await: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _inner,
    ast.Starred: _inner,
}
