"""`ostiary audit`: what is wrong with these definitions."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ostiary.audit import AuditResult, Severity
from ostiary.audit.decided.compared import against_base, against_baseline
from ostiary.cli import options
from ostiary.cli.auditing import (
    Reading,
    Running,
    baseline_of,
    before,
    check_audiences,
    check_folders,
    keep,
    proving_meanwhile,
)
from ostiary.cli.config import load
from ostiary.cli.output import Failure, check_writable, console, put, say, write
from ostiary.report import terminal
from ostiary.report.formats import FORMATS, Format, Report, content, of_file
from ostiary.report.text import enumerated
from ostiary.sources import shown_target

NEW = "Only what is new"
SETTINGS = "Settings"


class FailOn(StrEnum):
    """From which severity findings make the exit code 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


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
            help="Run only these checks, and those few that always run: whether names are known, files can be "
            "read, and comments have an effect. Repeat it, or separate several by commas.",
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
        FailOn | None,
        typer.Option(
            "--fail-on",
            case_sensitive=False,
            show_default=False,
            help="End with exit code 1 where a finding is at least this grave, or never. By default medium.",
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="FILE",
            rich_help_panel=NEW,
            show_default=False,
            help="Report only what is not in this file, which --write-baseline wrote.",
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline",
            metavar="FILE",
            rich_help_panel=NEW,
            show_default=False,
            help="Write all findings to this file, so that --baseline knows them from now on. The exit code is then 0.",
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff",
            metavar="BASE",
            rich_help_panel=NEW,
            show_default=False,
            help="Report only what is new since BASE: a git revision of the targets, such as main or HEAD~1, or "
            "another target (a path, a snapshot) that says how it was.",
        ),
    ] = None,
    all_: Annotated[
        bool | None,
        typer.Option(
            "--all/--only-targets",
            show_default=False,
            help="Report on the modules that were read as dependencies too, or on those of the targets only (this is "
            "so by default).",
        ),
    ] = None,
    comments: Annotated[
        bool | None,
        typer.Option(
            "--comments/--no-comments",
            rich_help_panel=SETTINGS,
            show_default=False,
            help="Let comments in the modules accept findings (this is so by default), or not: for modules that are "
            "not your own.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            rich_help_panel=SETTINGS,
            show_default=False,
            help="Take the settings of this file. By default those of the nearest ostiary.toml, or pyproject.toml with "
            r"\[tool.ostiary], in this folder or above it.",
        ),
    ] = None,
    no_config: Annotated[
        bool, typer.Option("--no-config", rich_help_panel=SETTINGS, help="Take the settings of no file.")
    ] = False,
    title: Annotated[
        str,
        typer.Option(
            "--title",
            metavar="TEXT",
            show_default=False,
            help="The title of the HTML or PDF report. By default the modules' names.",
        ),
    ] = "",
    date: Annotated[
        str,
        typer.Option(
            "--date",
            metavar="TEXT",
            show_default=False,
            help="A date for the HTML or PDF report, shown as given. Without it the report has none.",
        ),
    ] = "",
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            rich_help_panel=options.READING,
            show_default=False,
            help="Read the modules' demo data too, or leave it out (this is so by default).",
        ),
    ] = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Find the ways in which access definitions let the wrong people in.

    Exit code 0: no finding at or above --fail-on, or a baseline was written. 1: at least one. 2: wrong usage, or a
    target, a baseline or a file of settings can't be read. Findings that are accepted by a comment or by settings, or
    that are not new, don't count.
    """
    for path in (output, html, write_baseline):
        check_writable(path)
    chosen = format_ or _format_of(output)
    check_makeable(chosen, output)
    if write_baseline is not None and diff is not None:
        raise Failure("--write-baseline keeps all findings and --diff shows the new ones: give one of them.")
    said = load(config, without=no_config)
    settings = said.settings
    if all_ is not None:
        settings = msgspec.structs.replace(settings, dependencies=all_)
    if comments is not None:
        settings = msgspec.structs.replace(settings, comments=comments)
    if not addons_path:
        check_folders(said.addons_path, settings.name)
    known_file = baseline or said.baseline
    known = baseline_of(known_file, write_baseline, settings.name if baseline is None else "")
    least = min_severity or settings.min_severity
    reading = Reading(
        targets,
        addons_path or said.addons_path,
        odoo or said.odoo,
        options.listed(modules) or None,
        said.demo if demo is None else demo,
        no_cache,
        no_progress,
    )
    running = Running(
        options.listed(select), options.listed(ignore), min_severity, settings, not no_progress, not no_cache
    )
    with proving_meanwhile(running) as begin:
        policy = reading.policy(begin if diff is None else None)
        check_audiences(policy, settings)
        earlier, absent = before(diff, reading, policy) if diff is not None else (None, ())
        result = running.result(policy)
    if write_baseline is not None:
        keep(result, write_baseline)
    # The baseline is judged on all findings: --diff takes away those that it knows too.
    if known is not None and known_file is not None:
        result = against_baseline(result, known, policy, name=known_file, least=least, settings=settings)
    if earlier is not None and diff is not None:
        result = against_base(result, running.result(earlier), name=shown_target(diff), absent=absent)
    sources = (*targets, *reading.addons_path)
    # What a report shows of a database's URL is never its credentials.
    targets = [shown_target(target) for target in targets]
    _say(Report(result, policy, targets, title, date, least, sources), chosen, output, html)
    limit = fail_on or (FailOn(said.fail_on) if said.fail_on else FailOn.MEDIUM)
    raise typer.Exit(1 if write_baseline is None and fails(result, limit) else 0)


def _format_of(output: Path | None) -> Format:
    """The format for a file, by the ending of its name. Raises Failure for an ending that stands for none."""
    found = of_file(output)
    if found is None and output is not None and output.suffix:
        endings = enumerated((each for row in FORMATS.values() for each in row.suffixes), "or")
        raise Failure(
            f"{output} has an ending that says no format: name it with --format, or end it in {endings}."
        )
    return found or Format.TERMINAL


def check_makeable(chosen: Format, output: Path | None) -> None:
    """Say before the work begins that a PDF can't be made here, or would go to a terminal."""
    if chosen is not Format.PDF:
        return
    from ostiary.report import pdf

    try:
        pdf.check()
    except pdf.Unavailable as error:
        raise Failure(str(error)) from None
    if output is None and sys.stdout.isatty():
        raise Failure("A PDF is no text for a terminal: name its file with --output.")


def _say(report: Report, chosen: Format, output: Path | None, html: Path | None) -> None:
    """Print the report or write it, and say what could not be run."""
    result = report.result
    if output is not None:
        write(output, content(report, chosen))
        if str(output) != "-":
            terminal.summary(result, console(), least=report.least)
            say(f"The report is {output}.")
    elif chosen is Format.TERMINAL:
        terminal.render(result, report.policy, console(), targets=report.targets, least=report.least)
    else:
        put(content(report, chosen))
    if html is not None:
        write(html, content(report, Format.HTML))
        if str(html) != "-":
            say(f"The HTML report is {html}.", error=output is None and chosen is not Format.TERMINAL)
    for error in result.errors:
        say(f"ostiary: {error.message}", style="yellow", error=True)


def fails(result: AuditResult, fail_on: FailOn) -> bool:
    """Whether a finding is at least as grave as wished."""
    return fail_on is not FailOn.NEVER and any(
        finding.severity >= Severity(fail_on.value) for finding in result.findings
    )
