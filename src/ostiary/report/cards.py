"""Like findings together: one card for what one check says of one module, and a bound to what is shown in full.

Nothing is judged here: a card only brings together what is mended together, the gravest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ostiary.audit import AuditResult, Finding, Severity
from ostiary.audit.registry import catalogue
from ostiary.report.text import line, name, plural
from ostiary.report.words import audience_rank

# How many findings are shown with their evidence, and how many more with a line each.
MOST_FULL = 400
MOST_LISTED = 2_000


class Card(msgspec.Struct, frozen=True):
    """Findings of one check and one severity: those of one module, or, where they are minor, of all.

    `heading` says what is wrong; of a single finding it is that one's message. `fix` is the way to mend them where
    it is the same for all of several.
    """

    check: str
    severity: Severity
    heading: str
    findings: tuple[Finding, ...]
    fix: str = ""

    @property
    def alone(self) -> Finding | None:
        """The finding, where there is only one."""
        return self.findings[0] if len(self.findings) == 1 else None

    @property
    def audience(self) -> tuple[str, ...]:
        """All whom the findings concern, the widest first."""
        return tuple(sorted({label for each in self.findings for label in each.audience}, key=audience_rank))

    @property
    def modules(self) -> tuple[str, ...]:
        return tuple(sorted({each.module for each in self.findings if each.module}))


class Grade(msgspec.Struct, frozen=True):
    """All of one severity: cards, findings that are only listed, and how many of each check are only counted."""

    severity: Severity
    count: int
    cards: tuple[Card, ...]
    listed: tuple[Finding, ...]
    counted: tuple[tuple[str, int], ...]


def grades(result: AuditResult, most_full: int = MOST_FULL, most_listed: int = MOST_LISTED) -> list[Grade]:
    """The findings by severity, gravest first. What is over the bounds is listed, what is over these counted."""
    found = []
    for severity, graded in _by_severity(result.findings):
        full = graded[:most_full]
        listed = graded[len(full) : len(full) + most_listed]
        counted = Counter(each.check for each in graded[len(full) + len(listed) :])
        most_full -= len(full)
        most_listed -= len(listed)
        found.append(
            Grade(
                severity,
                len(graded),
                tuple(cards(full)),
                tuple(listed),
                tuple(sorted(counted.items())),
            )
        )
    return found


def cards(findings: Sequence[Finding]) -> list[Card]:
    """The findings of one severity as cards: first what concerns the widest audience and is the most certain."""
    together: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        minor = finding.severity < Severity.MEDIUM
        together.setdefault((finding.check, "" if minor else finding.module), []).append(finding)
    return sorted((_card(same) for same in together.values()), key=_rank)


def _card(findings: Sequence[Finding]) -> Card:
    first = findings[0]
    if len(findings) == 1:
        return Card(first.check, first.severity, first.message, tuple(findings))
    fixes = {each.fix for each in findings}
    heading = f"{_title(first.check)}: {_where(findings)}"
    return Card(first.check, first.severity, heading, tuple(findings), fixes.pop() if len(fixes) == 1 else "")


def _where(findings: Sequence[Finding]) -> str:
    modules = sorted({each.module for each in findings if each.module})
    count = plural(len(findings), "finding")
    if not modules:
        return count
    return f"{count} in {name(modules[0]) if len(modules) == 1 else plural(len(modules), 'module')}"


def _title(check: str) -> str:
    titles = {each.id: each.title for each in catalogue().checks}
    return line(titles.get(check, check)).rstrip(".")


def _rank(card: Card) -> tuple[object, ...]:
    widest = audience_rank(card.audience[0]) if card.audience else (99, "")
    surest = max(each.confidence.rank for each in card.findings)
    return (widest[0], -surest, card.modules, card.check)


def _by_severity(findings: Iterable[Finding]) -> Iterator[tuple[Severity, list[Finding]]]:
    found: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
    for finding in findings:
        found[finding.severity].append(finding)
    return ((severity, graded) for severity, graded in found.items() if graded)
