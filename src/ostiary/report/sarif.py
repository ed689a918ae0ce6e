"""An audit as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote

from ostiary import __version__
from ostiary.audit import AuditResult, Check, Finding, Severity, Suppressed, catalogue
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.report import witness
from ostiary.report.json_ import dumps
from ostiary.report.left_out import left_out_phrases
from ostiary.report.markdown import alone
from ostiary.report.text import block, line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# Code scanning reads a number: over 9 critical, from 7 high, from 4 medium, over 0 low.
SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.5",
}
_CWE = re.compile(r"CWE-(\d+)", re.IGNORECASE)
# What SARIF would take for a link to a related location.
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")


def render(result: AuditResult, policy: Policy, *, targets: Sequence[str] = ()) -> str:
    """The audit as SARIF text."""
    return dumps(document(result, policy, targets))


def document(result: AuditResult, policy: Policy, targets: Sequence[str] = ()) -> dict[str, Any]:
    """The audit as a SARIF log of one run."""
    checks = _rules(result)
    index = {check.id: at for at, check in enumerate(checks)}
    cwes = sorted({cwe for check in checks for cwe in _cwes(check.references)}, key=int)
    driver: dict[str, Any] = {
        "name": "Ostiary",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Audits the access definitions of Odoo."},
        "rules": [_rule(check, cwes) for check in checks],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that Ostiary was started in."}}},
        "invocations": [_invocation(result)],
        "results": [
            *(_result(finding, index, policy) for finding in result.findings),
            *(_suppressed(one, index, policy) for one in result.suppressed),
        ],
        "properties": {"odoo": policy.odoo, "targets": [str(target) for target in targets]},
    }
    if cwes:
        driver["supportedTaxonomies"] = [{"name": "CWE", "index": 0}]
        run["taxonomies"] = [_taxonomy(cwes)]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(result: AuditResult) -> list[Check]:
    """The checks that ran, and any whose findings are there."""
    known = {check.id: check for check in catalogue().checks}
    ids = {*result.checks, *(finding.check for finding in result.findings)}
    ids |= {one.finding.check for one in result.suppressed}
    return [known.get(id) or _unknown(id) for id in sorted(ids)]


def _unknown(id: str) -> Check:
    return Check(id, id.replace("-", " ").capitalize(), Severity.MEDIUM, (), "", lambda policy: ())


def _rule(check: Check, cwes: list[str]) -> dict[str, Any]:
    mine = _cwes(check.references)
    tags = ["security", "access-control", *check.tags, *(f"external/cwe/cwe-{cwe:0>3}" for cwe in mine)]
    rule: dict[str, Any] = {
        "id": check.id,
        "name": "".join(word.capitalize() for word in re.split(r"[^0-9A-Za-z]+", check.id)),
        "shortDescription": {"text": line(check.title)},
        "fullDescription": {"text": line(summary_of(check))},
        "help": {
            "text": block(alone(check.doc) or check.title),
            "markdown": block(f"# {check.title}\n\n{alone(check.doc)}" if check.doc else check.title),
        },
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {
            "tags": list(dict.fromkeys(tags)),
            "security-severity": SCORES[check.severity],
            "precision": "high",
            "problem.severity": {"note": "recommendation"}.get(
                LEVELS[check.severity], LEVELS[check.severity]
            ),
        },
    }
    if mine:
        rule["relationships"] = [
            {
                "target": {"id": cwe, "index": cwes.index(cwe), "toolComponent": {"name": "CWE", "index": 0}},
                "kinds": ["relevant"],
            }
            for cwe in mine
        ]
    return rule


def summary_of(check: Check) -> str:
    """The first paragraph of a check's page that is not a heading."""
    for paragraph in re.split(r"\n[ \t]*\n", check.doc):
        text = re.sub(r"^#+ .*\n?|^[^\n]+\n[-=]{3,}\n?", "", paragraph.strip(), count=1).strip()
        if text:
            return text
    return check.title


def _result(finding: Finding, index: dict[str, int], policy: Policy) -> dict[str, Any]:
    steps = [step for step in finding.evidence if step.origin is not None and in_file(step.origin)]
    said = plain(finding.message)
    if finding.evidence:
        linked = {id(step): at for at, step in enumerate(steps, 1)}
        rest = (
            f"[{_label(step.text)}]({linked[id(step)]})" if id(step) in linked else plain(step.text)
            for step in finding.evidence
        )
        said += "\n\n" + "\n".join(f"- {each}" for each in rest)
    shown = witness.sentence(finding, policy)
    said += f"\n\n{plain(shown)}" if shown else ""
    said += f"\n\nTo mend it: {plain(finding.fix, lines=True)}" if finding.fix else ""
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "level": LEVELS[finding.severity],
        "message": {"text": said},
        "locations": [location(finding.origin, model=finding.model, subject=finding.subject)],
        "partialFingerprints": {
            "ostiary/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "audience": list(finding.audience),
            "module": finding.module,
            "model": finding.model,
            "subject": finding.subject,
            "fix": finding.fix,
        },
    }
    places = [location(step.origin, text=step.text) for step in steps if step.origin]
    if places:
        result["relatedLocations"] = [{"id": at, **place} for at, place in enumerate(places, 1)]
    if places:
        flow = [*places, location(finding.origin, text=finding.message)]
        result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": place} for place in flow]}]}]
    return result


def _suppressed(one: Suppressed, index: dict[str, int], policy: Policy) -> dict[str, Any]:
    """A finding that somebody accepted, with their reason and where they said it."""
    suppression: dict[str, Any] = {
        "kind": "inSource" if one.in_source else "external",
        "status": "accepted",
        "justification": line(one.reason),
    }
    if in_file(one.origin):
        suppression["location"] = location(one.origin)
    return {**_result(one.finding, index, policy), "suppressions": [suppression]}


def in_file(origin: Origin) -> bool:
    """Whether a place is in a file that a reader of the log could have."""
    return bool(origin.path) and not origin.path.startswith("ostiary:")


def location(
    origin: Origin, *, text: str = "", model: str | None = None, subject: str = ""
) -> dict[str, Any]:
    """A place in a file, with what stands there."""
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(origin.path),
            "region": {"startLine": max(origin.line, 1)},
        }
    }
    if text:
        place["message"] = {"text": line(text)}
    logical = [
        {"name": line(each), "kind": kind}
        for each, kind in ((subject, "declaration"), (model or "", "type"))
        if each
    ]
    if logical:
        place["logicalLocations"] = logical
    return place


def _artifact(path: str) -> dict[str, str]:
    """Where a file is: under the source root unless the path is absolute or climbs out of it."""
    if PureWindowsPath(path).is_absolute():
        return {"uri": PureWindowsPath(path).as_uri()}
    posix = PurePosixPath(path or ".")
    uri = quote(_bytes(str(posix)), safe="/")
    if posix.is_absolute():
        return {"uri": f"file://{uri}"}
    return {"uri": uri} if ".." in posix.parts else {"uri": uri, "uriBaseId": ROOT}


def _bytes(path: str) -> bytes:
    """The bytes of a file's name, whatever they are."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")


def _invocation(result: AuditResult) -> dict[str, Any]:
    """That the audit ran, and what it could not read or run."""
    notes: list[dict[str, Any]] = []
    for error in result.errors:
        notes.append(
            {"level": "error", "message": {"text": line(error.message)}, "descriptor": {"id": "check-error"}}
        )
    for problem in result.problems:
        notes.append(
            {
                "level": "error" if problem.fatal else "warning",
                "message": {"text": line(problem.message)},
                "descriptor": {"id": line(problem.kind)},
                "locations": [location(problem.origin)] if in_file(problem.origin) else [],
            }
        )
    for note in result.notes:
        notes.append(
            {
                "level": "note",
                "message": {"text": line(note.message)},
                "descriptor": {"id": line(note.kind)},
                "locations": [location(note.origin)] if in_file(note.origin) else [],
            }
        )
    for missing in result.unresolved:
        notes.append(
            {
                "level": "note",
                "message": {"text": line(f"The {missing.kind} {missing.name} is needed but was not found.")},
                "descriptor": {"id": f"unresolved-{missing.kind}"},
                "locations": [location(missing.origin)] if in_file(missing.origin) else [],
            }
        )
    for sentence in left_out_phrases(result):
        notes.append({"level": "note", "message": {"text": line(sentence)}, "descriptor": {"id": "left-out"}})
    return {"executionSuccessful": not result.errors, "toolExecutionNotifications": notes}


def _taxonomy(cwes: Iterable[str]) -> dict[str, Any]:
    return {
        "name": "CWE",
        "organization": "MITRE",
        "informationUri": "https://cwe.mitre.org/",
        "shortDescription": {"text": "Common Weakness Enumeration"},
        "taxa": [
            {"id": cwe, "helpUri": f"https://cwe.mitre.org/data/definitions/{cwe}.html"} for cwe in cwes
        ],
    }


def _cwes(references: Iterable[str]) -> list[str]:
    return list(
        dict.fromkeys(found.group(1) for each in references if (found := _CWE.fullmatch(each.strip())))
    )


def plain(text: str, lines: bool = False) -> str:
    """Text in which nothing is a link."""
    return _LINK.sub(r"\\[", block(text) if lines else line(text))


def _label(text: str) -> str:
    """Text inside a link: brackets and backslashes escaped."""
    return re.sub(r"([\\\[\]])", r"\\\1", line(text))
