"""Which of the functions that are called are gone into: a real Odoo's call each other without end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ostiary.code.flow.values import Controller, Either, Records, Seq, Value, inner_given, passes
from ostiary.code.flow.words import CHECKS
from ostiary.policy.code import Actor, Choice

if TYPE_CHECKING:
    from ostiary.code.flow.run import Run
    from ostiary.code.flow.state import State
    from ostiary.code.program import Function

# What a function must hold, or lead to, to do anything that the caller may not.
_BYPASSES = frozenset({
    "sudo", "su", "with_user", "SUPERUSER", "SUPERUSER_ID", "with_env", "execute", "executemany", "execute_query",
    "eval", "exec", "safe_eval", "consteq", "compare_digest", "hmac", "execute_query_dict",
})  # fmt: skip
_THEIRS = frozenset({Choice.OWN, Choice.SESSION, Choice.TOKEN, Choice.NEW})
# What makes part of a query or a domain, by its name.
_CHOOSES = re.compile(r"sql|quer(?:y|ies)|where|clause|domain|filter|order_by")
# What finds records by itself and gives back what they hold.
_FINDS = re.compile(r"(?:get|_?(?:find|fetch|list|load|pick|read|search))(?:_|$)")
_MOST_SEEN = 40
_MAX_DEPTH = 3
_SHORT = 14
_LONG = 60
_NEAR = 3


def worth_following(
    run: Run, state: State, function: Function, bound: Value | None, values: Sequence[Value]
) -> bool:
    """Whether a function may do, or ask, anything that matters for these arguments."""
    depth = len(run.frames)
    if function.cls is None or (not function.cls.model and isinstance(bound, Controller)):
        return True
    if run.left < run.budget // 3 and depth > 1:
        return False
    length = function.index.end - function.index.line
    if isinstance(bound, Records) and length > _SHORT and not any(inner_given(value) for value in values):
        # Records that are theirs, and nothing of the caller's beside: whatever is done hangs on what they may have.
        theirs = bound.choice in _THEIRS or (bound.actor is not Actor.CALLER and passes(state.guards(bound)))
        if theirs:
            return False
    if CHECKS.search(function.name) and length <= _LONG and depth <= _NEAR + 1:
        return True
    if _of_the_model(bound) and depth < _NEAR and _FINDS.match(function.name) and length <= _LONG:
        return True
    if _superuser(bound) or any(_superuser(value) for value in values):
        return length <= (_LONG * 2 if depth <= 2 else _LONG)
    if length <= _SHORT and depth <= _NEAR:
        return True
    if length <= _LONG and depth <= _NEAR and _CHOOSES.search(function.name):
        # What it makes of what was sent may be one of a few texts of its own.
        return any(inner_given(value) for value in values)
    return bypasses(run, function)


def _superuser(value: Value | None) -> bool:
    """Whether a value holds records that are used as superuser, and in which the caller has a say."""
    if isinstance(value, Either):
        return any(_superuser(one) for one in value.options)
    if isinstance(value, Seq):
        return any(_superuser(one.value) for one in value.items[:6]) or _superuser(value.rest)
    return isinstance(value, Records) and value.actor is not Actor.CALLER and bool(inner_given(value))


def _of_the_model(bound: Value | None) -> bool:
    """Whether a method is called on a model as superuser, not on records: what it finds by itself is everybody's."""
    return isinstance(bound, Records) and bound.empty and bound.actor is Actor.SUPERUSER


def bypasses(run: Run, function: Function) -> bool:
    """Whether a function's own source, or that of helpers of its model that it calls, leaves the caller's rights."""
    known = run.known.bypasses.get(function)
    if known is None:
        known = run.known.bypasses[function] = _bypasses(run, function)
    return known


def _bypasses(run: Run, function: Function) -> bool:
    seen = {function}
    pending = [(function, 0)]
    while pending:
        one, depth = pending.pop()
        if not _BYPASSES.isdisjoint(one.words):
            return True
        if depth >= _MAX_DEPTH or one.cls is None:
            continue
        for name in one.index.calls:
            for helper in run.program.model_method(one.cls.model, name)[:4] if one.cls.model else ():
                if helper not in seen and len(seen) < _MOST_SEEN:
                    seen.add(helper)
                    pending.append((helper, depth + 1))
    return False
