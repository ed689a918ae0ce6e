"""What somebody who decides has to know: who reaches what, the worst first, what to do first, what is not known."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from ostiary.audit import AuditResult, Confidence, Finding, Severity
from ostiary.report import words
from ostiary.report.cards import Card, Grade
from ostiary.report.text import enumerated, fix_parts, line, name, plural

MOST_STEPS = 5
MOST_WORST = 3
# A line of code that is longer is left to the finding.
_CODE = 120
# Up to how many modules are named.
_NAMED = 6
_SENTENCE = re.compile(r"(?<=[.;:])\s+(?=[A-Z`“])")


class Concern(msgspec.Struct, frozen=True):
    """An audience: how many findings of each severity concern it, and the gravest of those that matter.

    What is said of a wider audience already is not said again: `again` counts those findings, `more` those that matter
    and are neither.
    """

    audience: str
    counts: dict[Severity, int]
    total: int
    worst: tuple[Card, ...]
    again: int
    more: int

    @property
    def minor(self) -> bool:
        """Whether nothing that concerns this audience matters much."""
        return not (self.worst or self.again or self.more)


class Step(msgspec.Struct, frozen=True):
    """Something to do: a card, and the first sentence of how to mend it."""

    card: Card
    todo: str


class Brief(msgspec.Struct, frozen=True):
    """The summary: sentences, whom it concerns, what to do first, and what could not be judged."""

    verdict: str
    extent: str
    concerns: tuple[Concern, ...]
    steps: tuple[Step, ...]
    more_steps: int
    unjudged: tuple[str, ...]


def build(result: AuditResult, graded: Sequence[Grade], least: Severity | None = None) -> Brief:
    """The summary of an audit. `least` is the severity below which findings were left out."""
    cards = [card for grade in graded for card in grade.cards if card.severity >= Severity.MEDIUM]
    return Brief(
        words.verdict(result, least),
        _extent(result),
        tuple(_concerns(result.findings, cards)),
        tuple(Step(card, _todo(card)) for card in cards[:MOST_STEPS]),
        max(len(cards) - MOST_STEPS, 0),
        tuple(unjudged(result)),
    )


def unjudged(result: AuditResult) -> list[str]:
    """What could not be read or not be decided, a sentence each."""
    said = words.unread_phrases(result)
    low = sum(each.confidence is Confidence.LOW for each in result.findings)
    if low:
        verb = "rests" if low == 1 else "rest"
        said.append(
            f"{plural(low, 'finding')} {verb} on something that was not, or could not be, read: low confidence."
        )
    unproved = sum(each.proof is not None and bool(each.proof.unknown) for each in result.findings)
    if unproved:
        said.append(
            f"Of {plural(unproved, 'finding')} the proof was not complete; each says what stood in its way."
        )
    return said


def _extent(result: AuditResult) -> str:
    """How much was audited, and where what matters is: `12 modules were audited; 1 of them has findings … : a`."""
    read = result.summary.modules
    grave = [each for each in result.findings if each.severity >= Severity.MEDIUM]
    modules = sorted({each.module for each in grave if each.module})
    said = f"{plural(read, 'module')} {'was' if read == 1 else 'were'} audited"
    if not modules:
        who = "it has no" if read == 1 else "none of them has"
        return f"{said}; {who} findings of medium severity or graver."
    if read == 1:
        return f"{said}: {name(modules[0])}."
    named = enumerated([name(each) for each in modules[:_NAMED]])
    if len(modules) > _NAMED:
        named = f"{', '.join(name(each) for each in modules[:_NAMED])} and {len(modules) - _NAMED} more"
    verb = "has" if len(modules) == 1 else "have"
    return f"{said}; {len(modules)} of them {verb} findings of medium severity or graver: {named}."


def _concerns(findings: Sequence[Finding], cards: Sequence[Card]) -> list[Concern]:
    """The audiences, the widest first; `cards` are those that matter."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for label in finding.audience:
            found.setdefault(label, []).append(finding)
    told: set[str] = set()
    concerns = []
    for label in sorted(found, key=words.audience_rank):
        grave = {each.fingerprint for each in found[label] if each.severity >= Severity.MEDIUM}
        mine = [card for card in cards if label in card.audience]
        worst = [card for card in mine if told.isdisjoint(_fingerprints(card))][:MOST_WORST]
        again = len(grave & told)
        told |= {each for card in worst for each in _fingerprints(card)}
        concerns.append(
            Concern(
                label,
                words.counts(found[label]),
                len(found[label]),
                tuple(worst),
                again,
                len(grave - told),
            )
        )
    return concerns


def _fingerprints(card: Card) -> list[str]:
    return [each.fingerprint for each in card.findings]


def _todo(card: Card) -> str:
    """How to mend a card's first finding in a sentence, with its code where that is one line."""
    parts = fix_parts(card.findings[0].fix)
    code = next((said for kind, said in parts if kind == "code"), "")
    if not parts or parts[0][0] == "code":
        model = card.findings[0].model
        if model and 'model="ir.rule"' in code:
            return f"Limit {name(model)} with the record rule that the finding shows."
        return "Add the lines that the finding shows." if code else "See the finding."
    said = line(_SENTENCE.split(parts[0][1], maxsplit=1)[0])
    if not said.endswith(":"):
        return said if said.endswith((".", "!", "?")) else f"{said}."
    if code and "\n" not in code and len(code) <= _CODE:
        return f"{said} {line(code)}"
    return f"{said[:-1]}, as the finding shows."
