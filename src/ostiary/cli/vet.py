"""`ostiary vet`: what would installing these modules let people do, and is there something to look at first?"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options, reaching
from ostiary.cli.options import listed, paths
from ostiary.cli.output import console, put, say, write
from ostiary.cli.reaching import ListFormat
from ostiary.cli.vetting import Vetting, located
from ostiary.sources import shown_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ostiary.report.vet_found import Vetted
    from ostiary.report.vet_verdict import Said


class VetFailOn(StrEnum):
    """Which verdicts make the exit code 1."""

    STOP = "stop"
    LOOK = "look"
    NEVER = "never"


def vet(
    modules: Annotated[
        list[str],
        typer.Argument(
            metavar="MODULE...",
            show_default=False,
            help="What somebody thinks of installing: a module's folder, a folder of modules, a wheel or zip, also at "
            "a revision as PATH@REVISION; or the name of a module in a folder that --addons-path names.",
        ),
    ],
    *,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="NAMES",
            show_default=False,
            help="Modules that these depend on and that are not installed yet either: what they bring counts as new "
            "too. By default all that the modules depend on is taken for installed. Repeat it, or separate several by "
            "commas.",
        ),
    ] = None,
    fail_on: Annotated[
        VetFailOn,
        typer.Option(
            "--fail-on",
            case_sensitive=False,
            help="End with exit code 1 where the verdict is stop (not to be installed as it is), look (that, or there "
            "are things to look at first), or never.",
        ),
    ] = VetFailOn.STOP,
    format_: reaching.AsFormat = None,
    output: options.Output = None,
    title: reaching.Title = "",
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Say what installing modules would let people do, and what to look at before, with a verdict in three lines.

    It compares what portal users, public visitors and internal users may do with the modules and without; lists their
    routes and methods with what these reach, the pages and definitions of other modules that they change, what runs
    when they are installed and what reaches other machines; and runs all checks on them. Comments in the modules accept
    nothing.

    Exit code 0: nothing that --fail-on names. 1: the verdict is one that it names. 2: wrong usage, or a module can't
    be read.
    """
    from ostiary.report.vet_verdict import Advice, verdict

    chosen = reaching.chosen_format(format_, output)
    targets = located(modules, addons_path)
    vetting = Vetting(targets, paths(addons_path), listed(without), odoo, no_cache, not no_progress)
    found = vetting.found()
    said = verdict(found)
    _report(found, said, sources=targets, wanted=chosen, output=output, title=title)
    for error in found.result.errors:
        say(f"ostiary: {error.message}", style="yellow", error=True)
    fails = {VetFailOn.STOP: (Advice.STOP,), VetFailOn.LOOK: (Advice.STOP, Advice.LOOK)}.get(fail_on, ())
    raise typer.Exit(1 if said.advice in fails else 0)


def _report(
    found: Vetted, said: Said, *, sources: Sequence[str], wanted: ListFormat, output: Path | None, title: str
) -> None:
    """Say it: on the terminal, or as a file with the verdict on the terminal."""
    from ostiary.report import vet_formats, vet_html, vet_terminal

    targets = [shown_target(one) for one in sources]
    if output is None and wanted is ListFormat.TERMINAL:
        vet_terminal.render(found, said, console(), targets=targets)
        return
    texts: dict[ListFormat, Callable[[], str]] = {
        ListFormat.JSON: lambda: vet_formats.as_json(found, said, targets=targets),
        ListFormat.MARKDOWN: lambda: vet_formats.as_markdown(found, said, targets=targets),
        ListFormat.HTML: lambda: vet_html.render(found, said, targets=targets, title=title, sources=sources),
        ListFormat.TERMINAL: lambda: vet_terminal.as_text(found, said, targets=targets),
    }
    text = texts[wanted]()
    if output is None:
        put(text)
        return
    write(output, text)
    if str(output) != "-":
        for sentence in said.lines:
            say(sentence)
        say(f"The report is {output}.")
