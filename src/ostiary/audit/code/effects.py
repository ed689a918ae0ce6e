"""What an entry does as superuser while nobody has asked yet whether its caller may.

Reading a field, or writing one, is refused to who may not: such a refusal is a check that nobody wrote, and comes when
it comes. What was done before is undone only as far as a transaction goes, and only as long as the line stays there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import is_transient, may, reach, weight
from ostiary.audit.code.callers import by_superuser, explicit, files_of, passing
from ostiary.audit.code.changes import is_log
from ostiary.audit.code.join import mode_of
from ostiary.audit.code.telling import counts_only
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Actor, Choice, Entry, EntryKind, GuardKind, Use, UseKind
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

# What they call at the end asks for itself, by all that was given to them.
_CRUD = frozenset(
    {"create", "write", "unlink", "copy", "read", "toggle_active", "action_archive", "action_unarchive"}
)
# Logs and the like, that any method writes: what happened on a record is no effect of its own.
_LOGS = ("mail.", "bus.", "ir.logging", "discuss.")
# What leaves the database, and is not undone with the transaction.
_LEAVES = re.compile(r"(?:^|_)(?:send|transmit|push|upload|notify_provider|capture|charge|refund)(?:_|$)")
_INHERITED = re.compile(r"\bsuper\(")


@dataclass(frozen=True, slots=True)
class Effect:
    """Something done as superuser, `use`, before `later`: the use with the caller's rights that would be refused.

    `read` says that a field was read as the caller before, so that they may at least read the record. It is then only
    told where what is done is `lasting`, or where the refusal is left to what a method overrides: what the same method
    refuses by itself is taken back with the transaction.
    """

    entry: Entry
    use: Use
    later: Use
    read: bool

    @property
    def lasting(self) -> bool:
        """Whether what is done leaves the database."""
        return _is_lasting(self.use)


def effects(policy: Policy) -> tuple[Effect, ...]:
    """The first such effect of each entry; none where code was not read."""
    return remembered(policy, ("audit effects",), lambda: tuple(_effects(policy)))


def _effects(policy: Policy) -> Iterator[Effect]:
    for entry in policy.code.entries if policy.code else ():
        if (
            entry.static
            or entry.method in _CRUD
            or is_transient(policy, entry.model)
            or _without_records(policy, entry.model)
            or (entry.route is not None and entry.route.auth == "none")
        ):
            continue
        found = _first(policy, entry)
        if found is not None:
            yield found


def _first(policy: Policy, entry: Entry) -> Effect | None:
    asked: set[str] = set()
    for place, use in enumerate(entry.uses):
        if _refused(entry, use):
            asked.add(mode_of(use).value)
        elif _is_effect(policy, entry, use) and not asked - {"read"}:
            asked_before = frozenset(asked) | {"read" for one in use.guards if not explicit(one)}
            for later in entry.uses[place + 1 :]:
                known = asked_before | ({"read"} if _read_before(entry, use, later) else frozenset())
                if "read" in known and not _is_lasting(use) and not _left_to_super(later):
                    continue
                new = _refused(entry, later) and mode_of(later).value not in known
                if new and later.model == use.model and later.given == use.given:
                    continue  # another way with the same record
                if new and _asked_before(later, use):
                    break
                if new and _holds_back(policy, later, known):
                    return Effect(entry, use, later, read="read" in known)
    return None


def _read_before(entry: Entry, use: Use, later: Use) -> bool:
    """Whether a field of the caller's record is read before a use, or for what is given to it."""
    here = files_of(entry)
    at = next(
        (one for one in (*(step.origin for step in use.steps), use.origin) if one.path in here), use.origin
    )
    # What is given to a call of many lines stands below its first.
    below = len(use.fields) + 1 if use.text.endswith("…") else 0
    return any(
        not explicit(one)
        and one.origin.path == at.path
        and (one.origin.line <= at.line + below or one.text in use.text)
        for one in later.guards
        if one.origin != later.origin or one.text in use.text
    )


def _left_to_super(later: Use) -> bool:
    """Whether a use stands in what a method overrides, which may be another one tomorrow."""
    return any(_INHERITED.search(step.text) for step in later.steps)


def _is_lasting(use: Use) -> bool:
    return use.kind is UseKind.CALL and _LEAVES.search(use.method) is not None


def _without_records(policy: Policy, model: str) -> bool:
    """Whether there are no records to call a method on, or it is not known whether there are."""
    known = policy.models.get(model)
    return bool(model) and (known is None or known.unresolved or known.kind is Kind.ABSTRACT)


def _asked_before(later: Use, use: Use) -> bool:
    """Whether a check that somebody wrote of the caller's record stands before a use."""
    return any(
        explicit(one) and (one.origin.path != use.origin.path or one.origin.line <= use.origin.line)
        for one in later.guards
    )


def _refused(entry: Entry, use: Use) -> bool:
    """Whether a use is of the records that the caller chose, with their own rights: it is refused to who may not."""
    if use.actor is not Actor.CALLER or use.kind in (UseKind.SEARCH, UseKind.CREATE, UseKind.CALL):
        return False
    if entry.kind is EntryKind.RPC:
        return use.choice is Choice.SELF
    return use.choice is Choice.CALLER_ID and use.kind in (UseKind.READ, UseKind.WRITE, UseKind.UNLINK)


def _is_effect(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether something is changed as superuser that is worth a check, and nothing was asked that somebody wrote."""
    if not use.mutates or not by_superuser(use) or use.actor is Actor.OTHER or not use.certain:
        return False
    if use.origin.path not in files_of(entry):
        return False
    if use.choice in (Choice.OWN, Choice.SESSION, Choice.TOKEN) or use.model.startswith(_LOGS) or is_log(use):
        return False
    if counts_only(policy, use):
        return False
    if any(explicit(one) for one in passing(policy, entry, use)) or any(
        one.kind in (GuardKind.HELPER, GuardKind.STATE) for one in use.looks
    ):
        return False
    return weight(policy, use.model) >= Weight.BUSINESS


def _holds_back(policy: Policy, use: Use, known: frozenset[str]) -> bool:
    """Whether the later use is refused to somebody who got as far: who may read, where a field was read before."""
    mode = mode_of(use)
    for label in (INTERNAL, "portal"):
        if "read" in known and not may(policy, label, use.model, Mode.READ):
            continue
        if not may(policy, label, use.model, mode) or reach(policy, label, use.model, mode).truth is not True:
            return True
    return False
