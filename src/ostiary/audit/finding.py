"""What an audit reports: a finding, its evidence, and how grave and how certain it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import Enum
from functools import total_ordering
from typing import TYPE_CHECKING

import msgspec

from ostiary.domain import to_english, to_odoo
from ostiary.policy.definitions import Mode
from ostiary.policy.origin import Origin

if TYPE_CHECKING:  # provers take long to import, and most commands need none
    from ostiary.prove import Proof


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


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record of an example. `values` are by field: a many2one is an id, an x2many a list of ids."""

    model: str
    id: int
    values: dict[str, object]
    role: str = ""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user and a record that show a finding: what a proof calls its witness. `rows` are all records of the story."""

    user: Record
    record: Record
    rows: tuple[Record, ...]
    companies: tuple[int, ...] = ()
    reproduced: bool = False


class Proved(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was decided by logic, and what a finding shows of it: a proof in plain values.

    `condition` says in English which records pass that are somebody else's, `domain` the same as Odoo writes it, and
    `user` of which users that holds (none: of any); `sort` what sort of condition it is, empty where there is none.
    `witness` is an example of it. `assumptions` are what the verdict rests on, `unknown` what stood in its way.
    """

    question: str
    audience: str
    mode: Mode
    verdict: str
    condition: str = ""
    domain: str = ""
    sort: str = ""
    user: tuple[str, ...] = ()
    witness: Example | None = None
    assumptions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def proved(proof: Proof) -> Proved:
    """A proof as a finding carries it."""
    found, shown = proof.condition, proof.witness
    return Proved(
        question=proof.question,
        audience=proof.audience,
        mode=proof.mode,
        verdict=proof.verdict.value,
        condition=to_english(found.domain) if found else "",
        domain=to_odoo(found.domain) if found else "",
        sort=found.sort.value if found else "",
        user=found.user if found else (),
        witness=None if shown is None else msgspec.convert(shown, Example, from_attributes=True),
        assumptions=proof.assumptions,
        unknown=tuple(one.text for one in proof.unknown),
    )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an audit reports.

    `module` is the one whose definition causes it, `subject` the external id or name of that definition,
    `path` and `line` the line to change. `audience` says whom it concerns: `everyone`, `portal`, `public`,
    the external id of another group, or `internal`. `fingerprint` stays the same when lines or files move.
    `proof` is what was decided by logic, with its witness: a user and a record that show it. `extent` is how far it
    reaches, such as the modes it names: one that is known already and now reaches further is reported again.
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
    proof: Proved | None = None
    extent: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        return Origin(self.path, self.line, self.module)


def fingerprint(parts: Iterable[str | None]) -> str:
    """What identifies a finding from one run to the next: 16 hexadecimal digits of its names."""
    text = "\x1f".join("" if part is None else part for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
