"""`ostiary diff`: what does a change of definitions let somebody do that they could not?"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import listed
from ostiary.cli.output import Failure, check_writable, console, progress, put, say, write
from ostiary.cli.proving import (
    CrossCheck,
    Except,
    Modes,
    WithWitness,
    hint,
    named_audiences,
    solving,
)
from ostiary.cli.reading import read
from ostiary.policy import Mode, Policy
from ostiary.sources import shown_target

if TYPE_CHECKING:
    from ostiary.prove import Difference

_ONE = (
    "what to read, as a target of the other commands: a folder of modules, also at a revision as PATH@REVISION, a "
    "snapshot, or a database."
)


class DiffFormat(StrEnum):
    """How a difference is said."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


_SUFFIXES = {".json": DiffFormat.JSON, ".md": DiffFormat.MARKDOWN, ".markdown": DiffFormat.MARKDOWN}
_OTHERS = (".html", ".htm", ".sarif")  # what `ostiary prove` would write into such a file


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", show_default=False, help=f"How it was: {_ONE}")],
    new: Annotated[str, typer.Argument(metavar="NEW", show_default=False, help=f"How it is now: {_ONE}")],
    *,
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            "--audience",
            metavar="WHO",
            show_default=False,
            help="portal, public, internal, or a group's external id; repeat it for several. By default those from "
            "outside (portal users, public visitors and share groups of the modules' own), and internal users and "
            "each group that a changed definition names.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="GLOB",
            show_default=False,
            help="Only models with such names, as in 'sale.*'; repeat it for several. By default all.",
        ),
    ] = None,
    except_: Except = None,
    mode: Modes = None,
    cross_check: CrossCheck = False,
    witness: WithWitness = False,
    fail_on_wider: Annotated[
        bool,
        typer.Option(
            "--fail-on-wider",
            help="End with exit code 1 where somebody reaches a record that they did not, or where that is not known.",
        ),
    ] = False,
    format_: Annotated[
        DiffFormat | None,
        typer.Option(
            "--format",
            "-f",
            case_sensitive=False,
            show_default=False,
            help="How to say it; markdown is for a pull request. By default what the ending of --output says, else "
            "terminal.",
        ),
    ] = None,
    output: options.Output = None,
    addons_path: options.AddonsPath = None,
    old_addons_path: Annotated[
        list[str] | None,
        typer.Option(
            "--old-addons-path",
            metavar="PATH",
            rich_help_panel=options.READING,
            show_default=False,
            help="What OLD depends on, where it is not what --addons-path names.",
        ),
    ] = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Say what a change lets somebody do that they could not, or no longer, with a record that shows it.

    It compares meaning and not text: a rule that is written in another way, or moved to another group with the same
    effect, is no difference. more: records pass now that did not. less: the other way round. incomparable: both.
    unknown: it rests on something that can't be read.

    Exit code 0, also where there are differences, unless --fail-on-wider is given. 2: wrong usage, or a target can't
    be read.
    """
    check_writable(output)
    chosen = _format(format_, output)
    sides = [
        read(
            [target],
            addons_path=needs,
            odoo=odoo,
            modules=modules,
            demo=demo,
            no_cache=no_cache,
            no_progress=no_progress,
        )
        for target, needs in ((old, old_addons_path or addons_path), (new, addons_path))
    ]
    before, after = sides
    models = _models(before, after, model, except_)
    found = _compared(
        before,
        after,
        names=as_,
        models=models,
        modes=mode,
        cross_check=cross_check,
        shown=not no_progress,
    )
    nothing = "Nothing was compared: no model is left." if models == [] else ""
    _report(
        found,
        before,
        after,
        targets=[shown_target(one) for one in (old, new)],
        wanted=chosen,
        output=output,
        witness=witness,
        nothing=nothing,
        agreed=cross_check,
    )
    for one in found:
        if one.defect:
            say(
                f"ostiary: {one.defect}; this is a defect of Ostiary, please report it.",
                style="yellow",
                error=True,
            )
    raise typer.Exit(1 if fail_on_wider and any(one.wider or one.change == "unknown" for one in found) else 0)


def _format(wanted: DiffFormat | None, output: Path | None) -> DiffFormat:
    """How to say it. Raises Failure for a file whose ending asks for what can't be written."""
    ending = output.suffix.lower() if output is not None else ""
    if wanted is None and ending in _OTHERS:
        raise Failure(
            f"A difference can't be written as {ending}: --format says terminal, json or markdown, and so do files "
            "that end in .txt, .json and .md."
        )
    return wanted or _SUFFIXES.get(ending) or DiffFormat.TERMINAL


def _compared(
    old: Policy,
    new: Policy,
    *,
    names: Sequence[str] | None,
    models: Sequence[str] | None,
    modes: Sequence[Mode] | None,
    cross_check: bool,
    shown: bool,
) -> list[Difference]:
    with solving():
        from ostiary.prove.difference import differences

        with progress(shown) as report:
            return list(
                differences(
                    old,
                    new,
                    audiences=_audiences(old, new, names),
                    models=models,
                    **({"modes": list(modes)} if modes else {}),
                    progress=report,
                    cross_check=cross_check,
                )
            )


def _audiences(old: Policy, new: Policy, names: Sequence[str] | None) -> list[str] | None:
    """The audiences that are meant, each a group of either side."""
    found: list[str] = []
    for name in listed(names):
        try:
            found += named_audiences(new, [name]) or []
        except Failure:
            try:
                found += named_audiences(old, [name]) or []
            except Failure:
                named_audiences(new, [name])  # says it of what is there now
    return found or None


def _models(
    old: Policy, new: Policy, patterns: Sequence[str] | None, without: Sequence[str] | None
) -> list[str] | None:
    """The models that are meant, of either side; None for all. Raises Failure where a pattern names none."""
    wanted, unwanted = listed(patterns), listed(without)
    if not wanted and not unwanted:
        return None
    names = sorted({*old.models, *new.models})
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise Failure(f"No model is called {pattern}{hint(pattern, names)}")
    chosen = [one for one in names if not wanted or any(fnmatchcase(one, each) for each in wanted)]
    return [one for one in chosen if not any(fnmatchcase(one, each) for each in unwanted)]


def _report(
    found: Sequence[Difference],
    old: Policy,
    new: Policy,
    *,
    targets: Sequence[str],
    wanted: DiffFormat,
    output: Path | None,
    witness: bool,
    nothing: str,
    agreed: bool,
) -> None:
    from ostiary.report import proofs_diff, proofs_json
    from ostiary.report.proofs_asked import unread

    if output is None and wanted is DiffFormat.TERMINAL:
        proofs_diff.render(
            found, old, new, console(), targets=targets, witness=witness, nothing=nothing, agreed=agreed
        )
        return
    if wanted is DiffFormat.JSON:
        text = proofs_json.differences(found, old, new, targets=targets)
    elif wanted is DiffFormat.MARKDOWN:
        text = proofs_diff.as_markdown(found, old, new, targets=targets, nothing=nothing)
    else:
        text = proofs_diff.as_text(
            found, old, new, targets=targets, witness=witness, nothing=nothing, agreed=agreed
        )
    if output is None:
        put(text)
        return
    write(output, text)
    if str(output) != "-":
        for sentence in (proofs_diff.summary(found, nothing), *unread(old, new)):
            say(sentence)
        say(f"The report is {output}.")
