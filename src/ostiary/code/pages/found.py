"""What going through a template finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ostiary.code.pages import who
from ostiary.policy.code import Raw, Shown

MAX_FOUND = 4_000
_MAX_UNREAD = 20


@dataclass(frozen=True, slots=True)
class Shared:
    """A template that is called with nothing that is the page's own. `plain` are the names it is given in which nothing
    can do harm, `unknown` those of which nothing is known."""

    template: str
    plain: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a template shows, itself and by those it calls. `shared` are the templates it calls that show the same on
    every page, which are gone through by themselves."""

    shown: tuple[Shown, ...] = ()
    raw: tuple[Raw, ...] = ()
    unread: tuple[str, ...] = ()
    shared: frozenset[Shared] = frozenset()
    trees: frozenset[str] = frozenset()


@dataclass(slots=True)
class Gathered:
    shown: dict[Shown, None] = field(default_factory=dict)
    raw: dict[Raw, None] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)
    shared: set[Shared] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)

    def take(self, found: Found, groups: str) -> None:
        """What a template that is called shows, to whom the place shows it that calls it."""
        for one in found.shown:
            self.shown[_for(one, groups)] = None
        self.raw.update(dict.fromkeys(found.raw))
        self.unread.update(dict.fromkeys(found.unread))
        self.shared |= found.shared
        self.trees |= found.trees

    def done(self) -> Found:
        return Found(
            tuple(self.shown)[:MAX_FOUND],
            tuple(self.raw)[:MAX_FOUND],
            tuple(self.unread)[:_MAX_UNREAD],
            frozenset(self.shared),
            frozenset(self.trees),
        )


def _for(one: Shown, groups: str) -> Shown:
    """The same, shown only to whom the groups let see it."""
    return msgspec.structs.replace(one, groups=who.joined(groups, one.groups)) if groups else one
