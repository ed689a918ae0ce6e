"""Findings held against earlier ones, so that only what is new is reported.

A finding is known where an earlier one has its fingerprint, is as grave at least, and reaches as far.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from ostiary.audit.decided.baseline import Baseline
from ostiary.audit.decided.configuration import Settings
from ostiary.audit.decided.suppressions import UNUSED
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import all_checks
from ostiary.audit.result import AuditResult, Compared
from ostiary.policy.concerned import audited
from ostiary.policy.policy import Policy

_NO_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an earlier finding; None for a severity or an extent that says nothing."""

    fingerprint: str
    severity: Severity | None
    extent: frozenset[str] | None

    def covers(self, finding: Finding) -> bool:
        """Whether a finding of the same fingerprint is no worse."""
        return (self.severity is None or finding.severity <= self.severity) and (
            self.extent is None or self.extent.issuperset(finding.extent)
        )


def against_baseline(
    result: AuditResult,
    baseline: Baseline,
    policy: Policy,
    *,
    name: str,
    least: Severity | None = None,
    settings: Settings = _NO_SETTINGS,
) -> AuditResult:
    """The result without the findings of a baseline, and how many of those no longer occur.

    `name` is the baseline's file as shown, `least` the severity below which findings were left out. An entry of a
    module that was not audited now, of a check that did not run to its end, or below `least` is not said to be gone;
    what is said of comments only where every check ran, and comments were heeded. A severity that the `settings` give
    a check says nothing of whether its findings became graver.
    """
    ran = _judged(result)
    if not settings.comments or any(each.id not in ran for each in all_checks()):
        ran -= {UNUSED}
    left = [
        entry.fingerprint
        for entry in baseline.findings
        if entry.check in ran
        and (least is None or entry.severity >= least)
        and (not entry.module or (entry.module in policy.modules and audited(policy, entry.module)))
    ]
    known = [
        _Known(
            entry.fingerprint,
            None if entry.check in settings.severity else entry.severity,
            None if entry.extent is None else frozenset(entry.extent),
        )
        for entry in baseline.findings
    ]
    return _without(result, known, Counter(left), Compared("baseline", name, 0, 0))


def against_base(
    result: AuditResult, base: AuditResult, *, name: str, absent: tuple[str, ...] = ()
) -> AuditResult:
    """The result without the findings that were there in an earlier state, and how many of those are gone.

    `absent` are the targets and modules that this state did not have.
    """
    known = [
        _Known(finding.fingerprint, finding.severity, frozenset(finding.extent)) for finding in base.findings
    ]
    ran = _judged(result)
    left = Counter(finding.fingerprint for finding in base.findings if finding.check in ran)
    return _without(result, known, left, Compared("base", name, 0, 0, absent=absent))


def _judged(result: AuditResult) -> set[str]:
    """The checks that ran to their end."""
    return set(result.checks).difference(error.check for error in result.errors)


def _without(
    result: AuditResult, known: Iterable[_Known], expected: Counter[str], compared: Compared
) -> AuditResult:
    rest: dict[str, list[_Known]] = defaultdict(list)
    for one in known:
        rest[one.fingerprint].append(one)
    new: list[Finding] = []
    graver: list[str] = []
    taken: list[str] = []
    for finding in result.findings:
        mine = rest[finding.fingerprint]
        covering = next((one for one in mine if one.covers(finding)), None)
        if covering is not None:
            mine.remove(covering)
            taken.append(finding.fingerprint)
            continue
        if mine:
            mine.pop()
            graver.append(finding.fingerprint)
        new.append(finding)
    there = Counter(finding.fingerprint for finding in result.findings) + Counter(result.left_out)
    gone = expected - there
    made = msgspec.structs.replace(compared, known=len(taken), gone=sum(gone.values()), graver=tuple(graver))
    shown = {finding.fingerprint for finding in new}
    return msgspec.structs.replace(
        result,
        findings=tuple(new),
        compared=tuple(_of_shown(one, shown) for one in (*result.compared, made)),
        left_out=tuple(sorted((*result.left_out, *taken))),
    )


def _of_shown(compared: Compared, shown: set[str]) -> Compared:
    """What is said to have become graver is among the findings: not what another comparison knows as it is."""
    return msgspec.structs.replace(compared, graver=tuple(one for one in compared.graver if one in shown))
