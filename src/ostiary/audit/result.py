"""What an audit hands back."""

from __future__ import annotations

from collections import Counter

import msgspec

from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import CheckError
from ostiary.policy.definitions import Note, Problem, Unresolved
from ostiary.policy.origin import Origin


class Summary(msgspec.Struct, frozen=True):
    """How much was audited; definitions of modules that are only context are not counted.

    `context` is the number of those modules.
    """

    odoo: str
    modules: int
    context: int
    models: int
    groups: int
    rights: int
    rules: int


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that somebody looked at and accepted: with their reason, and where they wrote it.

    `in_source` is true for a comment beside the definition, false for a file of settings.
    """

    finding: Finding
    reason: str
    origin: Origin
    in_source: bool = True


class Compared(msgspec.Struct, frozen=True):
    """What findings were held against, so that only new ones are reported.

    `kind` is `baseline` (a file of findings) or `base` (an earlier state of what was audited), `name` which.
    `known` findings were there already and are not among the result's `findings`; `gone` were there and no longer are.
    `graver` are the fingerprints of findings that were there and are graver now or reach further, and are therefore
    among the `findings`. `absent` are the targets and modules that were not there at all: all of them is new.
    """

    kind: str
    name: str
    known: int
    gone: int
    graver: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


class AuditResult(msgspec.Struct, frozen=True):
    """What an audit found.

    `findings` are sorted, gravest first; `checks` are the ids that ran; `errors` the checks that stopped
    or could not be loaded, whose findings are missing. `unresolved` names what was needed but not read:
    what rests on it is reported with lower confidence. `problems` is what could not be read as Odoo would;
    `notes` is what was read and not carried out, because doing so means running code.

    Nothing is left out in silence: `suppressed` are the findings that a comment beside their definition accepts,
    `compared` says how many are not new, `settings` is one sentence for each setting that leaves checks or findings out
    or alters them.

    `insiders` are the groups among the findings' audiences that are no share users'. `left_out` are the fingerprints of
    what was found and is not among the `findings`: accepted, below the severity asked for, or known.
    """

    findings: tuple[Finding, ...]
    checks: tuple[str, ...]
    errors: tuple[CheckError, ...]
    summary: Summary
    unresolved: tuple[Unresolved, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    compared: tuple[Compared, ...] = ()
    settings: tuple[str, ...] = ()
    insiders: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def count(self) -> dict[Severity, int]:
        """How many findings there are of each severity, gravest first, zeros included."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity: counts[severity] for severity in Severity}
