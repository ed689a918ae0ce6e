"""Findings that a comment beside their definition accepts, and comments that accept nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ostiary.audit.asking.facts import malformed_files
from ostiary.audit.finding import Finding
from ostiary.audit.result import Suppressed
from ostiary.policy.concerned import audited
from ostiary.policy.definitions import Suppression
from ostiary.policy.policy import Policy

UNUSED = "unused-suppression"


@dataclass(slots=True)
class Sorted:
    """Findings that stand, findings that a comment accepts, and what each comment accepts for nothing."""

    findings: list[Finding] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)
    unused: list[tuple[Suppression, tuple[str, ...]]] = field(default_factory=list)


def sort_out(policy: Policy, findings: Iterable[Finding], ran: Sequence[str]) -> Sorted:
    """Which findings a comment of the policy accepts: one with a reason, at the finding's line or its definition.

    `ran` are the checks that ran to their end: a comment that names others is not said to be unused. What is said of
    comments themselves can't be accepted by one.
    """
    by_path: dict[str, list[Suppression]] = defaultdict(list)
    for comment in policy.suppressions:
        if comment.reason:
            by_path[comment.origin.path].append(comment)
    made = Sorted()
    used: set[tuple[int, str]] = set()
    for finding in findings:
        mine = [] if finding.check == UNUSED else list(_for(by_path.get(finding.path, ()), finding))
        used.update((id(comment), finding.check) for comment in mine)
        if mine:
            made.suppressed.append(Suppressed(finding, mine[0].reason, mine[0].origin))
        else:
            made.findings.append(finding)
    unread = malformed_files(policy)
    for comment in policy.suppressions:
        if comment.origin.path in unread:
            continue  # what it accepts may stand there
        idle = tuple(
            name
            for name in comment.checks
            if name in ran and name != UNUSED and (id(comment), name) not in used
        )
        if idle and comment.reason and comment.last and audited(policy, comment.origin.module):
            made.unused.append((comment, idle))
    return made


def _for(comments: Iterable[Suppression], finding: Finding) -> Iterator[Suppression]:
    for comment in comments:
        if finding.check in comment.checks and comment.first <= finding.line <= comment.last:
            yield comment
