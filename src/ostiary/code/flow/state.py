"""What holds at one place of the code: the variables, and what has been asked of which records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ostiary.code.flow.joins import join
from ostiary.code.flow.values import (
    CONSTANT,
    ENTERED,
    KEYS,
    LOOKING,
    REQUEST,
    Dict,
    Facts,
    Ident,
    Plain,
    Records,
    Value,
    passes,
)
from ostiary.policy.code import Given, Guard

When = dict[tuple[Ident, bool], Facts | None]
Asked = dict[Ident, tuple[Guard, ...]]
_MOST = 400
_MOST_ENTERED = 12


class State:
    """Variables by name, and the guards that hold by what they are about.

    `seen` are all guards that were met on some way to here, also where they don't hold on all of them; `when` those
    that hold only where a value is true, or false.
    """

    __slots__ = ("asked", "seen", "variables", "when")

    def __init__(
        self, variables: dict[str, Value], asked: Asked, seen: Asked, when: When | None = None
    ) -> None:
        self.variables = variables
        self.asked = asked
        self.seen = seen
        self.when: When = when or {}

    def copy(self) -> State:
        return State(dict(self.variables), dict(self.asked), dict(self.seen), dict(self.when))

    def learn_when(self, key: Ident, truth: bool, facts: Facts | None) -> Facts:
        """These hold where a value is true (or false); None where nothing goes on there. What now holds either way is
        given back: a token is held against the secret where there is one, and a login asked for where there is none.
        """
        if len(self.when) > _MOST:
            return ()
        mine = self.when.get((key, truth), ())
        mine = None if facts is None or mine is None else (*mine, *facts)
        self.when[key, truth] = mine
        if (key, not truth) not in self.when:
            return ()
        other = self.when[key, not truth]
        if mine is None or other is None:
            return mine or other or ()
        return tuple(dict.fromkeys((*_covered(mine, other), *_covered(other, mine))))

    def learn(self, facts: Facts) -> None:
        """From here on these hold."""
        for ident, guard in facts:
            _add(self.asked, ident, guard)
            _add(self.seen, ident, guard)
            if ident[0] == KEYS:
                self._limit(ident)
            elif guard.mode == CONSTANT:
                self._settle(ident)

    def _settle(self, key: Ident) -> None:
        """A value is one of a few constants: it is no longer the caller's."""
        for name, value in self.variables.items():
            if isinstance(value, Plain) and value.key == key:
                self.variables[name] = replace(value, given=frozenset(), loose=frozenset())

    def _limit(self, key: Ident) -> None:
        """The keys of a mapping are held against a list: they are no longer any."""
        for name, value in self.variables.items():
            if isinstance(value, Dict) and value.key == key[1] and value.star is not None:
                self.variables[name] = replace(value, star=None, rest=value.star)

    def guards(self, records: Records) -> tuple[Guard, ...]:
        """What was asked of these records, of what they hang on and of the request, on every way to here."""
        found = dict.fromkeys(records.held)
        for ident in (records.ident, *records.up, *_value_of(records.ident), REQUEST):
            found.update(dict.fromkeys(self.asked.get(ident, ())))
        return tuple(found)

    def entered(self) -> tuple[Guard, ...]:
        """Where records of a model were looked for, or created, as the caller on every way to here."""
        found = [guards[0] for ident, guards in self.asked.items() if ident[0] == ENTERED and guards]
        return tuple(found[:_MOST_ENTERED])

    def of_value(self, value: Value) -> tuple[Guard, ...]:
        """What was asked of a value that is no record."""
        if value.key is None:
            return ()
        if value.key[0] != "made-of":
            return self.asked.get(value.key, ())
        parts = [self.asked.get(part, ()) for part in value.key[1:] if isinstance(part, tuple)]
        return tuple(guard for guards in parts for guard in guards) if all(parts) else ()

    def of_address(self, value: Value) -> tuple[Guard, ...]:
        """What was asked of a value, or of the host in it where it is an address; of one that was put together, of what
        it begins with."""
        key = value.key
        if key is None:
            return ()
        if key[0] == "made-of" and isinstance(key[1], tuple):
            key = key[1]
        return tuple(
            guard
            for ident, guards in self.asked.items()
            if ident == key or (_holds(ident, _HOSTS) and _holds(ident, (key,)))
            for guard in guards
        )

    def others(self, records: Records) -> Iterator[Guard]:
        """What was asked of other records than these."""
        mine = {records.ident, *records.up, *_value_of(records.ident), REQUEST}
        for ident, guards in self.seen.items():
            if mine.isdisjoint(_chain(ident)):
                yield from guards


def _chain(ident: Ident) -> Iterator[Ident]:
    """Records, and those that they were reached from."""
    for _ in range(8):
        yield ident
        if ident[0] != "rel" or not isinstance(ident[1], tuple):
            return
        ident = ident[1]


_HOSTS = ("netloc", "hostname", "host", "authority")


def _holds(ident: object, wanted: tuple[object, ...], depth: int = 0) -> bool:
    """Whether what something is known by has one of these in it."""
    if ident in wanted:
        return True
    return depth < 6 and isinstance(ident, tuple) and any(_holds(part, wanted, depth + 1) for part in ident)


def _value_of(ident: Ident) -> tuple[Ident, ...]:
    """The value by which records were chosen: what was asked of it holds for them."""
    return (ident[2],) if ident[0] == "browse" and isinstance(ident[2], tuple) else ()


def _covered(facts: Facts, other: Facts) -> Facts:
    """Those of the facts for which something lets the caller pass in the other case as well."""
    idents = {ident for ident, guard in other if passes((guard,))}
    return tuple(fact for fact in facts if fact[0] in idents or REQUEST in idents)


def _add(asked: Asked, ident: Ident, guard: Guard) -> None:
    known = asked.get(ident, ())
    if guard not in known and len(known) < 8 and len(asked) < _MOST:
        asked[ident] = (*known, guard)


def joined(states: Iterable[State], because: frozenset[Given] = frozenset()) -> State | None:
    """The state after several branches, None where none of them goes on."""
    found: State | None = None
    for state in states:
        found = state if found is None else _joined(found, state, because)
    return found


def _joined(first: State, second: State, because: frozenset[Given]) -> State:
    if first is second:
        return first
    variables: dict[str, Value] = {}
    for name in dict.fromkeys((*first.variables, *second.variables)):
        left, right = first.variables.get(name), second.variables.get(name)
        if left is None or right is None:
            variables[name] = left if left is not None else right  # type: ignore[assignment]
        elif left is right:
            variables[name] = left
        else:
            variables[name] = join(left, right, because, first.guards, second.guards)
    seen = dict(first.seen)
    for ident, guards in second.seen.items():
        known = seen.get(ident)
        if known is None:
            seen[ident] = guards
        elif known is not guards and known != guards:
            for guard in guards:
                _add(seen, ident, guard)
    asked: Asked = {}
    for ident, guards in first.asked.items():
        other = second.asked.get(ident)
        if guards == other:
            asked[ident] = guards
        elif other is not None and passes(guards) == passes(other):
            asked[ident] = tuple(dict.fromkeys((*guards, *other)))
        elif other is not None or not passes(guards):
            asked[ident] = tuple(guard for guard in (*guards, *(other or ())) if guard.kind in LOOKING)
    for ident, guards in second.asked.items():
        if ident not in first.asked and not passes(guards):
            asked[ident] = guards
    when: When = {key: facts for key, facts in first.when.items() if second.when.get(key, ()) == facts}
    return State(variables, asked, seen, when)
