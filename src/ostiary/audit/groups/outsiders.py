"""Share users in data: which of their groups let them do more than others of their type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.wording import at_most, enumerated, model_words, verbs
from ostiary.audit.finding import Evidence, Severity
from ostiary.audit.groups.users import Gain, gain, gravity_of
from ostiary.policy.definitions import GroupLink, User
from ostiary.policy.groups import closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_TYPES = {PORTAL: "portal", PUBLIC: "public"}
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Extra:
    """A group beside a share user type, and what it lets a user of that type do."""

    type: str
    link: GroupLink
    gain: Gain

    @property
    def label(self) -> str:
        return _TYPES[self.type]

    def severity(self, policy: Policy) -> Severity:
        """As grave as its gravest part; what visitors may do is a step graver than what customers may."""
        found = gravity_of(policy, self.gain)
        if self.type == PUBLIC and found in (Severity.MEDIUM, Severity.HIGH):
            return {Severity.MEDIUM: Severity.HIGH, Severity.HIGH: Severity.CRITICAL}[found]
        return found


def extras(policy: Policy, user: User) -> Iterator[Extra]:
    """The groups of a user with a share type that let them do more than the type does, internal ones left out."""
    held = closure(policy, (link.group for link in user.groups))
    kind = next((name for name in _TYPES if name in held), None)
    if kind is None or INTERNAL in held:
        return
    for link in user.groups:
        yield from extra(policy, kind, link)


def extra(policy: Policy, kind: str, link: GroupLink) -> Iterator[Extra]:
    """What one group brings beside a share user type; nothing where that is nothing."""
    brought = closure(policy, (link.group,))
    if kind in brought or INTERNAL in brought:
        return
    found = gain(policy, brought | closure(policy, (kind,)))
    if found:
        yield Extra(kind, link, found)


def effect(found: Gain) -> str:
    """What it lets them do, as the end of a sentence."""
    said = []
    if found.opened:
        said.append("may " + at_most([f"{verbs(modes)} {model}" for model, modes in found.opened], 3))
    if found.widened:
        said.append("reach other records of " + at_most([model for model, _ in found.widened], 3))
    if found.fields:
        said.append("see " + at_most(found.fields, 3))
    return enumerated(said)


def shown(policy: Policy, found: Gain) -> Iterator[Evidence]:
    """What it lets them do, step by step."""
    for model, modes in found.opened[:_SHOWN]:
        yield Evidence(f"may {verbs(modes)} {model_words(policy, model)}, which others of that type may not")
    for model, modes in found.widened[:_SHOWN]:
        yield Evidence(
            f"may {verbs(modes)} other records of {model_words(policy, model)} than others of that type"
        )
    if more := max(len(found.opened) - _SHOWN, 0) + max(len(found.widened) - _SHOWN, 0):
        yield Evidence(f"and so for {more} more models")
    if found.fields:
        yield Evidence(f"sees {at_most(found.fields)}, hidden from others of that type")
