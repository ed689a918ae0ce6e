"""An audit as one HTML page that needs nothing else: to be read offline, printed, or sent to a customer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ostiary import __version__
from ostiary.audit import AuditResult, Check, Severity
from ostiary.policy import MODES, Policy, Verdict
from ostiary.report import brief, cards, coverage, graph, matrix, text, witness, words
from ostiary.report.coverage import Coverage
from ostiary.report.excerpt import Reader
from ostiary.report.left_out import left_out_phrases
from ostiary.report.markdown import to_html
from ostiary.report.sarif import summary_of

_MANY = 60
_DRAWN = 250
_REFERENCES = {
    "CWE-": "https://cwe.mitre.org/data/definitions/{}.html",
}
_BREAKS = re.compile(r"(?<=[0-9A-Za-z])(?=\.[0-9A-Za-z])|(?<=[0-9A-Za-z][_/])(?=[0-9A-Za-z])")
MARKS = {Verdict.ALLOWED: "all", Verdict.FILTERED: "some", Verdict.DENIED: "none", Verdict.UNKNOWN: "unknown"}


def render(
    result: AuditResult,
    policy: Policy,
    *,
    targets: Sequence[str] = (),
    title: str = "",
    date: str = "",
    least: Severity | None = None,
    reader: Reader | None = None,
) -> str:
    """The page. `title` names the project (by default its modules), `date` is shown as given.

    `least` is the severity below which findings were left out, `reader` reads the lines that findings speak of.
    """
    reader = reader or Reader()
    graded = cards.grades(result)
    covered = coverage.build(result, policy, reader.files)
    style, script = page_part("report.css"), page_part("report.js")
    found = matrix.build(policy)
    picture = graph.picture(policy)
    by_model = [list(rows) for _, rows in groupby(found.rows, key=lambda row: row.model)]
    known = [rows for rows in by_model if _known(rows)]
    values: dict[str, Any] = {
        "version": __version__,
        "title": title or project(policy, targets),
        "date": date,
        "least": least,
        "targets": [str(target) for target in targets],
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "style_hash": digest(style),
        "script_hash": digest(script),
        "result": result,
        "policy": policy,
        "grades": graded,
        "counts": result.count(),
        "brief": brief.build(result, graded, least),
        "coverage": covered,
        "left_out": left_out_phrases(result),
        "pages": _pages(covered),
        "excerpts": reader.excerpts,
        "many": len(result.findings) > _MANY,
        "matrix": found,
        "module_of": {name: model.origin.module for name, model in policy.models.items()},
        "own": [rows for rows in known if rows[0].concerned],
        "others": [rows for rows in known if not rows[0].concerned],
        "unknown": [rows[0].model for rows in by_model if not _known(rows)],
        "picture": picture,
        "everything": graph.picture(policy, _DRAWN)
        if picture.narrowed and len(policy.groups) <= _DRAWN
        else None,
        "words": words,
        "modes": MODES,
        "Severity": Severity,
    }
    return environment().get_template("report.html.j2").render(values)


def project(policy: Policy, targets: Sequence[str]) -> str:
    """What was audited: the modules' titles where they are few, else the targets' names."""
    audited = [module for module in policy.modules.values() if not (module.context or module.facts)]
    if 0 < len(audited) <= 3:
        return text.enumerated(text.name(module.title or module.name) for module in audited)
    names = [Path(target).resolve().name or str(target) for target in targets]
    return text.enumerated(text.name(each) for each in names) or "Odoo addons"


@cache
def environment() -> Environment:
    """The templates' environment: everything escaped, and everything hidden in a text written out."""
    made = Environment(
        loader=PackageLoader("ostiary.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        name=text.name,
        line=text.line,
        block=text.block,
        fix_parts=text.fix_parts,
        plural=text.plural,
        place=text.place,
        label=words.audience_label,
        reference=_reference,
        ranked=lambda labels: sorted(labels, key=words.audience_rank),
        mark=MARKS.__getitem__,
        bar=_bar,
        soft=_soft,
        alike=_alike,
        reach=_reach,
        told=witness.told,
    )
    return made


def _shown(value: object) -> object:
    return text.block(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _known(rows: Sequence[matrix.Row]) -> bool:
    """Whether anything is known of who may use a model."""
    return any(verdict is not Verdict.UNKNOWN for row in rows for verdict in row.verdicts.values())


def _alike(rows: Sequence[matrix.Row]) -> list[tuple[list[str], tuple[matrix.Cell, ...]]]:
    """The audiences that reach a model, those that are limited alike together."""
    found: dict[tuple[matrix.Cell, ...], list[str]] = {}
    for row in rows:
        if row.any:
            found.setdefault(row.cells, []).append(row.audience)
    return [(labels, cells) for cells, labels in found.items()]


def _reach(rows: Sequence[matrix.Row]) -> str:
    """What each audience may do with a model, a letter a mode: what the page's filter reads."""
    return " ".join("".join(MARKS[row.verdicts[mode]][0] for mode in MODES) for row in rows)


def _soft(said: str) -> Markup:
    """A sentence or path in which long names may be broken where they have a dot, a slash or an underscore."""
    return Markup(_BREAKS.sub("<wbr>", str(escape(text.line(said)))))  # noqa: S704 - escaped just before


def _pages(covered: Coverage) -> list[tuple[coverage.Ran, str, Markup]]:
    """The checks that ran: each with what it is about, and its page where it found something."""
    return [
        (ran, summary_of(ran.check), _page(ran.check) if ran.found or ran.accepted else Markup())
        for ran in covered.ran
    ]


def _page(check: Check) -> Markup:
    return Markup(to_html(check.doc))  # noqa: S704 - the parser escapes, and lets no HTML through


def _bar(counts: dict[Severity, int]) -> list[tuple[Severity, float, float]]:
    """A bar in hundredths: each severity with where it starts and how long it is."""
    total = sum(counts.values()) or 1
    parts, start = [], 0.0
    for severity, count in counts.items():
        if count:
            parts.append((severity, round(start, 2), round(100 * count / total, 2)))
            start += 100 * count / total
    return parts


def _reference(reference: str) -> Markup:
    """A CWE as a link, anything else as text."""
    said = text.name(reference)
    for start, address in _REFERENCES.items():
        number = reference.removeprefix(start)
        if reference.startswith(start) and number.isdigit() and number.isascii():
            return Markup('<a href="{}" rel="noreferrer">{}</a>').format(address.format(number), said)
    return Markup("{}").format(said)


def page_part(name: str) -> str:
    """One of our own files that go into a page whole."""
    return files("ostiary.report").joinpath("templates", name).read_text(encoding="utf-8")


def digest(content: str) -> str:
    """What a page's security policy knows a part of it by."""
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
