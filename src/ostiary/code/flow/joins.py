"""Joining what two branches left behind."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ostiary.code.flow.values import (
    MAX_ITEMS,
    MAX_OPTIONS,
    REQUEST,
    Dict,
    Either,
    Facts,
    Item,
    Plain,
    Records,
    Seq,
    Value,
    known,
    merged_sources,
    mixed,
    options,
    passes,
)
from ostiary.policy.code import Given, Guard

Held = Callable[[Records], tuple[Guard, ...]]


def both(first: Facts, second: Facts) -> Facts:
    """The guards that hold on either side: where both have some for the same records, all of them do."""
    left, right = {ident for ident, _ in first}, {ident for ident, _ in second}
    shared = left & right
    if not shared and REQUEST not in left and REQUEST not in right:
        return ()
    # Where the request as a whole passes on one side, what passes on the other does so either way.
    kept = [fact for fact in (*first, *second) if fact[0] in shared]
    for mine, others, facts in ((left, right, second), (right, left, first)):
        del others
        if REQUEST in mine:
            kept += [fact for fact in facts if fact[0] != REQUEST and passes((fact[1],))]
    return tuple(dict.fromkeys(kept))


def join(
    first: Value,
    second: Value,
    because: frozenset[Given],
    held_first: Held,
    held_second: Held,
    depth: int = 0,
) -> Value:
    """What a variable is after two branches. `because` is what of the request decided which one was run."""
    if first is second:
        return first
    if type(first) is type(second) and depth < 4:
        match first, second:
            case Dict(), Dict():
                return _dicts(first, second, because, held_first, held_second, depth)
            case Seq(), Seq():
                return _lists(first, second, because, held_first, held_second, depth)
            case Plain(), Plain():
                return _plain(first, second)
            case _ if first == second:
                return first
    return either(
        [
            *(_with_held(one, held_first) for one in options(first)),
            *(_with_held(one, held_second) for one in options(second)),
        ]
    )


def either(values: list[Value]) -> Value:
    """One of these; nothing that can be nothing but None is kept beside records."""
    found: list[Value] = []
    yes = no = None
    for value in values:
        yes = value.yes if yes is None else both(yes, value.yes)
        no = value.no if no is None else both(no, value.no)
        if value in found:
            continue
        found.append(value)
    real = [one for one in found if not (isinstance(one, Plain) and known(one) in (None, False, ""))]
    kept = (real or found)[:MAX_OPTIONS]
    if len(kept) == 1:
        # What holds where it is tested: also that it is not the None of another branch.
        return kept[0]
    return Either(
        options=tuple(kept),
        given=frozenset[Given]().union(*(one.given for one in kept)),
        own=all(one.own for one in kept),
        sources=merged_sources(kept),
        secret=any(one.secret for one in kept),
        authenticates=any(one.authenticates for one in values),
        yes=yes or (),
        no=no or (),
    )


def _with_held(value: Value, held: Held) -> Value:
    if not isinstance(value, Records):
        return value
    guards = held(value)
    return replace(value, held=guards) if guards != value.held else value


def _plain(first: Plain, second: Plain) -> Value:
    if first == second:
        return first
    one, other = known(first), known(second)
    if not first.given and not first.sources and one in (None, False, ""):
        return replace(second, const=Plain().const, yes=second.yes, no=both(first.no, second.no))
    if not second.given and not second.sources and other in (None, False, ""):
        return replace(first, const=Plain().const, yes=first.yes, no=both(first.no, second.no))
    found = mixed(first, second, key=first.key if first.key == second.key else None)
    return replace(
        found,
        own=first.own and second.own,
        number=first.number and second.number,
        built="interpolated"
        if "interpolated" in (first.built, second.built)
        else ("constant" if first.built == second.built == "constant" else ""),
        prefix=first.prefix if first.prefix == second.prefix else _common(first.prefix, second.prefix),
        loose=first.loose | second.loose,
        of=first.of if first.of == second.of else None,
        authenticates=first.authenticates or second.authenticates,
        yes=both(first.yes, second.yes),
        no=both(first.no, second.no),
    )


def _common(first: str | None, second: str | None) -> str | None:
    """What two texts both begin with."""
    if first is None or second is None:
        return None
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return first[:length]


def _dicts(
    first: Dict, second: Dict, because: frozenset[Given], held_first: Held, held_second: Held, depth: int
) -> Value:
    items: dict[str, Value] = {}
    for name in list(dict.fromkeys((*first.items, *second.items)))[:MAX_ITEMS]:
        left, right = first.items.get(name), second.items.get(name)
        if left is None or right is None:
            items[name] = _with_held(left, held_first) if left else _with_held(right, held_second)  # type: ignore[arg-type]
        else:
            items[name] = join(left, right, because, held_first, held_second, depth + 1)
    return Dict(
        items=items,
        star=first.star or second.star,
        rest=first.rest or second.rest,
        given=first.given | second.given,
        sources=merged_sources((first, second)),
        authenticates=first.authenticates or second.authenticates,
        yes=both(first.yes, second.yes),
        no=both(first.no, second.no),
    )


def _lists(
    first: Seq, second: Seq, because: frozenset[Given], held_first: Held, held_second: Held, depth: int
) -> Value:
    common = 0
    for one, other in zip(first.items, second.items, strict=False):
        if one.value is not other.value and one.value != other.value:
            break
        common += 1
    maybe = because or frozenset[Given]()
    rest = [*first.items[common:], *second.items[common:]]
    items = (
        *first.items[:common],
        *(Item(value=one.value, maybe=maybe | (one.maybe or frozenset())) for one in rest),
    )
    further = first.rest or second.rest
    if first.rest is not None and second.rest is not None:
        further = join(first.rest, second.rest, because, held_first, held_second, depth + 1)
    return Seq(
        items=items[:MAX_ITEMS],
        rest=further,
        given=first.given | second.given,
        own=first.own and second.own,
        sources=merged_sources((first, second)),
        yes=both(first.yes, second.yes),
        no=both(first.no, second.no),
    )
