"""`ostiary audit`: what is wrong with these definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ostiary.audit import AuditResult, Severity
from ostiary.cli import options
from ostiary.cli.output import check_writable, console, progress, put, say, write
from ostiary.cli.reading import read
from ostiary.policy import Policy
from ostiary.report import terminal
from ostiary.sources import shown_target


class Format(StrEnum):
    """How an audit is said."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


class FailOn(StrEnum):
    """From which severity findings make the exit code 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


_SUFFIXES = {".html": Format.HTML, ".htm": Format.HTML, ".sarif": Format.SARIF, ".json": Format.JSON}


def audit(
    targets: options.Targets,
    *,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            case_sensitive=False,
            show_default=False,
            help="How to say it. By default what the ending of --output says, else terminal.",
        ),
    ] = None,
    output: options.Output = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            show_default=False,
            help="Write the HTML report to this file too, whatever the format.",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="CHECKS",
            show_default=False,
            help="Run only these checks. Repeat it, or separate several by commas.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="CHECKS",
            show_default=False,
            help="Leave these checks out. Repeat it, or separate several by commas.",
        ),
    ] = None,
    min_severity: Annotated[
        Severity | None,
        typer.Option(
            "--min-severity",
            case_sensitive=False,
            show_default=False,
            help="Leave out findings below this severity; they don't count for --fail-on either.",
        ),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on",
            case_sensitive=False,
            help="End with exit code 1 where a finding is at least this grave, or never.",
        ),
    ] = FailOn.MEDIUM,
    title: Annotated[
        str,
        typer.Option(
            "--title",
            metavar="TEXT",
            show_default=False,
            help="The HTML report's title. By default the modules' names.",
        ),
    ] = "",
    date: Annotated[
        str,
        typer.Option(
            "--date",
            metavar="TEXT",
            show_default=False,
            help="A date for the HTML report, shown as given. Without it the report has none.",
        ),
    ] = "",
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Find the ways in which access definitions let the wrong people in.

    Exit code 0: no finding at or above --fail-on. 1: at least one. 2: wrong usage, or a target can't be read.
    """
    from ostiary.audit import audit as run

    check_writable(output)
    check_writable(html)
    policy = read(
        targets,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
        hint=False,
    )
    with progress(not no_progress) as report:
        result = run(
            policy,
            select=options.listed(select),
            ignore=options.listed(ignore),
            min_severity=min_severity,
            progress=report,
        )
    chosen = format_ or (_SUFFIXES.get(output.suffix.lower()) if output else None) or Format.TERMINAL
    # What a report shows of a database's URL is never its credentials.
    targets = [shown_target(target) for target in targets]
    report_on = Report(result, policy, targets, title, date, min_severity)
    if output is not None:
        write(output, report_on.text(chosen))
        if str(output) != "-":
            terminal.summary(result, console(), least=min_severity)
            say(f"The report is {output}.")
    elif chosen is Format.TERMINAL:
        terminal.render(result, policy, console(), targets=targets, least=min_severity)
    else:
        put(report_on.text(chosen))
    if html is not None:
        write(html, report_on.text(Format.HTML))
        if str(html) != "-":
            say(f"The HTML report is {html}.", error=output is None and chosen is not Format.TERMINAL)
    for error in result.errors:
        say(f"ostiary: {error.message}", style="yellow", error=True)
    raise typer.Exit(1 if fails(result, fail_on) else 0)


def fails(result: AuditResult, fail_on: FailOn) -> bool:
    """Whether a finding is at least as grave as wished."""
    return fail_on is not FailOn.NEVER and any(
        finding.severity >= Severity(fail_on.value) for finding in result.findings
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made from."""

    result: AuditResult
    policy: Policy
    targets: Sequence[str]
    title: str = ""
    date: str = ""
    least: Severity | None = None

    def text(self, wanted: Format) -> str:
        """The report in a format."""
        if wanted is Format.JSON:
            from ostiary.report import json_

            return json_.render(self.result, self.policy, targets=self.targets, least=self.least)
        if wanted is Format.SARIF:
            from ostiary.report import sarif

            return sarif.render(self.result, self.policy, targets=self.targets)
        if wanted is Format.HTML:
            from ostiary.report import html

            return html.render(
                self.result,
                self.policy,
                targets=self.targets,
                title=self.title,
                date=self.date,
                least=self.least,
            )
        return terminal.as_text(self.result, self.policy, targets=self.targets, least=self.least)
