"""What an audience reaches by reading a model, as checks of fields and menus tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ostiary.audit.asking.facts import Reach, held_through, not_judged, reach, right_given, rule_said
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.readers import known_as
from ostiary.audit.asking.wording import model_words
from ostiary.audit.finding import Confidence, Evidence, Severity
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy

# Each company's own settings: what ties a user to their company makes none of these theirs.
SETTINGS = frozenset({"res.company", "website"})


@dataclass(frozen=True, slots=True)
class Told:
    """Which records of a model an audience reads, the right that lets it in, and how grave a check finds that."""

    label: str
    model: str
    right: AccessRight
    limit: Limit
    found: Reach
    severity: Severity = Severity.INFO

    def rated(self, severity: Severity) -> Told:
        return replace(self, severity=severity)

    def lowered(self, severity: Severity) -> Severity:
        """One step less grave where the model's Python may keep records back, or where that can't be told."""
        if self.limit is Limit.UNKNOWN:
            return min(severity, max(Severity.LOW, self.found.lowered(severity)))
        return self.found.lowered(severity)

    @property
    def confidence(self) -> Confidence:
        return Confidence.LOW if self.limit is Limit.UNKNOWN else self.found.confidence

    def evidence(self, policy: Policy) -> Iterator[Evidence]:
        """How the audience comes to read the model, and what limits the records."""
        yield from held_through(policy, known_as(self.label), self.right.group)
        yield right_given(self.right)
        yield from map(rule_said, self.found.rules)
        yield from not_judged(policy, self.model, self.found)


def told(policy: Policy, label: str, right: AccessRight, model: str) -> Told:
    """What an audience that a right lets in reads of a model: proved where a rule applies."""
    known = known_as(label)
    return Told(
        label, model, right, limit(policy, known, model, Mode.READ), reach(policy, known, model, Mode.READ)
    )


def where(policy: Policy, answers: Sequence[Told]) -> str:
    """On which records of their model: `on every record of Sales Order (sale.order)`; no more than holds for all."""
    model, limits = answers[0].model, {one.limit for one in answers}
    words = model_words(policy, model)
    if model in SETTINGS and Limit.NONE not in limits:
        return f"of their own {words}"
    if len(limits) > 1:
        return f"on records of {words}"
    return {
        Limit.NONE: f"on every record of {words}",
        Limit.COMPANY: f"on every record of {words} in their company",
        Limit.OWN: f"on their own records of {words}",
    }.get(limits.pop(), f"on records of {words}")
