"""`ostiary shell`: Python as somebody, on records that access is held to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ostiary import __version__
from ostiary.cli import options
from ostiary.cli.options import listed
from ostiary.cli.output import Failure, say
from ostiary.cli.rows import reading_rows
from ostiary.cli.shell_session import Session

if TYPE_CHECKING:
    from ostiary.cli.shell_world import Place

_MOST_LISTED = 12
_MOST_BYTES = 4 * 1024 * 1024


def shell(
    targets: options.Targets,
    *,
    as_: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="WHO",
            show_default=False,
            help="A user's login; or a group by its external id or by its name, as in 'agent', for a user who holds "
            "only that; or portal, public or internal.",
        ),
    ],
    company: options.Company = None,
    records: Annotated[
        Path | None,
        typer.Option(
            "--records",
            metavar="FILE",
            show_default=False,
            help="A file of access tests, whose companies, users and records are put into the tables. By default the "
            "records of the addons' own data and demo files.",
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--command",
            "-c",
            metavar="CODE",
            show_default=False,
            help="Run this Python, show the values of its expressions, and end.",
        ),
    ] = None,
    as_odoo: Annotated[
        bool,
        typer.Option(
            "--as-odoo",
            help="Behave as Odoo does to the letter, which asks for less than it might: 'strict=False'.",
        ),
    ] = False,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Open a Python session in which somebody works on records, with exactly the access they have.

    The tables are in memory and gone at the end; an Odoo's database is only read. 'env' is the environment, 'self' the
    user, 'ref' finds a record by its name. A refusal is said with the tree of its reasons. Nothing of Odoo's runs.
    Without a terminal, the standard input is run as a script.

    Exit code 0. 1: the code raised an error, or was refused. 2: wrong usage, or a target can't be read.
    """
    text = command if command is not None else _script()
    with ExitStack() as stack:
        policy, access = stack.enter_context(
            reading_rows(
                targets,
                addons_path=addons_path,
                odoo=odoo,
                modules=modules,
                demo=records is None,
                no_cache=no_cache,
                no_progress=no_progress,
            )
        )
        from ostiary.cli import shell_world

        chosen = listed(company)
        if access is not None:
            if records is not None:
                raise Failure(
                    "--records fills tables in memory, and a database has rows of its own: leave one out."
                )
            opened = shell_world.in_database(policy, access, as_, chosen, strict=not as_odoo)
        else:
            opened = shell_world.in_memory(
                policy, as_, chosen, records=records, targets=targets, strict=not as_odoo
            )
        place = stack.enter_context(opened)
        session = _session(place)
        if text is None:
            ended = session.typed(banner(place, targets, policy.odoo))
        else:
            name = "<command>" if command is not None else "<script>"
            ended = session.script(text, shown=command is not None, name=name)
    raise typer.Exit(ended)


def _script() -> str | None:
    """What stands on the standard input; None where a person types there. Raises Failure."""
    if sys.stdin is None or sys.stdin.isatty():
        return None
    text = sys.stdin.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise Failure("The script on the standard input is longer than 4 MiB.")
    return text


def _session(place: Place) -> Session:
    from ostiary import enforce
    from ostiary.records.errors import RecordsError

    env = place.env
    user: Any = env["res.users"].browse(env.uid) if env.uid is not None else env["res.users"]
    names: dict[str, Any] = {"env": env, "self": user}
    names |= {
        name: getattr(enforce, name)
        for name in ("AccessError", "Command", "MissingError", "Undecided", "UserError", "ValidationError")
    }
    session = Session(names, (enforce.EnforceError, RecordsError), lambda text: say(text, error=True))
    # As whoever `env` stands for by then.
    session.names["ref"] = lambda name: place.ref(name, session.names["env"])
    return session


def banner(place: Place, targets: Sequence[str], odoo: str) -> str:
    """What a person is told when a session begins: who they are, where, and what they can do there."""
    from ostiary.sources import hidden

    env = place.env
    subject = env.subject
    held = sorted(subject.groups, key=lambda group: (group.startswith("base."), group))
    first = "env = env.with_user({!r})"
    others = [login for login in place.logins if subject.user is None or login != subject.user.login]
    lines = [
        f"Ostiary {__version__} · Odoo {odoo} · {' '.join(map(hidden, targets))} · rows {place.rows}",
        f"You are {subject.name}, in {_listed(held)}.",
        _companies(place),
        f"Records: {_listed([f'{model} ({count})' for model, count in place.counts.items()])}."
        if place.counts
        else "",
        f"Others are {_listed(others)}: {first.format(others[-1])}." if others else "",
        "Names: env, self, ref('name'), Command; env.sudo(reason='...') passes all rights, env.bypasses says where.",
        *place.notes,
    ]
    return "\n".join(line for line in lines if line)


def _companies(place: Place) -> str:
    env = place.env
    names = {one.id: one.name or one.xmlid for one in env.policy.companies}
    chosen = [names.get(one, str(one)) for one in env.session.companies]
    if not chosen:
        return "You are in no company."
    more = f" (the current one), {', '.join(chosen[1:])}" if len(chosen) > 1 else ""
    return f"Your companies: {chosen[0]}{more}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return (", ".join(names[:_MOST_LISTED]) or "none") + more
