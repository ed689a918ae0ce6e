"""What `ostiary routes` and `ostiary rpc` share: their options, the reading with code, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import listed
from ostiary.cli.output import Failure, check_writable, console, progress, put, say, write
from ostiary.cli.proving import hint, solving
from ostiary.cli.reading import read
from ostiary.policy import Mode, Policy
from ostiary.policy.code import EntryKind
from ostiary.policy.concerned import audited
from ostiary.sources import shown_target

if TYPE_CHECKING:
    from ostiary.report.routes_inventory import Inventory, Wanted


class Caller(StrEnum):
    """Who calls."""

    PORTAL = "portal"
    PUBLIC = "public"
    INTERNAL = "internal"


class ListFormat(StrEnum):
    """How an inventory is said."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"


SUFFIXES = {
    ".json": ListFormat.JSON,
    ".html": ListFormat.HTML,
    ".htm": ListFormat.HTML,
    ".md": ListFormat.MARKDOWN,
    ".markdown": ListFormat.MARKDOWN,
}

Reaching = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="GLOB",
        show_default=False,
        help="Only those that reach models with such names, as in 'sale.*'; repeat it for several.",
    ),
]
Changing = Annotated[
    bool, typer.Option("--changes", help="Only those that change something, or call what may.")
]
PastRights = Annotated[
    bool,
    typer.Option("--superuser", help="Only those that go past access rights: as superuser, or by queries."),
]
Everything = Annotated[
    bool,
    typer.Option("--all", help="Those of the modules that were read as dependencies too. It takes longer."),
]
NoProof = Annotated[
    bool,
    typer.Option(
        "--no-proof",
        help="Don't prove what rights and rules say of the models that are reached: it is faster.",
    ),
]
AsFormat = Annotated[
    ListFormat | None,
    typer.Option(
        "--format",
        "-f",
        case_sensitive=False,
        show_default=False,
        help="How to say it. By default what the ending of --output says, else terminal.",
    ),
]
Title = Annotated[
    str,
    typer.Option(
        "--title",
        metavar="TEXT",
        show_default=False,
        help="The HTML page's title. By default the modules' names.",
    ),
]


def read_code(
    targets: Sequence[str],
    *,
    everything: bool,
    addons_path: Sequence[str] | None,
    odoo: str | None,
    modules: Sequence[str] | None,
    no_cache: bool,
    no_progress: bool,
) -> Policy:
    """The policy of the targets with their code; with that of what they depend on where `everything` is wanted.

    Raises Failure where no code was read: a database holds none.
    """

    def reading(
        places: Sequence[str], needs: Sequence[str] | None, names: Sequence[str] | None, code: bool
    ) -> Policy:
        return read(
            places,
            addons_path=needs,
            odoo=odoo,
            modules=names,
            no_cache=no_cache,
            no_progress=no_progress,
            code=code,
        )

    if everything and addons_path:
        policy = reading(targets, addons_path, modules, False)
        names = sorted(name for name in policy.modules if audited(policy, name))
        policy = reading([*targets, *options.paths(addons_path)], None, names, True)
    else:
        policy = reading(targets, addons_path, modules, True)
    if policy.code is None:
        raise Failure(
            f"No code was read from {', '.join(map(shown_target, targets))}: give the modules' folders, or for a "
            "database their source as --addons-path."
        )
    return policy


def listing(policy: Policy, kind: EntryKind, wanted: Wanted, *, proof: bool, shown: bool) -> Inventory:
    """The inventory. Raises Failure where a filter names nothing there is."""
    from ostiary.report.routes_inventory import inventory

    _known(policy, kind, wanted)
    if not proof:
        return inventory(policy, kind, wanted=wanted)
    from ostiary.audit.asking.proofs import proving
    from ostiary.audit.code.join import Join, join

    def ask(audience: str, model: str, mode: Mode) -> Join:
        return join(policy, audience, model, mode)

    with solving(), proving(policy), progress(shown) as report:
        return inventory(policy, kind, wanted=wanted, ask=ask, progress=report)


def _known(policy: Policy, kind: EntryKind, wanted: Wanted) -> None:
    for glob in wanted.models:
        names = list(policy.models)
        if not any(fnmatchcase(name, glob) for name in names):
            raise Failure(f"No model is called {glob}{hint(glob, names)}")
    entries = [one for one in (policy.code.entries if policy.code else ()) if one.kind is kind]
    for glob in wanted.paths:
        called = [
            each for one in entries for each in (one.route.paths if one.route else (one.method, one.name))
        ]
        if called and not any(fnmatchcase(each, glob) for each in called):
            what = "route has the path" if kind is EntryKind.ROUTE else "method is called"
            raise Failure(f"No {what} {glob}{hint(glob, called)}")


def wanted_of(
    audience: Caller | None,
    model: Sequence[str] | None,
    called: Sequence[str] | None,
    changes: bool,
    superuser: bool,
) -> Wanted:
    """What the options narrow an inventory down to."""
    from ostiary.report.routes_inventory import Wanted

    return Wanted(
        audience=audience.value if audience is not None else "",
        models=tuple(listed(model)),
        paths=tuple(called or ()),
        changes=changes,
        superuser=superuser,
    )


def chosen_format(wanted: ListFormat | None, output: Path | None) -> ListFormat:
    """How to say it, once it is known that the file can be written."""
    check_writable(output)
    return wanted or (SUFFIXES.get(output.suffix.lower()) if output else None) or ListFormat.TERMINAL


def report(
    found: Inventory,
    policy: Policy,
    *,
    targets: Sequence[str],
    wanted: ListFormat,
    output: Path | None,
    title: str,
) -> None:
    """Say it: on the terminal, or as a file with a summary of it on the terminal."""
    from ostiary.report import routes_formats, routes_html, routes_terminal

    shown = [shown_target(one) for one in targets]
    if output is None and wanted is ListFormat.TERMINAL:
        routes_terminal.render(found, policy, console(), targets=shown)
        return
    texts: dict[ListFormat, Callable[[], str]] = {
        ListFormat.JSON: lambda: routes_formats.as_json(found, policy, targets=shown),
        ListFormat.MARKDOWN: lambda: routes_formats.as_markdown(found, policy, targets=shown),
        ListFormat.HTML: lambda: routes_html.render(found, policy, targets=shown, title=title),
        ListFormat.TERMINAL: lambda: routes_terminal.as_text(found, policy, targets=shown),
    }
    text = texts[wanted]()
    if output is None:
        put(text)
        return
    write(output, text)
    if str(output) != "-":
        routes_terminal.summary(found, policy, console())
        say(f"The report is {output}.")
