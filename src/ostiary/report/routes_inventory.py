"""Inventories of what routes and methods do: which are wanted, in what order, and what rights and rules say beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from ostiary.audit.code.join import Join
from ostiary.policy import INTERNAL, Mode, Policy
from ostiary.policy.code import EntryKind
from ostiary.report.routes_reach import CALLERS, Ease, Listed, joined, listed_of, worst

Progress = Callable[[str, int, int], None]
Ask = Callable[[str, str, Mode], Join]

# More questions than this are not put to the prover for one inventory; what is left over is said to be so.
MOST_PROOFS = 1_200
_LABELS = {"internal": INTERNAL}


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All entries of one kind that were asked for. `asked` are the options that narrowed it down, in words; `proved`
    says whether proofs were asked for, `unproved` how many were not, since there were too many."""

    kind: EntryKind
    listed: tuple[Listed, ...]
    total: int
    asked: tuple[str, ...] = ()
    proved: bool = False
    unproved: int = 0

    def callers(self) -> dict[str, int]:
        """How many entries each audience is the widest for."""
        tally = Counter(one.caller for one in self.listed)
        return {who: tally[who] for who in CALLERS}

    def count(self, *eases: Ease) -> int:
        return sum(one.ease in eases for one in self.listed)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an inventory is narrowed down to: nothing said means all."""

    audience: str = ""
    models: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    changes: bool = False
    superuser: bool = False

    def said(self) -> tuple[str, ...]:
        """The same in words."""
        found = [
            f"that {self.audience} users may call" if self.audience != "public" else "that visitors may call"
        ]
        found = found if self.audience else []
        found += [f"that reach {', '.join(self.models)}"] if self.models else []
        found += [f"called {', '.join(self.paths)}"] if self.paths else []
        found += ["that change something"] if self.changes else []
        found += ["that go past access rights"] if self.superuser else []
        return tuple(found)

    def fits(self, one: Listed) -> bool:
        """Whether an entry is one of those asked for."""
        if self.changes and not one.changes:
            return False
        if self.superuser and one.ease is Ease.OWN_RIGHTS:
            return False
        if self.audience and one.caller not in _CALLED_BY[self.audience]:
            return False
        names = {each.model for each in one.entry.uses if each.model} | {one.entry.model}
        if self.models and not any(fnmatchcase(each, glob) for each in names for glob in self.models):
            return False
        called = one.entry.route.paths if one.entry.route is not None else (one.entry.method, one.entry.name)
        return not self.paths or any(fnmatchcase(each, glob) for each in called for glob in self.paths)


# What each audience may call: internal users everything, visitors only what asks for no login.
_CALLED_BY = {
    "public": ("public",),
    "portal": ("public", "portal"),
    "internal": ("public", "portal", "internal"),
}
_EVERYTHING = Wanted()


def inventory(
    policy: Policy,
    kind: EntryKind,
    *,
    wanted: Wanted = _EVERYTHING,
    ask: Ask | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """The entries of a kind, by module (methods: by model) and then worst first.

    `ask` says what rights and rules leave an audience of a model in a mode; None: they are not asked.
    """
    entries = [one for one in (policy.code.entries if policy.code is not None else ()) if one.kind is kind]
    listed = [one for one in (listed_of(policy, each) for each in entries) if wanted.fits(one)]
    unproved = 0
    if ask is not None:
        listed, unproved = _proved(policy, listed, wanted.audience, ask, progress)
    return Inventory(
        kind=kind,
        listed=tuple(sorted(listed, key=_place)),
        total=len(entries),
        asked=wanted.said(),
        proved=ask is not None,
        unproved=unproved,
    )


def _place(one: Listed) -> tuple[object, ...]:
    entry = one.entry
    widest = CALLERS.index(one.caller)
    head = entry.model if entry.kind is EntryKind.RPC else entry.module
    return (head, -one.ease, not one.changes, widest, entry.origin.path, entry.origin.line, entry.name)


# -- what the prover says -------------------------------------------------------------------------------------


def _proved(
    policy: Policy, listed: Sequence[Listed], audience: str, ask: Ask, progress: Progress | None
) -> tuple[list[Listed], int]:
    """The entries with what rights and rules say of each model they reach, the worst ones first while there is room."""
    wanted: dict[tuple[str, str, Mode], None] = {}
    for one in sorted(listed, key=lambda each: -each.ease):
        for reach in one.reaches:
            for mode in reach.modes if reach.model in policy.models else ():
                wanted.setdefault((_audience(one, audience), reach.model, mode))
    asked = dict.fromkeys(list(wanted)[:MOST_PROOFS])
    joins: dict[tuple[str, str, Mode], Join] = {}
    for done, key in enumerate(asked):
        if progress is not None:
            progress("Proving", done, len(asked))
        joins[key] = ask(*key)
    return [_joined(one, _audience(one, audience), joins) for one in listed], len(wanted) - len(asked)


def _joined(one: Listed, who: str, joins: Mapping[tuple[str, str, Mode], Join]) -> Listed:
    """An entry with what rights and rules say of what it reaches, as far as that was asked."""
    reaches = [
        joined(reach, tuple(joins[key] for mode in reach.modes if (key := (who, reach.model, mode)) in joins))
        for reach in one.reaches
    ]
    reaches.sort(key=lambda each: -each.ease)
    return msgspec.structs.replace(one, reaches=tuple(reaches), ease=worst(reaches, one.others))


def _audience(one: Listed, wanted: str) -> str:
    """Whom to ask about: the audience that was asked for, else the widest that may call the entry."""
    label = wanted or one.caller
    return _LABELS.get(label, label)
