"""What one route or method reaches: its uses put together that say the same, with the least in their way first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from ostiary.audit.code import callers
from ostiary.audit.code.join import Join, Standing, mode_of
from ostiary.policy import MODES, Mode, Policy
from ostiary.policy.code import Actor, Choice, Entry, Given, Guard, GuardKind, Use, UseKind
from ostiary.policy.concerned import audited
from ostiary.policy.origin import Origin

# Who calls, the widest audience first.
CALLERS = ("public", "portal", "internal")
_RECORDS = frozenset({
    UseKind.READ, UseKind.SEARCH, UseKind.WRITE, UseKind.CREATE, UseKind.UNLINK, UseKind.CALL, UseKind.REPORT,
})  # fmt: skip
_TOUCHING = _RECORDS | {UseKind.SQL, UseKind.EVAL}
CHOSEN = frozenset({Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.SELF})
# In which order ways of choosing are said: those that leave the caller the most to choose first.
_CHOICES = (
    Choice.CALLER_ID,
    Choice.CALLER_DOMAIN,
    Choice.SELF,
    Choice.UNKNOWN,
    Choice.RELATED,
    Choice.ALL,
    Choice.CONVERTER,
    Choice.TOKEN,
    Choice.SESSION,
    Choice.OWN,
    Choice.FIXED,
    Choice.NEW,
)


class Ease(IntEnum):
    """How little stands between the caller and what an entry reaches; the greatest first in a list.

    It is an order to read in, and no verdict: that is for the checks of an audit.
    """

    OWN_RIGHTS = 0
    """Only with the caller's own rights, or nothing at all."""
    PAST_RIGHTS = 1
    """As superuser, on records that the caller does not choose."""
    LET_PASS = 2
    """As superuser, on records that the caller chooses, and something lets only some pass."""
    NOT_FOLLOWED = 3
    """As superuser, and which records or what checks them was not followed to the end."""
    UNCHECKED = 4
    """As superuser, on records that the caller chooses, and nothing that was read checks it."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Uses of an entry that say the same of one model.

    `choices` are the ways in which its records are chosen. `modes` are what rights and rules would be asked for,
    `joins` what these leave the caller, as far as it was asked.
    """

    model: str
    kinds: tuple[UseKind, ...]
    actor: Actor
    choices: tuple[Choice, ...]
    origin: Origin
    given: tuple[Given, ...] = ()
    guards: tuple[Guard, ...] = ()
    looks: tuple[Guard, ...] = ()
    methods: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    certain: bool = True
    ease: Ease = Ease.OWN_RIGHTS
    modes: tuple[Mode, ...] = ()
    joins: tuple[Join, ...] = ()


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with what it reaches. `caller` is the widest audience that may call it, `others` what else it does:
    queries, code that is run, pages, redirects. `beyond` are the uses in code of modules that were read because others
    depend on them, on records that this code got hold of itself: they are named, and not gone into.
    """

    entry: Entry
    caller: str
    reaches: tuple[Reach, ...]
    others: tuple[Use, ...]
    beyond: tuple[Use, ...]
    ease: Ease

    @property
    def changes(self) -> bool:
        """Whether it changes something, or may."""
        return any(one.mutates for one in self.entry.uses)


def listed_of(policy: Policy, entry: Entry) -> Listed:
    """An entry with its uses put together; of what guards them, only what would stop somebody counts."""
    uses = [
        msgspec.structs.replace(use, guards=callers.passing(policy, entry, use))
        if use.guards or use.looks
        else use
        for use in entry.uses
    ]
    near = _without_looking([use for use in uses if _near(policy, use)])
    alike: dict[tuple[object, ...], list[Use]] = {}
    for use in near:
        if use.kind in _RECORDS:
            alike.setdefault(_said_alike(use), []).append(use)
    reaches = sorted(map(_reach, alike.values()), key=lambda one: -one.ease)
    others = tuple(_once(use for use in near if use.kind not in _RECORDS))
    return Listed(
        entry=entry,
        caller=_caller(entry, uses),
        reaches=tuple(reaches),
        others=others,
        beyond=tuple(use for use in uses if not _near(policy, use) and use.kind in _TOUCHING),
        ease=worst(reaches, others),
    )


def worst(reaches: Iterable[Reach], others: Iterable[Use]) -> Ease:
    """The greatest ease of what an entry does."""
    eases = (*(one.ease for one in reaches), *map(ease_of_other, others))
    return Ease(max(eases, default=Ease.OWN_RIGHTS))


def joined(reach: Reach, joins: tuple[Join, ...]) -> Reach:
    """A reach with what rights and rules leave: past rights that would let the caller at all of it goes nobody."""
    open_anyway = bool(joins) and all(one.standing is Standing.OPEN for one in joins)
    ease = Ease.PAST_RIGHTS if open_anyway and reach.ease > Ease.PAST_RIGHTS else reach.ease
    return msgspec.structs.replace(reach, joins=joins, ease=ease)


def _near(policy: Policy, use: Use) -> bool:
    """Whether the code of an audited module does it, or got hold of the records that it is done to."""
    at = use.chosen_at
    return audited(policy, use.origin.module) or (at is not None and audited(policy, at.module))


def _without_looking(uses: Sequence[Use]) -> list[Use]:
    """The uses without those that only look for records to which something else is done as well."""
    done = {_same_records(use) for use in uses if use.kind in _RECORDS and use.kind is not UseKind.SEARCH}
    return [use for use in uses if use.kind is not UseKind.SEARCH or _same_records(use) not in done]


def _same_records(use: Use) -> tuple[object, ...]:
    return (use.model, use.actor, use.choice, use.given)


def _said_alike(use: Use) -> tuple[object, ...]:
    """What uses have in common that are said in one breath.

    What lets the caller pass only matters past access rights, and of what they choose.
    """
    ease = ease_of(use)
    if ease in (Ease.OWN_RIGHTS, Ease.PAST_RIGHTS):
        return (use.model, use.actor, ease)
    return (use.model, use.actor, ease, use.certain, _kinds(use.guards), _kinds(use.looks))


def _caller(entry: Entry, uses: Sequence[Use]) -> str:
    """The widest audience that gets at anything: `public`, `portal` (with a login) or `internal` (who holds a group).

    `uses` are judged: a group that everybody holds who may call is no guard of theirs.
    """
    touching = [(was, now) for was, now in zip(entry.uses, uses, strict=True) if now.kind in _TOUCHING]
    if touching and all(any(each.kind is GuardKind.GROUP for each in now.guards) for _, now in touching):
        return "internal"
    labels = {callers.caller_at(entry, was).label for was, _ in touching} or {callers.caller_of(entry).label}
    return min(labels, key=CALLERS.index)


def _kinds(guards: Iterable[Guard]) -> tuple[str, ...]:
    return tuple(sorted({one.kind.value for one in guards if one.kind is not GuardKind.ENTERED}))


def _once(uses: Iterable[Use]) -> list[Use]:
    """Other uses, those that say the same once."""
    found: dict[tuple[object, ...], Use] = {}
    for one in uses:
        said = (one.kind, one.template, one.built, one.local, one.safe, one.written, _kinds(one.guards))
        found.setdefault(said if one.kind is not UseKind.SQL else (*said, one.text), one)
    return sorted(found.values(), key=lambda one: (-ease_of_other(one), one.kind.value))


def _reach(uses: Sequence[Use]) -> Reach:
    first = min(uses, key=lambda one: _CHOICES.index(one.choice))
    kinds = tuple(dict.fromkeys(one.kind for one in uses))
    return Reach(
        model=first.model,
        kinds=kinds,
        actor=first.actor,
        choices=tuple(sorted({one.choice for one in uses}, key=_CHOICES.index)),
        origin=first.origin,
        given=tuple(dict.fromkeys(each for one in uses for each in one.given)),
        guards=_guards(each for one in uses for each in one.guards),
        looks=_guards(each for one in uses for each in one.looks if each.kind is not GuardKind.ENTERED),
        methods=tuple(sorted({one.method for one in uses if one.kind is UseKind.CALL and one.method})),
        fields=tuple(sorted({each for one in uses for each in one.fields})),
        parents=tuple(sorted({one.parent for one in uses if one.parent and one.choice is Choice.RELATED})),
        certain=all(one.certain for one in uses),
        ease=max(map(ease_of, uses)),
        modes=tuple(mode for mode in MODES if mode in set(map(mode_of, uses))),
    )


def _guards(guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """One guard of each sort."""
    found: dict[tuple[str, str, str], Guard] = {}
    for one in guards:
        found.setdefault((one.kind.value, one.model, one.text if one.kind is GuardKind.GROUP else ""), one)
    return tuple(found.values())


def ease_of(use: Use) -> Ease:
    """How little stands between the caller and the records of a use."""
    if not callers.by_superuser(use):
        return Ease.OWN_RIGHTS
    chosen = use.choice in CHOSEN or (use.choice is Choice.RELATED and bool(use.given))
    if not chosen and use.choice is not Choice.UNKNOWN:
        return Ease.PAST_RIGHTS
    if use.kind is UseKind.SEARCH and use.choice is not Choice.CALLER_DOMAIN:
        return Ease.PAST_RIGHTS  # what is done with what was found is a use of its own
    if use.guards:
        return Ease.LET_PASS
    if use.certain and chosen and all(one.kind is not GuardKind.HELPER for one in use.looks):
        return Ease.UNCHECKED
    return Ease.NOT_FOLLOWED


def ease_of_other(use: Use) -> Ease:
    """The same of a query, or of code that is run."""
    if use.kind is UseKind.EVAL or (use.kind is UseKind.SQL and use.built == "interpolated"):
        if not use.written and not use.given:
            return Ease.PAST_RIGHTS
        return Ease.LET_PASS if use.guards else Ease.UNCHECKED if use.certain else Ease.NOT_FOLLOWED
    return Ease.PAST_RIGHTS if use.kind is UseKind.SQL else Ease.OWN_RIGHTS
