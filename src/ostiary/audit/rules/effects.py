"""What one access right or record rule does: for whom it makes the records they reach more, fewer or others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import msgspec

from ostiary.audit.asking.facts import is_transient
from ostiary.audit.asking.wording import audience_words, sentence, verbs
from ostiary.audit.finding import Severity
from ostiary.audit.rules.openings import held_by
from ostiary.audit.weighing.severity import severity
from ostiary.domain import And, Domain, Or, canonical, truth
from ostiary.policy.audience import share_groups
from ostiary.policy.definitions import MODES, AccessRight, Mode, RecordRule
from ostiary.policy.effective import effective, relevant_groups
from ostiary.policy.groups import user_type_conflict
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.policy.subject import Subject

Item = AccessRight | RecordRule
_LABELS = {PORTAL: "portal", PUBLIC: "public", INTERNAL: "internal"}
_DEEPEST = 20
_NAMED = 3


class Change(IntEnum):
    """What becomes of the records somebody reaches; `OTHER` where it can't be told which are more."""

    NARROWER = 1
    OTHER = 2
    WIDER = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """A change for some audiences, in the modes it holds for.

    `every` says that all records are reached now, `none` that none were before (or, where it is narrower, that
    none are now).
    """

    labels: tuple[str, ...]
    share: bool
    change: Change
    modes: tuple[Mode, ...]
    every: bool = False
    none: bool = False

    def severity(self, policy: Policy, model: str) -> Severity:
        """How grave the change is, for a model's records."""
        if self.change is Change.NARROWER:
            return Severity.INFO
        writes = any(mode is not Mode.READ for mode in self.modes)
        labels = self.labels if self.share else ("internal",)
        found = max(severity(policy, label, model, mode) for label in labels for mode in self.modes)
        if writes and self.share:
            found = max(found, Severity.HIGH)
        elif writes:
            found = max(found, Severity.MEDIUM)
        if self.change is Change.OTHER:
            found = min(found, Severity.MEDIUM if self.share else Severity.LOW)
        return Severity.LOW if is_transient(policy, model) else max(found, Severity.LOW)

    def words(self, model: str) -> str:
        """The change as a sentence without its full stop."""
        whom, done = sentence(_whom(self.labels)), verbs(self.modes)
        if self.change is Change.OTHER and not self.every and not self.none:
            return f"Other conditions decide which records of {model} {_whom(self.labels)} may {done}"
        if self.change is Change.NARROWER:
            return f"{whom} may no longer {done} {'any' if self.none else 'some'} records of {model}"
        if self.every:
            return f"{whom} may now {done} every record of {model}{', and none before' if self.none else ''}"
        if self.none:
            return f"{whom} may now {done} records of {model}, and none before"
        return f"{whom} may now {done} more records of {model}"


def without(policy: Policy, item: Item) -> Policy:
    """The policy as it would be without a definition."""
    return _replaced(policy, item, None)


def instead(policy: Policy, item: Item | None, other: Item) -> Policy:
    """The policy with another definition in place of one; added where there is none."""
    return _replaced(policy, item, other)


def _replaced(policy: Policy, item: Item | None, other: Item | None) -> Policy:
    either = item or other
    if isinstance(either, AccessRight):
        rights = [right for right in policy.rights if right is not item]
        return msgspec.structs.replace(
            policy, rights=[*rights, other] if isinstance(other, AccessRight) else rights
        )
    rules = [rule for rule in policy.rules if rule is not item]
    return msgspec.structs.replace(policy, rules=[*rules, other] if isinstance(other, RecordRule) else rules)


def effects(before: Policy, after: Policy, items: Iterable[Item]) -> tuple[Effect, ...]:
    """What changes between two policies that differ in these definitions of one model, gravest first."""
    items = tuple(items)
    model = items[0].model
    modes = [mode for mode in MODES if any(mode in item.modes for item in items)]
    found: dict[tuple[bool, Change, tuple[Mode, ...], bool, bool], list[str]] = {}
    for group in _groups(before, after, items):
        subject = Subject(name=group, groups=held_by(after, group))
        share = INTERNAL not in subject.groups
        for (change, every, none), where in _changes(before, after, subject, model, modes).items():
            found.setdefault((share, change, tuple(where), every, none), []).append(group)
    merged = [Effect(_labels(after, groups), *key) for key, groups in found.items()]
    return tuple(
        sorted(
            merged, key=lambda one: (-one.severity(after, model).rank, -one.change, not one.share, one.labels)
        )
    )


def _changes(
    before: Policy, after: Policy, subject: Subject, model: str, modes: Iterable[Mode]
) -> dict[tuple[Change, bool, bool], list[Mode]]:
    changes: dict[tuple[Change, bool, bool], list[Mode]] = {}
    for mode in modes:
        was = effective(before, subject, model, mode).domain
        now = effective(after, subject, model, mode).domain
        change = compared(was, now)
        if change is not None:
            none = truth(now if change is Change.NARROWER else was) is False
            changes.setdefault((change, truth(now) is True, none), []).append(mode)
    return changes


def _groups(before: Policy, after: Policy, items: Iterable[Item]) -> tuple[str, ...]:
    """Who may be concerned: the user types, the share groups, and every group that the model's definitions name."""
    named: dict[str, None] = dict.fromkeys((PORTAL, PUBLIC, INTERNAL, *share_groups(after)))
    for item in items:
        for policy in (before, after):
            for mode in MODES:
                named |= dict.fromkeys(sorted(relevant_groups(policy, item.model, mode)))
    return tuple(group for group in named if not user_type_conflict(held_by(after, group)))


def _labels(policy: Policy, groups: list[str]) -> tuple[str, ...]:
    """The audiences in the fewest words: a group that another one brings with it stands for both."""
    kept = [
        group
        for group in groups
        if not any(
            other in held_by(policy, group) and (group not in held_by(policy, other) or other < group)
            for other in groups
            if other != group
        )
    ]
    return tuple(_LABELS.get(group, group) for group in kept)


def _whom(labels: tuple[str, ...]) -> str:
    more = len(labels) - _NAMED
    if more <= 0:
        return audience_words(labels)
    return f"{', '.join(audience_words((one,)) for one in labels[:_NAMED])} and {more} more groups"


def compared(was: Domain, now: Domain) -> Change | None:
    """Whether a domain accepts more records than another, or fewer; None where they are the same."""
    return _compared(canonical(was), canonical(now), _DEEPEST)


def _compared(was: Domain, now: Domain, depth: int) -> Change | None:
    if was == now:
        return None
    if truth(was) is False or truth(now) is True:
        return Change.WIDER
    if truth(was) is True or truth(now) is False:
        return Change.NARROWER
    for kind, fewer in ((And, Change.NARROWER), (Or, Change.WIDER)):
        if not isinstance(was, kind) and not isinstance(now, kind):
            continue
        lost, gained = _apart(_parts(was, kind), _parts(now, kind))
        if not lost:
            return fewer
        if not gained:
            return Change.WIDER if fewer is Change.NARROWER else Change.NARROWER
        if len(lost) == len(gained) == 1 and depth and (lost[0] != was or gained[0] != now):
            return _compared(lost[0], gained[0], depth - 1)
    return Change.OTHER


def _parts(domain: Domain, kind: type[And] | type[Or]) -> tuple[Domain, ...]:
    return domain.items if isinstance(domain, kind) else (domain,)


def _apart(was: tuple[Domain, ...], now: tuple[Domain, ...]) -> tuple[list[Domain], list[Domain]]:
    return [part for part in was if part not in now], [part for part in now if part not in was]
