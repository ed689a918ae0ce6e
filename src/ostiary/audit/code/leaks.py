"""Which use of which entry leaks records, and which check says so: one finding for each leak.

An entry takes something from who calls it and uses records by it. Where nothing on the way stops those whose records
they are not, that is one leak, however many lines read the record. The most telling check says it, in the order of
`Leak`: a check that always passes, or is of another record, is named before it is said that there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from operator import itemgetter

import msgspec

from ostiary.audit.asking.facts import weight
from ostiary.audit.code.callers import (
    Caller,
    by_superuser,
    caller_at,
    files_of,
    in_a_helper_of_any,
    looks,
    passing,
    vouched,
)
from ostiary.audit.code.hanging import hung_on, names_a_record
from ostiary.audit.code.join import Join, join, mode_of
from ostiary.audit.code.rating import ANY_MODEL, confidence_of, rated
from ostiary.audit.code.telling import EVERY, page_of, shown
from ostiary.audit.finding import Confidence, Severity
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Actor, Choice, Entry, EntryKind, Guard, GuardKind, Use, UseKind
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy


class Leak(IntEnum):
    """The checks that say that records are reached by a choice of the caller's, the most telling first."""

    UNDER_SUDO = 1
    OTHER_TOKEN = 2
    PARENT = 3
    REPORT = 4
    DOMAIN = 5
    PUBLIC = 6
    ROUTE = 7
    BEFORE = 8


# Records that the caller picks out, and those that hang on them.
CHOSEN = frozenset({Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.RELATED, Choice.UNKNOWN})
_OF_RECORDS = frozenset(
    {
        UseKind.READ,
        UseKind.WRITE,
        UseKind.CREATE,
        UseKind.UNLINK,
        UseKind.CALL,
        UseKind.REPORT,
        UseKind.SEARCH,
    }
)
_CHECK = re.compile(r"check|access|assert|ensure|allow|owner|[!=]=|\bin\b")
_OF_THE_SITE = ("res.company", "website")
_LOOKS = (
    (GuardKind.UNDER_SUDO, Leak.UNDER_SUDO),
    (GuardKind.OTHER_TOKEN, Leak.OTHER_TOKEN),
    (GuardKind.PARENT, Leak.PARENT),
)


@dataclass(slots=True)
class Found:
    """One leak of an entry. `use` is the gravest use, `others` the rest of them, in the order of the code.

    `entries` are further entries that come by the same line.
    """

    leak: Leak
    entry: Entry
    use: Use
    caller: Caller
    join: Join
    severity: Severity
    confidence: Confidence
    others: list[Use] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def at(self) -> Origin:
        """The line to change, in the entry's own files where there is one.

        Where the records were got hold of, or the check that is none, or the call that led there: the latter too where
        a helper for any model gets hold of them.
        """
        useless = looks(self.use, GuardKind.UNDER_SUDO) if self.leak is Leak.UNDER_SUDO else None
        if useless:
            return useless.origin
        here = files_of(self.entry)
        if in_a_helper_of_any(self.entry, self.use):
            return self.use.steps[0].origin if self.use.steps else self.use.origin
        way = (self.use.chosen_at, self.use.origin, *(one.origin for one in reversed(self.use.steps)))
        return next((one for one in way if one is not None and one.path in here), self.entry.origin)


def leaks(policy: Policy) -> tuple[Found, ...]:
    """Every leak of records that a caller chooses, each said once; none where code was not read."""
    return remembered(policy, ("audit leaks",), lambda: tuple(_leaks(policy)))


def _leaks(policy: Policy) -> Iterator[Found]:
    merged: dict[tuple[Leak, Origin, str], Found] = {}
    for entry in policy.code.entries if policy.code else ():
        for one in _of_entry(policy, entry):
            known = merged.setdefault((one.leak, one.at, one.use.model), one)
            if known is one:
                continue
            if (one.severity, one.confidence) > (known.severity, known.confidence):
                one.entries = [known.entry, *known.entries]
                merged[one.leak, one.at, one.use.model] = one
            else:
                known.entries.append(entry)
    yield from merged.values()


def _of_entry(policy: Policy, entry: Entry) -> list[Found]:
    """The leaks of one entry: uses of what the same values of the caller's choose are one."""
    groups: dict[tuple[str, ...], list[tuple[Leak, Use]]] = {}
    for use in _opened_up(policy, entry):
        leak = _leak(policy, entry, use)
        if leak is not None:
            groups.setdefault(_chosen_by(use), []).append((leak, use))
    found = [one for group in groups.values() for one in _of_group(policy, entry, group)]
    return sorted(found, key=lambda one: (one.at.path, one.at.line))


def _of_group(policy: Policy, entry: Entry, group: list[tuple[Leak, Use]]) -> Iterator[Found]:
    """The leak of some uses, and the check that always passes where another leak of them is graver: it stands there
    to be mended, whatever is done before it."""
    found = _found(policy, entry, group)
    if found is None:
        return
    yield found
    fooled = [one for one in group if one[0] is Leak.UNDER_SUDO]
    if fooled and found.leak is not Leak.UNDER_SUDO:
        besides = _found(policy, entry, fooled)
        if besides is not None:
            yield besides


def _chosen_by(use: Use) -> tuple[str, ...]:
    """What chose the records; where that is nothing of the caller's, the model."""
    return tuple(sorted(map(str, use.given))) or (use.model,)


def _opened_up(policy: Policy, entry: Entry) -> Iterator[Use]:
    """The uses of an entry; of a record that a page is given whole, with the fields that the page shows."""
    pages = {use.origin: use for use in entry.uses if use.kind is UseKind.RENDER}
    for use in entry.uses:
        page = pages.get(use.origin)
        if use.kind is UseKind.READ and page is not None and not use.fields:
            yield msgspec.structs.replace(use, fields=_on_page(policy, page, use))
        elif use.kind in _OF_RECORDS:
            yield use


def _on_page(policy: Policy, page: Use, use: Use) -> tuple[str, ...]:
    """The fields that a page shows of records; nothing where that is not known."""
    model = policy.models.get(use.model)
    if model is None or model.unresolved or model.partial:
        return ()
    names = [
        one.name
        for one in page.values
        if (one.model, one.actor, one.choice, one.given) == (use.model, use.actor, use.choice, use.given)
    ]
    known = page_of(policy, page.template)
    fields = [shown(known, name) for name in names]
    return tuple(dict.fromkeys(name for some in fields for name in some)) if all(fields) else ()


def _leak(policy: Policy, entry: Entry, use: Use) -> Leak | None:
    """Which check a use is for; None where it is for none."""
    if use.kind not in _OF_RECORDS or passing(policy, entry, use):
        return None
    if use.kind is UseKind.SEARCH and use.choice is not Choice.CALLER_DOMAIN:
        return None  # what is read of the records is told
    if entry.kind is EntryKind.RPC:
        return _of_method(use)
    if use.kind is UseKind.CREATE:
        return _of_creation(policy, entry, use)
    if use.choice is Choice.ALL:
        return _of_all(entry, use)
    if use.choice not in CHOSEN or not use.given or not (use.model or _at_hand(entry, use)):
        return None
    if not by_superuser(use):
        return _of_the_caller(entry, use)
    if len(use.given) > 1 and any(names_a_record(one) and vouched(policy, entry, one) for one in use.given):
        return None  # found by its own id and by that of another record, which is asked for
    return _by_looks(policy, use) or _of_superuser(entry, use)


def _at_hand(entry: Entry, use: Use) -> bool:
    """Whether records whose model could not be told are at least picked out by the entry itself."""
    return use.choice is Choice.CALLER_ID and (use.chosen_at or use.origin).path in files_of(entry)


def _by_looks(policy: Policy, use: Use) -> Leak | None:
    """What only looks like a check."""
    for kind, leak in _LOOKS:
        for one in use.looks:
            if one.kind is kind and _misleads(policy, use, one):
                return leak
    return None


def _misleads(policy: Policy, use: Use, look: Guard) -> bool:
    """Whether somebody who reads the code may take it for a check of these records.

    A check of the superuser's record is one where the record was got hold of in the same file; in a method of a model
    it is written for all who call it. The site, the company and the like are
    nobody's record, and to read a field of another record is no check of anything.
    """
    if look.kind is GuardKind.UNDER_SUDO:
        return use.chosen_at is None or look.origin.path == use.chosen_at.path
    if (
        not look.model
        or look.model in (use.model, *_OF_THE_SITE)
        or weight(policy, look.model) is Weight.REFERENCE
    ):
        return False
    return look.kind is not GuardKind.PARENT or bool(_CHECK.search(look.text))


def _of_method(use: Use) -> Leak | None:
    """Of a method over RPC only a check that always passes is told here: others tell what it does without one."""
    if use.choice is not Choice.SELF or not by_superuser(use) or not looks(use, GuardKind.UNDER_SUDO):
        return None
    return Leak.UNDER_SUDO


def _of_the_caller(entry: Entry, use: Use) -> Leak | None:
    if use.choice is Choice.RELATED or use.kind is UseKind.SEARCH or use.model == ANY_MODEL:
        return None
    if entry.route is not None and entry.route.auth == "none":
        return None  # without a user there is nobody whose rights would count
    return Leak.REPORT if use.kind is UseKind.REPORT else Leak.ROUTE


def _of_superuser(entry: Entry, use: Use) -> Leak | None:
    if (
        use.choice is Choice.CALLER_DOMAIN
        or use.model == ANY_MODEL
        or (EVERY in use.fields and not use.mutates)
    ):
        return Leak.DOMAIN
    if use.kind is UseKind.REPORT:
        return Leak.REPORT
    return Leak.BEFORE if looks(use, GuardKind.LATER) else _without(entry, use)


def _of_all(entry: Entry, use: Use) -> Leak | None:
    """Records of everybody, read as superuser."""
    here = (use.chosen_at or use.origin).path in files_of(entry)
    return _without(entry, use) if here and by_superuser(use) and use.kind is UseKind.READ else None


def _of_creation(policy: Policy, entry: Entry, use: Use) -> Leak | None:
    """A record created as superuser that hangs on one of the caller's choice."""
    if not by_superuser(use) or hung_on(policy, use) is None or use.origin.path not in files_of(entry):
        return None
    if any(vouched(policy, entry, one) for one in use.written if names_a_record(one)):
        return None
    return _by_looks(policy, use) or _without(entry, use)


def _without(entry: Entry, use: Use) -> Leak:
    return Leak.PUBLIC if caller_at(entry, use).label == "public" else Leak.ROUTE


def _found(policy: Policy, entry: Entry, group: list[tuple[Leak, Use]]) -> Found | None:
    """What is said of a leak; None where nothing is worth saying of any of its uses.

    The gravest use is told, and of those the one of the most telling check.
    """
    told: list[tuple[tuple[Severity, Confidence, int, bool], Leak, Use, str]] = []
    for leak, use in group:
        for label in _labels(caller_at(entry, use), use):
            severity = rated(policy, entry, use, label, before=leak is Leak.BEFORE)
            if severity is not None:
                sure = confidence_of(policy, entry, use, label)
                order = (severity, sure, -leak, use.choice is not Choice.RELATED)
                told.append((order, leak, use, label))
    if not told:
        return None
    (severity, sure, *_), leak, use, label = max(told, key=itemgetter(0))
    return Found(
        leak=leak,
        entry=entry,
        use=use,
        caller=caller_at(entry, use),
        join=join(policy, label, use.model, mode_of(use)),
        severity=severity,
        confidence=sure,
        others=[one for _, one in group if one is not use],
    )


def _labels(caller: Caller, use: Use) -> tuple[str, ...]:
    """Whose rights are asked about: as the caller those of portal users count on a public route too."""
    return ("portal", "public") if caller.label == "public" and use.actor is Actor.CALLER else (caller.label,)
