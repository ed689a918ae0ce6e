"""An audit as JSON: one object, the same from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from ostiary import __version__
from ostiary.audit import AuditResult, Finding, Severity
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.report import witness
from ostiary.report.text import ascii_escapes

FORMAT = 1


def render(
    result: AuditResult, policy: Policy, *, targets: Sequence[str] = (), least: Severity | None = None
) -> str:
    """The audit as JSON text.

    `format` is raised when a reader of the document would have to change; new keys alone don't raise it.
    `least` is the severity below which findings were left out.
    """
    return dumps(document(result, policy, targets, least))


def document(
    result: AuditResult, policy: Policy, targets: Sequence[str] = (), least: Severity | None = None
) -> dict[str, Any]:
    """The audit as plain values."""
    summary = result.summary
    return {
        "tool": "ostiary",
        "version": __version__,
        "format": FORMAT,
        "odoo": policy.odoo,
        "targets": [str(target) for target in targets],
        "summary": {
            "findings": len(result.findings),
            "suppressed": len(result.suppressed),
            "min_severity": least.value if least else None,
            "severities": {severity.value: count for severity, count in result.count().items()},
            "read": {
                "modules": summary.modules,
                "context_modules": summary.context,
                "models": summary.models,
                "groups": summary.groups,
                "access_rights": summary.rights,
                "record_rules": summary.rules,
            },
        },
        "checks": list(result.checks),
        "settings": list(result.settings),
        "compared": [
            {
                "with": one.kind,
                "name": one.name,
                "known": one.known,
                "gone": one.gone,
                "graver": len(one.graver),
                "absent": list(one.absent),
            }
            for one in result.compared
        ],
        "findings": [_finding(finding, policy) for finding in result.findings],
        "suppressed": [
            {
                "by": "comment" if one.in_source else "settings",
                "reason": one.reason,
                **_place(one.origin),
                "finding": _finding(one.finding, policy),
            }
            for one in result.suppressed
        ],
        "unresolved": [
            {
                "kind": missing.kind,
                "name": missing.name,
                "needed_by": list(missing.needed_by),
                **_place(missing.origin),
            }
            for missing in result.unresolved
        ],
        "problems": [
            {
                "kind": problem.kind,
                "message": problem.message,
                "fatal": problem.fatal,
                **_place(problem.origin),
            }
            for problem in result.problems
        ],
        "notes": [
            {"kind": note.kind, "message": note.message, **_place(note.origin)} for note in result.notes
        ],
        "errors": [{"check": error.check, "message": error.message} for error in result.errors],
    }


def dumps(value: Any) -> str:
    """JSON text with a final line end, in which nothing can command the terminal that shows it."""
    plain = msgspec.to_builtins(value, str_keys=True)
    return ascii_escapes(json.dumps(plain, indent=2, ensure_ascii=False)) + "\n"


def _finding(finding: Finding, policy: Policy) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "audience": list(finding.audience),
        "module": finding.module,
        "model": finding.model,
        "subject": finding.subject,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "evidence": [
            {"text": step.text, **(_place(step.origin) if step.origin else {"path": None, "line": None})}
            for step in finding.evidence
        ],
        "fix": finding.fix,
        "references": list(finding.references),
        "fingerprint": finding.fingerprint,
        "proof": _proof(finding, policy),
    }


def _proof(finding: Finding, policy: Policy) -> dict[str, Any] | None:
    """What was proved, and the story that shows it; `ostiary prove --format json` has the records of it."""
    proof, told = finding.proof, witness.told(finding, policy)
    if proof is None:
        return None
    condition = {
        "domain": proof.domain,
        "english": proof.condition,
        "sort": proof.sort,
        "user": list(proof.user),
    }
    return {
        "question": proof.question,
        "audience": proof.audience,
        "mode": proof.mode.value,
        "verdict": proof.verdict,
        "condition": condition if proof.sort else None,
        "story": told.sentence if told is not None else None,
        "assumptions": list(proof.assumptions),
        "unknown": list(proof.unknown),
    }


def _place(origin: Origin) -> dict[str, Any]:
    return {"path": origin.path, "line": origin.line}
