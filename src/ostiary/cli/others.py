"""`ostiary snapshot` and `ostiary checks`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import Shape
from ostiary.cli.output import Failure, check_writable, console, put, say
from ostiary.cli.reading import read


def snapshot(
    targets: options.Targets,
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="The file to write, all of it or nothing; its name ends in .json.",
        ),
    ],
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Save what was read as one JSON file, which every command takes as a target."""
    from ostiary.report.text import plural
    from ostiary.sources import snapshot as snapshots

    check_writable(output)
    if output.suffix.lower() != ".json":
        raise Failure(f"{output} could not be read back: give the snapshot a name that ends in .json.")
    policy = read(
        targets,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    try:
        snapshots.save(policy, output)
    except OSError as error:
        raise Failure(f"{output} can't be written: {error.strerror or error}.") from None
    say(
        f"{output} holds {plural(len(policy.modules), 'module')}, {plural(len(policy.models), 'model')}, "
        f"{plural(len(policy.groups), 'group')}, {plural(len(policy.rights), 'access right')} and "
        f"{plural(len(policy.rules), 'record rule')}."
    )


def checks(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", show_default=False, help="The check whose page to show.")
    ] = None,
    format_: options.AsShape = Shape.TERMINAL,
) -> None:
    """List the checks, or show the page of one."""
    from ostiary.audit import catalogue
    from ostiary.report import pages

    known = catalogue()
    for error in known.errors:
        say(f"ostiary: {error.message}", style="yellow", error=True)
    if id is None:
        if format_ is Shape.JSON:
            put(pages.as_json(known.checks))
        else:
            pages.render_list(known.checks, console())
        return
    found = next((check for check in known.checks if check.id == id), None)
    if found is None:
        near = get_close_matches(id, [check.id for check in known.checks], n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "'ostiary checks' lists them."
        raise Failure(f"There is no check called {id}; {hint}")
    if format_ is Shape.JSON:
        put(pages.as_json([found]))
    else:
        pages.render_page(found, console())
