"""An audit as a GitLab code quality report: what merge requests show beside the lines they change."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any

from ostiary.audit import AuditResult, Finding, Severity
from ostiary.report.json_ import dumps
from ostiary.report.text import line

# GitLab's own words.
SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(result: AuditResult) -> str:
    """The audit as JSON: a list with an entry for each finding, in GitLab's subset of the Code Climate format.

    Paths are relative to the folder that Ostiary was started in, which GitLab takes for the repository's root.
    """
    return dumps([entry(finding) for finding in result.findings])


def entry(finding: Finding) -> dict[str, Any]:
    """One finding. GitLab shows the description alone, so it holds the way to mend it where that is one line."""
    return {
        "description": line(finding.message),
        "check_name": finding.check,
        "fingerprint": finding.fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": relative(finding.path), "lines": {"begin": max(finding.line, 1)}},
    }


def relative(path: str) -> str:
    """A path as seen from the folder that Ostiary was started in; as it is where it leads elsewhere."""
    found = PurePath(path or ".")
    if found.is_absolute():
        here = PurePath(os.getcwd())
        found = found.relative_to(here) if found.is_relative_to(here) else found
    return line(found.as_posix())
