"""The arguments of a call."""

from __future__ import annotations

from dataclasses import dataclass

from ostiary.code.flow.state import State
from ostiary.code.flow.values import Dict, Value, constant, inner_given
from ostiary.policy.code import Given


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of a call: those by place, those by name (with `**` unpacked), and what `*` may add."""

    placed: list[Value]
    named: Dict
    more: Value | None = None

    def at(self, place: int, name: str = "") -> Value | None:
        """An argument by its place or its name; None where it is not there."""
        if place < len(self.placed):
            return self.placed[place]
        if name and name in self.named.items:
            return self.named.items[name]
        if name and self.named.star is not None:
            from ostiary.code.flow.containers import looked_up

            return looked_up(State({}, {}, {}), self.named, constant(name))
        return self.more

    def sent(self) -> frozenset[Given]:
        """What of the request is in the arguments."""
        return frozenset[Given]().union(*(inner_given(one) for one in self.all()))

    def all(self) -> list[Value]:
        """Every value that is given."""
        extra = [one for one in (self.named.star, self.named.rest, self.more) if one is not None]
        return [*self.placed, *self.named.items.values(), *extra]
