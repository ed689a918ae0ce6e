"""What a call gives: its value, and what is known after it, by whether that value is true or false."""

from __future__ import annotations

from msgspec.structs import replace

from ostiary.code.flow.joins import both, either
from ostiary.code.flow.state import State, joined
from ostiary.code.flow.values import (
    NONE,
    UNSET,
    Dict,
    Facts,
    Plain,
    Records,
    Seq,
    Value,
    known,
    passes,
)
from ostiary.policy.code import Choice, GuardKind

_FEW = 6
_LETS_IN = frozenset({GuardKind.AUTHENTICATED, GuardKind.TOKEN})


def result_of(returned: list[tuple[Value, State]], fallen: State | None) -> tuple[Value, State | None]:
    """The value and the state after a call that returned in these ways, or came to its last line: `fallen`."""
    ends = [*returned, *([(NONE, fallen)] if fallen is not None else [])]
    if not ends:
        return NONE, None
    if len(ends) == 1:
        value, state = ends[0]
        return _carrying(value, state), state
    values = [_carrying(value, state) for value, state in ends]
    after = joined(state for _, state in ends)
    yes, no = _facts(ends, True), _facts(ends, False)
    found = either(values)
    lets_in = any(_lets_in(state) for _, state in ends) and not all(_lets_in(state) for _, state in ends)
    return replace(
        found,
        yes=tuple(dict.fromkeys((*found.yes, *yes))),
        no=tuple(dict.fromkeys((*found.no, *no))),
        authenticates=found.authenticates or lets_in,
    ), after


def _carrying(value: Value, state: State, depth: int = 0) -> Value:
    """Records keep what was asked of them where they are returned."""
    if isinstance(value, Records):
        guards = state.guards(value)
        return replace(value, held=guards) if guards != value.held else value
    if isinstance(value, Dict) and depth < 2:
        return replace(
            value, items={name: _carrying(one, state, depth + 1) for name, one in value.items.items()}
        )
    if isinstance(value, Seq) and depth < 2 and len(value.items) <= _FEW:
        items = tuple(replace(one, value=_carrying(one.value, state, depth + 1)) for one in value.items)
        passed = (*value.yes, *_passed(state)) if depth == 0 else value.yes
        return replace(value, items=items, yes=passed)
    return value


def _passed(state: State) -> Facts:
    """What lets the caller pass at the end of this way through."""
    return tuple(
        (ident, guard) for ident, guards in state.asked.items() for guard in guards if passes((guard,))
    )[:40]


def _lets_in(state: State) -> bool:
    """Whether a key was held against a secret, or something was looked up by one."""
    if any(guard.kind in _LETS_IN for guards in state.asked.values() for guard in guards):
        return True
    return any(isinstance(one, Records) and one.choice is Choice.TOKEN for one in state.variables.values())


def _facts(ends: list[tuple[Value, State]], truth: bool) -> Facts:
    """What has been asked on every way on which the value is true (or false)."""
    found: Facts | None = None
    for value, state in ends:
        if _truth(value) is (not truth):
            continue
        mine = tuple(
            (ident, guard) for ident, guards in state.asked.items() for guard in guards if passes((guard,))
        )
        mine = (*mine, *(value.yes if truth else value.no))
        found = mine if found is None else both(found, mine)
    return found or ()


def _truth(value: Value) -> bool | None:
    """Whether a value is true, where that is sure."""
    constant = known(value)
    if constant is not UNSET:
        return bool(constant)
    match value:
        case Dict(items=items) if items:
            return True
        case Seq(items=entries) if entries and entries[0].maybe is None:
            return True
        case Records(held=held) if held:
            return True
        case Plain():
            return None
    return None
