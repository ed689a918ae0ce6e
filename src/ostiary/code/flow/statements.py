"""Going through statements: what holds after each, and whether anything comes after it at all."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ostiary.code.flow import guarding
from ostiary.code.flow.assigning import assign, bind
from ostiary.code.flow.controllers import answered
from ostiary.code.flow.expressions import evaluate
from ostiary.code.flow.guarding import tested
from ostiary.code.flow.run import Ends, Run
from ostiary.code.flow.state import Asked, State, joined
from ostiary.code.flow.values import NONE, UNKNOWN, Facts, Lambda, Records, inner_given, mixed, passes
from ostiary.policy.code import Given


def run_block(run: Run, state: State | None, body: Sequence[ast.stmt]) -> State | None:
    """The state after some statements; None where they never end normally."""
    for node in body:
        if state is None:
            return None
        run.spend()
        before = state
        try:
            state = _statement(run, before, node)
        except Ends:
            _raised(run, before)
            return None
    return state


def _statement(run: Run, state: State, node: ast.stmt) -> State | None:
    match node:
        case ast.Expr(value=value):
            evaluate(run, state, value)
        case ast.Assign(targets=targets, value=value):
            found = evaluate(run, state, value)
            for target in targets:
                assign(run, state, target, found)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                assign(run, state, target, evaluate(run, state, value))
        case ast.AugAssign(target=target, op=op, value=value):
            load = _as_load(target)
            found = evaluate(run, state, ast.copy_location(ast.BinOp(load, op, value), node))
            assign(run, state, target, found)
        case ast.If():
            return _if(run, state, node)
        case ast.Return(value=value):
            found = evaluate(run, state, value) if value else NONE
            if len(run.frames) == 1 and not run.frame.lambdas:
                answered(run, state, node, found)
            run.frame.returned.append((found, state))
            return None
        case ast.Raise():
            if node.exc is not None:
                evaluate(run, state, node.exc)
            _raised(run, state)
            return None
        case ast.For() | ast.AsyncFor():
            return _for(run, state, node)
        case ast.While():
            return _while(run, state, node)
        case ast.Try() | ast.TryStar():
            return _try(run, state, node)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                entered = evaluate(run, state, item.context_expr)
                if item.optional_vars is not None:
                    assign(run, state, item.optional_vars, entered)
            return run_block(run, state, node.body)
        case ast.Assert(test=test):
            run.learn(state, tested(run, state, test)[0].yes)
        case ast.Break() | ast.Continue():
            if run.frame.breaks:
                run.frame.breaks[-1].append(state)
            return None
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            state.variables[node.name] = Lambda(node=node, around=dict(state.variables))
        case ast.Delete(targets=targets):
            for target in targets:
                if isinstance(target, ast.Name):
                    state.variables.pop(target.id, None)
        case ast.Match():
            return _match(run, state, node)
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                state.variables.pop(alias.asname or alias.name.partition(".")[0], None)
    return state


def _as_load(target: ast.expr) -> ast.expr:
    """What an augmented assignment reads before it writes."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=attr):
            return ast.copy_location(ast.Attribute(value, attr, ast.Load()), target)
        case ast.Subscript(value=value, slice=slice_):
            return ast.copy_location(ast.Subscript(value, slice_, ast.Load()), target)
    return target


def _raised(run: Run, state: State) -> None:
    """Leave for the handlers around, if there are any."""
    if run.frame.caught:
        run.frame.caught[-1].append(state.copy())


def _if(run: Run, state: State, node: ast.If) -> State | None:
    test, value = tested(run, state, node.test)
    because = inner_given(value)
    if test.const is True:
        run.learn(state, test.yes)
        return run_block(run, state, node.body)
    if test.const is False:
        return run_block(run, state, node.orelse)
    yes, no = state.copy(), state
    run.learn(yes, test.yes)
    run.learn(no, test.no)
    outer = run.frame.conditions
    run.frame.conditions = (*outer, because)
    before = dict(state.asked)
    after_yes = run_block(run, yes, node.body)
    after_no = run_block(run, no, node.orelse) if node.orelse else no
    run.frame.conditions = outer
    if value.authenticates and (after_yes is None) != (after_no is None):
        # A helper has held a key or signature against a secret; what it found decides whether this goes on.
        left = after_yes or after_no
        if left is not None:
            run.learn(left, test.exits)
    found = joined((one for one in (after_yes, after_no) if one is not None), because)
    if found is not None:
        _correlated(run, found, node.test, before, (after_yes, after_no))
    return found


def _correlated(
    run: Run, state: State, test: ast.expr, before: Asked, ends: tuple[State | None, State | None]
) -> None:
    """What holds after a test of one value only where that was true, or only where it was false."""
    sides = [None if end is None else _new(before, end) for end in ends]
    truth, tested_part = _plain_test(test)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and sides[0] is None:
        # `if token and not consteq(...): raise`: where there is a token, the rest was false.
        truth, tested_part = _plain_test(test.values[0])
        run.muted += 1
        rest = [guarding.truth(run, part, run.evaluate(state.copy(), part)) for part in test.values[1:2]]
        run.muted -= 1
        sides = [tuple(fact for value in rest for fact in value.no) if len(test.values) == 2 else (), ()]
    if not isinstance(tested_part, ast.Name):
        return
    key = state.variables.get(tested_part.id, UNKNOWN).key
    if key is None:
        return
    for side, holds in zip(sides, (truth, not truth), strict=True):
        run.learn(state, state.learn_when(key, holds, side))


def _plain_test(test: ast.expr) -> tuple[bool, ast.expr]:
    """What is tested, and whether the test is true where that is."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return False, test.operand
    return True, test


def _new(before: Asked, after: State) -> Facts:
    """What was asked between."""
    return tuple(
        (ident, guard)
        for ident, guards in after.asked.items()
        for guard in guards
        if guard not in before.get(ident, ()) and passes((guard,))
    )


def _for(run: Run, state: State, node: ast.For | ast.AsyncFor) -> State | None:
    over = evaluate(run, state, node.iter)
    before = state.copy()
    bind(run, state, node.target, over)
    run.frame.breaks.append([])
    after = run_block(run, state, node.body)
    left = run.frame.breaks.pop()
    ends = [one for one in (before, after, *left) if one is not None]
    found = joined(ends, inner_given(over))
    # Nothing is learnt in a loop that need not be run, save of the records that it goes through.
    if found is not None and isinstance(over, Records) and not left and after is not None:
        found.learn(tuple((over.ident, guard) for guard in after.asked.get(over.ident, ())))
    return run_block(run, found, node.orelse) if node.orelse else found


def _while(run: Run, state: State, node: ast.While) -> State | None:
    test, value = tested(run, state, node.test)
    before = state.copy()
    run.learn(state, test.yes)
    run.frame.breaks.append([])
    after = run_block(run, state, node.body)
    left = run.frame.breaks.pop()
    run.learn(before, test.no)
    endless = test.const is True
    ends = [
        one for one in ((None if endless else before), (None if endless else after), *left) if one is not None
    ]
    return joined(ends, inner_given(value))


def _try(run: Run, state: State, node: ast.Try | ast.TryStar) -> State | None:
    before = state.copy()
    run.frame.caught.append([])
    body = run_block(run, state, node.body)
    raised = run.frame.caught.pop()
    if body is not None and node.orelse:
        body = run_block(run, body, node.orelse)
    # A handler may run after any part of the body: nothing that the body learnt holds in it, what it bound may.
    start = before if body is None else _forgetful(before, body)
    for one in raised:
        start = _forgetful(start, one)
    ends = [body]
    for handler in node.handlers:
        caught = start.copy()
        if handler.name:
            caught.variables[handler.name] = UNKNOWN
        ends.append(run_block(run, caught, handler.body))
    if not node.handlers and raised:
        for one in raised:
            _raised(run, one)
    found = joined(one for one in ends if one is not None)
    if node.finalbody:
        if found is None:
            run_block(run, start.copy(), node.finalbody)
            return None
        return run_block(run, found, node.finalbody)
    return found


def _forgetful(before: State, after: State) -> State:
    """What is bound after, with what was known before."""
    found = before.copy()
    for name, value in after.variables.items():
        found.variables.setdefault(name, value)
    for ident, guards in after.seen.items():
        if ident not in found.seen:
            found.seen[ident] = guards
    return found


def _match(run: Run, state: State, node: ast.Match) -> State | None:
    subject = evaluate(run, state, node.subject)
    because: frozenset[Given] = inner_given(subject)
    ends: list[State | None] = []
    total = False
    for case in node.cases:
        branch = state.copy()
        for one in ast.walk(case.pattern):
            name = getattr(one, "name", None) or getattr(one, "rest", None)
            if isinstance(one, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
                branch.variables[name] = mixed(subject)
        if case.guard is not None:
            run.learn(branch, tested(run, branch, case.guard)[0].yes)
        ends.append(run_block(run, branch, case.body))
        total = total or (
            isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and not case.guard
        )
    if not total:
        ends.append(state)
    return joined((one for one in ends if one is not None), because)
