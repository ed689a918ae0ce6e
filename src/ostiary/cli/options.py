"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

READING = "Reading"

Targets = Annotated[
    list[str],
    typer.Argument(
        metavar="TARGET...",
        show_default=False,
        help="What to read: a module, a folder of modules, a wheel or zip that holds modules, a snapshot, or "
        "an Odoo database as postgresql://USER@HOST:PORT/DATABASE. A folder in a git work tree is read at a revision "
        "as PATH@REVISION, such as addons@HEAD~1, without a checkout.",
    ),
]
AddonsPath = Annotated[
    list[str] | None,
    typer.Option(
        "--addons-path",
        metavar="PATH",
        rich_help_panel=READING,
        show_default=False,
        help="A folder of modules (also as PATH@REVISION), or a snapshot, that the targets depend on: read, but not "
        "reported on. For a database, its modules' source, which says the groups of fields and what is overridden in "
        "Python. Repeat it, or separate several by commas or as in the variable PATH.",
    ),
]
Odoo = Annotated[
    str | None,
    typer.Option(
        "--odoo",
        metavar="VERSION",
        rich_help_panel=READING,
        show_default=False,
        help="The version of Odoo, such as 17.0. Without it the modules' manifests or the database say.",
    ),
]
Modules = Annotated[
    list[str] | None,
    typer.Option(
        "--modules",
        metavar="NAMES",
        rich_help_panel=READING,
        show_default=False,
        help="Only these modules and what they depend on; of a database, report on these only. Repeat it, or separate "
        "several by commas.",
    ),
]
Demo = Annotated[
    bool, typer.Option("--demo", rich_help_panel=READING, help="Read the modules' demo data too.")
]
NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache", rich_help_panel=READING, help="Read every file anew and keep nothing for the next time."
    ),
]
NoProgress = Annotated[
    bool,
    typer.Option(
        "--no-progress",
        rich_help_panel=READING,
        help="Show no progress. It is only ever shown on a terminal, on the error output.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        help="Write to a file, all of it or nothing, instead of the standard output.",
    ),
]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="As if the session were in debug mode, in which base.group_no_one counts."),
]

Company = Annotated[
    list[str] | None,
    typer.Option(
        "--company",
        metavar="ID_OR_XMLID",
        show_default=False,
        help="A company that the user has chosen, the current one first; repeat it for several. By default all of "
        "each user's. It matters to questions about records.",
    ),
]


class Shape(StrEnum):
    """What the smaller commands print."""

    TERMINAL = "terminal"
    JSON = "json"


AsShape = Annotated[Shape, typer.Option("--format", "-f", case_sensitive=False, help="How to say it.")]


def listed(values: Iterable[str] | None) -> list[str]:
    """The names in a repeated option, each of which may hold several between commas."""
    return [name for value in values or () for part in value.split(",") if (name := part.strip())]


def paths(values: Iterable[str] | None) -> list[str]:
    """The paths in a repeated option; one that exists as it is written is one path, whatever it holds."""
    found: list[str] = []
    for value in values or ():
        if Path(value).exists():
            found.append(value)
        else:
            parts = [part.strip() for piece in value.split(",") for part in piece.split(os.pathsep)]
            found.extend(part for part in parts if part)
    return found
