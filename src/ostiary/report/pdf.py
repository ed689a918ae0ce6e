"""An audit as a PDF: to be printed, signed and filed. The same as the HTML report, on pages.

The pages are set by Typst from a template of ours. What was read reaches it as JSON, never as markup, so that nothing
in a name can be an instruction to it. The template reads no file and asks for no package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ostiary import __version__
from ostiary.audit import AuditResult, Finding, Severity
from ostiary.policy import MODES, Policy, Verdict
from ostiary.report import brief, cards, coverage, graph, matrix, text, witness, words
from ostiary.report.cards import Card
from ostiary.report.coverage import Coverage
from ostiary.report.excerpt import Excerpt, Reader
from ostiary.report.html import page_part, project
from ostiary.report.left_out import left_out_phrases
from ostiary.report.sarif import summary_of

# How many findings are shown with their evidence, how many more with a line each, and how much else is listed.
MOST_FULL = 150
MOST_LISTED = 600
# Up to how many findings the minor ones are shown with their evidence too.
MOST_MINOR = 60
MOST_PLACES = 300
_LONGEST_CODE = 4_000
# Where a long name may be broken over lines: a space of no width is put there.
_BREAKS = re.compile(r"(?<=[0-9A-Za-z])(?=\.[0-9A-Za-z])|(?<=[0-9A-Za-z][_/,])(?=[0-9A-Za-z])")
_SIGNS = {
    Verdict.ALLOWED: "all",
    Verdict.FILTERED: "some",
    Verdict.DENIED: "none",
    Verdict.UNKNOWN: "unknown",
}


class Unavailable(Exception):
    """PDFs can't be made here; the message is one sentence that says what to install."""


def check() -> None:
    """Raise Unavailable where what sets the pages is not installed."""
    try:
        import typst  # noqa: F401
    except ImportError:
        raise Unavailable("A PDF needs the extra 'pdf': pip install 'ostiary[pdf]'.") from None


def render(
    result: AuditResult,
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    title: str = "",
    date: str = "",
    least: Severity | None = None,
    reader: Reader | None = None,
) -> bytes:
    """The PDF; the arguments are those of the HTML report. Raises Unavailable where it can't be made here."""
    check()
    import typst

    said = document(
        result,
        policy,
        targets=targets,
        title=title or project(policy, targets),
        date=date,
        least=least,
        reader=reader or Reader(),
    )
    compiler = typst.Compiler(
        page_part("report.typ").encode(), sys_inputs={"data": json.dumps(said, ensure_ascii=True)}
    )
    made = compiler.compile(format="pdf")
    if not isinstance(made, bytes):  # a list of pages, which only pictures are
        raise TypeError("one PDF was expected")
    return made


def document(
    result: AuditResult,
    policy: Policy,
    *,
    targets: Sequence[str],
    title: str,
    date: str,
    least: Severity | None,
    reader: Reader,
) -> dict[str, Any]:
    """All that the template shows, as plain values; every text is safe to show."""
    grave = sum(each.severity >= Severity.MEDIUM for each in result.findings)
    # Minor findings would bury the others under pages.
    full = MOST_FULL if len(result.findings) <= MOST_MINOR else min(grave, MOST_FULL)
    graded = cards.grades(result, full, MOST_LISTED)
    covered = coverage.build(result, policy, reader.files)
    return {
        "version": __version__,
        "title": text.name(title),
        "date": text.name(date),
        "odoo": text.name(policy.odoo),
        "targets": [_soft(str(target)) for target in targets],
        "least": str(least) if least else "",
        "counts": [[severity.value, count] for severity, count in result.count().items()],
        "worst": result.findings[0].severity.value if result.findings else "",
        "brief": _brief(brief.build(result, graded, least)),
        "left_out": [_soft(each) for each in left_out_phrases(result)],
        "grades": [_grade(grade, policy, reader) for grade in graded],
        "matrix": _matrix(policy),
        "groups": _groups(policy),
        "record": _record(result, covered),
        "checks": [
            {
                "id": text.name(ran.check.id),
                "title": text.line(ran.check.title),
                "severity": ran.check.severity.value,
                "found": ran.found,
                "accepted": ran.accepted,
                "about": _soft(summary_of(ran.check)),
            }
            for ran in covered.ran
        ],
        "not_run": [text.name(each.id) for each in covered.not_run],
        "method": list(words.method(policy)),
        "limits": list(words.limits(policy)),
    }


def _soft(said: str) -> str:
    """A text on one line in which long names may be broken."""
    return _BREAKS.sub("\u200b", text.line(said))


def _label(audience: str) -> str:
    return _soft(words.audience_label(audience))


def _brief(said: brief.Brief) -> dict[str, Any]:
    return {
        "verdict": said.verdict,
        "extent": said.extent,
        "concerns": [
            {
                "audience": _label(each.audience),
                "total": text.plural(each.total, "finding"),
                "worst": [[card.severity.value, _soft(card.heading)] for card in each.worst],
                "again": text.plural(each.again, "finding") if each.again else "",
                "more": text.plural(each.more, "more finding") if each.more else "",
            }
            for each in said.concerns
            if not each.minor
        ],
        "minor": [[_label(each.audience), each.total] for each in said.concerns if each.minor],
        "steps": [
            {
                "todo": _soft(step.todo),
                "severity": step.card.severity.value,
                "place": _soft(text.place(step.card.findings[0].origin)),
                "like": text.plural(len(step.card.findings) - 1, "place") if not step.card.alone else "",
            }
            for step in said.steps
        ],
        "more_steps": text.plural(said.more_steps, "other thing") if said.more_steps else "",
        "unjudged": [_soft(each) for each in said.unjudged],
    }


def _grade(grade: cards.Grade, policy: Policy, reader: Reader) -> dict[str, Any]:
    return {
        "severity": grade.severity.value,
        "count": text.plural(grade.count, "finding"),
        "cards": [_card(card, policy, reader) for card in grade.cards],
        "listed": [[_soft(each.message), _soft(text.place(each.origin))] for each in grade.listed],
        "counted": [[text.name(check), text.plural(count, "finding")] for check, count in grade.counted],
    }


def _card(card: Card, policy: Policy, reader: Reader) -> dict[str, Any]:
    return {
        "heading": _soft(card.heading),
        "check": text.name(card.check),
        "audience": [_label(each) for each in card.audience],
        "modules": [text.name(each) for each in card.modules],
        "fix": _fix(card.fix),
        "single": card.alone is not None,
        "findings": [_finding(each, policy, reader, bool(card.fix)) for each in card.findings],
    }


def _finding(finding: Finding, policy: Policy, reader: Reader, fixed: bool) -> dict[str, Any]:
    story = witness.told(finding, policy)
    return {
        "message": _soft(finding.message),
        "place": _soft(text.place(finding.origin)),
        "model": _soft(finding.model or ""),
        "module": text.name(finding.module),
        "confidence": finding.confidence.value,
        "audience": [_label(each) for each in sorted(finding.audience, key=words.audience_rank)],
        "evidence": [
            [_soft(step.text), _soft(text.place(step.origin)) if step.origin else ""]
            for step in finding.evidence
        ],
        "excerpts": [_excerpt(each) for each in reader.excerpts(finding)],
        "example": _soft(story.sentence) if story else "",
        "records": [
            [
                text.line(part.role or "also there"),
                f"{text.line(part.name)} ({_soft(part.model)} {part.id})",
                "; ".join(f"{text.name(field)} {text.name(value)}" for field, value in part.facts),
            ]
            for part in (story.parts if story else ())
        ],
        "fix": [] if fixed else _fix(finding.fix),
        "references": [text.name(each) for each in finding.references],
    }


def _excerpt(piece: Excerpt) -> dict[str, Any]:
    lines = [[each.number, each.text.replace(",", ",\u200b"), each.mark, each.gap] for each in piece.lines]
    return {"path": _soft(piece.path), "lines": lines}


def _fix(said: str) -> list[list[str]]:
    return [
        [kind, text.block(part, _LONGEST_CODE) if kind == "code" else _soft(part)]
        for kind, part in text.fix_parts(said)
    ]


def _matrix(policy: Policy) -> dict[str, Any]:
    found = matrix.build(policy)
    by_model = [list(rows) for _, rows in groupby(found.rows, key=lambda row: row.model)]
    shown = [
        rows for rows in by_model if any(row.any and set(row.verdicts.values()) - _UNSURE for row in rows)
    ]
    return {
        "audiences": [_label(each) for each in found.audiences],
        "rows": [
            {"model": _soft(rows[0].model), "cells": [_cell(row) for row in rows], "own": rows[0].concerned}
            for rows in shown
        ],
        "left_out": text.plural(found.left_out, "other model") if found.left_out else "",
        "unreached": text.plural(len(by_model) - len(shown), "model") if len(by_model) > len(shown) else "",
    }


_UNSURE = {Verdict.UNKNOWN, Verdict.DENIED}


def _cell(row: matrix.Row) -> list[list[str]]:
    return [[mode.value[0].upper(), _SIGNS[row.verdicts[mode]]] for mode in MODES]


def _groups(policy: Policy) -> dict[str, Any]:
    picture = graph.picture(policy)
    links = sorted(picture.links, key=lambda link: (not link.breach, link.group, link.implied))
    return {
        "links": [
            [_soft(link.group), _soft(link.implied), link.breach, _soft(link.place)]
            for link in links[:MOST_PLACES]
        ],
        "left_out": text.plural(picture.left_out, "other group") if picture.left_out else "",
    }


def _record(result: AuditResult, covered: Coverage) -> dict[str, Any]:
    places = [
        *((each.message, "") for each in result.errors),
        *((each.message, text.place(each.origin)) for each in result.problems),
        *((each.message, text.place(each.origin)) for each in result.notes),
        *((f"The {each.kind} {each.name}", text.place(each.origin)) for each in result.unresolved),
    ]
    return {
        "read": words.read_phrase(result),
        "modules": [
            [
                _soft(each.name),
                text.name(each.version),
                each.models,
                each.groups,
                each.rights,
                each.rules,
                f"{each.files.python}, {each.files.xml}, {each.files.csv}" if each.files else "–",
                _soft(each.path),
            ]
            for each in covered.modules
        ],
        "context": _soft(", ".join(f"{name} {version}".strip() for name, version in covered.context)[:9000]),
        "facts": _soft(", ".join(covered.facts)),
        "unread": _bounded([_soft(said), _soft(place)] for said, place in places),
        "accepted": _bounded(
            [
                _soft(one.finding.message),
                one.finding.severity.value,
                _soft(one.reason),
                _soft(text.place(one.origin)),
            ]
            for one in result.suppressed
        ),
        "assumed": _bounded(
            [_soft(said), text.plural(count, "finding")]
            for said, count in (
                *covered.assumed,
                *((f"Not decided: {said}", count) for said, count in covered.obstacles),
            )
        ),
        "versions": [[called, text.name(said)] for called, said in covered.versions],
    }


def _bounded(rows: Iterable[Sequence[str]]) -> dict[str, Any]:
    listed = [list(row) for row in rows]
    more = len(listed) - MOST_PLACES
    return {"rows": listed[:MOST_PLACES], "more": f"And {more:,} more." if more > 0 else ""}
