"""The formats an audit is said in: one row each, with the endings of its files and what renders it.

Another format is one more member of `Format` and one more row of `FORMATS`. A renderer is imported when it is asked
for, since some of them take long to import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ostiary.audit import AuditResult, Severity
from ostiary.policy import Policy


class Format(StrEnum):
    """How an audit is said."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"
    PDF = "pdf"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made from.

    `targets` are what was audited, as shown; `title` and `date` are for reports that have one; `least` is the severity
    below which findings were left out. `sources` are the targets and addons paths as they were given, from which some
    reports read the lines they speak of.
    """

    result: AuditResult
    policy: Policy
    targets: Sequence[str] = ()
    title: str = ""
    date: str = ""
    least: Severity | None = None
    sources: Sequence[str | os.PathLike[str]] = ()


@dataclass(frozen=True, slots=True)
class Renderer:
    """One format: the endings of files (`.json`) it is chosen by, and the function that gives its content."""

    suffixes: tuple[str, ...]
    render: Callable[[Report], str | bytes]


def of_file(path: Path | None) -> Format | None:
    """The format that a file's name asks for, if it does."""
    if path is None:
        return None
    suffix = path.suffix.lower()
    return next((format_ for format_, row in FORMATS.items() if suffix in row.suffixes), None)


def content(report: Report, wanted: Format) -> str | bytes:
    """The report in a format: a text, or the bytes of a PDF."""
    return FORMATS[wanted].render(report)


def _terminal(report: Report) -> str:
    from ostiary.report import terminal

    return terminal.as_text(report.result, report.policy, targets=report.targets, least=report.least)


def _json(report: Report) -> str:
    from ostiary.report import json_

    return json_.render(report.result, report.policy, targets=report.targets, least=report.least)


def _sarif(report: Report) -> str:
    from ostiary.report import sarif

    return sarif.render(report.result, report.policy, targets=report.targets)


def _html(report: Report) -> str:
    from ostiary.report import excerpt, html

    with excerpt.reading(report.sources) as reader:
        return html.render(
            report.result,
            report.policy,
            targets=report.targets,
            title=report.title,
            date=report.date,
            least=report.least,
            reader=reader,
        )


def _pdf(report: Report) -> bytes:
    from ostiary.report import excerpt, pdf

    with excerpt.reading(report.sources) as reader:
        return pdf.render(
            report.result,
            report.policy,
            targets=report.targets,
            title=report.title,
            date=report.date,
            least=report.least,
            reader=reader,
        )


def _gitlab(report: Report) -> str:
    from ostiary.report import code_quality

    return code_quality.render(report.result)


def _junit(report: Report) -> str:
    from ostiary.report import junit

    return junit.render(report.result, report.policy)


def _markdown(report: Report) -> str:
    from ostiary.report import comment

    return comment.render(report.result, report.policy, targets=report.targets, least=report.least)


FORMATS: Mapping[Format, Renderer] = {
    Format.TERMINAL: Renderer((".txt",), _terminal),
    Format.JSON: Renderer((".json",), _json),
    Format.SARIF: Renderer((".sarif",), _sarif),
    Format.HTML: Renderer((".html", ".htm"), _html),
    Format.PDF: Renderer((".pdf",), _pdf),
    Format.GITLAB: Renderer((), _gitlab),
    Format.JUNIT: Renderer((".xml",), _junit),
    Format.MARKDOWN: Renderer((".md",), _markdown),
}
