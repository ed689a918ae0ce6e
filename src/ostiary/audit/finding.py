"""What an audit reports: a finding, its evidence, and how grave and how certain it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import Enum
from functools import total_ordering

import msgspec

from ostiary.policy.origin import Origin


@total_ordering
class Severity(Enum):
    """How grave a finding is, given that it is right; `CRITICAL` is the greatest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for `INFO` to 4 for `CRITICAL`."""
        return _SEVERITIES[self]

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Severity) else NotImplemented

    def __str__(self) -> str:
        return self.value


@total_ordering
class Confidence(Enum):
    """How certain a finding is; `LOW` where it rests on something that was not, or could not be, read.

    `MEDIUM` where nothing speaks against it, but there may be Python code that was not read.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for `LOW` to 2 for `HIGH`."""
        return _CONFIDENCES[self]

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Confidence) else NotImplemented

    def __str__(self) -> str:
        return self.value


_SEVERITIES = {word: rank for rank, word in enumerate(reversed(Severity))}
_CONFIDENCES = {word: rank for rank, word in enumerate(reversed(Confidence))}


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of what a finding rests on, with the place it was read from."""

    text: str
    origin: Origin | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an audit reports.

    `module` is the one whose definition causes it, `subject` the external id or name of that definition,
    `path` and `line` the line to change. `audience` says whom it concerns: `everyone`, `portal`, `public`,
    the external id of another group, or `internal`. `fingerprint` stays the same when lines or files move.
    """

    check: str
    severity: Severity
    confidence: Confidence
    audience: tuple[str, ...]
    module: str
    model: str | None
    subject: str
    path: str
    line: int
    message: str
    evidence: tuple[Evidence, ...]
    fix: str
    references: tuple[str, ...]
    fingerprint: str

    @property
    def origin(self) -> Origin:
        return Origin(self.path, self.line, self.module)


def fingerprint(parts: Iterable[str | None]) -> str:
    """What identifies a finding from one run to the next: 16 hexadecimal digits of its names."""
    text = "\x1f".join("" if part is None else part for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
