"""`ostiary decisions`: which records of a database each user may read, write, create and delete."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from math import isfinite
from typing import Annotated

import typer

from ostiary.cli import options
from ostiary.cli.lines import lines
from ostiary.cli.options import listed, paths
from ostiary.cli.output import Failure, check_writable, progress, say
from ostiary.cli.reading import read
from ostiary.cli.rows import company_id
from ostiary.policy import MODES, Mode, Policy, Subject
from ostiary.policy.subject import active_users
from ostiary.report.text import ascii_escapes

MANY = 2_000
_ASSUMED = (
    "ostiary: a database does not hold what modules override in Python; this holds where none but Odoo's known ones "
    "do. Give the modules' source as --addons-path to have them counted."
)


class LinesFormat(StrEnum):
    """How decisions are written."""

    JSONL = "jsonl"


def decisions(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="An Odoo database as postgresql://USER@HOST:PORT/DATABASE. Of a module, a folder of modules or a "
            "snapshot only the access rights and the rules' domains are known, since they hold no rows.",
        ),
    ],
    *,
    user: Annotated[
        list[str] | None,
        typer.Option(
            "--user",
            metavar="LOGIN",
            show_default=False,
            help="A user's login; repeat it for several. By default every active user but the superuser, and visitors.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="GLOB",
            show_default=False,
            help="Only models with such names, as in 'sale.*'; repeat it for several. By default all that have "
            "records.",
        ),
    ] = None,
    mode: Annotated[
        list[Mode] | None,
        typer.Option(
            "--mode", case_sensitive=False, show_default=False, help="Only this mode; repeat it for several."
        ),
    ] = None,
    company: Annotated[
        list[str] | None,
        typer.Option(
            "--company",
            metavar="ID_OR_XMLID",
            show_default=False,
            help="A company that the users have chosen, the current one first; repeat it for several. By default all "
            "of each user's.",
        ),
    ] = None,
    all_rows: Annotated[
        bool,
        typer.Option("--all-rows", help=f"List the records of models with more than {MANY:,} rows too."),
    ] = False,
    format_: Annotated[
        LinesFormat, typer.Option("--format", "-f", case_sensitive=False, help="How to write them.")
    ] = LinesFormat.JSONL,
    output: options.Output = None,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """List which records each user may read, write, create and delete, one JSON object a line.

    A line holds user, uid, model, mode; acl, whether an access right gives the mode; domain, what the record rules
    leave, evaluated for the user; ids, the records that pass, archived ones too; for read also search_ids, those that
    a search finds. What can't be known is null, with the reason as undecided; too_many is the number of rows of a
    model whose records are not listed; fails and refused say which error Odoo raises instead.

    Exit code 0 whatever was found. 2: wrong usage, or the target can't be read.
    """
    from ostiary.sources.database import is_database

    check_writable(output)
    # Bars and lines would overwrite each other on one terminal.
    shown = not no_progress and (output is not None or not sys.stdout.isatty())
    modes = tuple(mode) if mode else MODES
    if not is_database(target):
        policy = read([target], addons_path=addons_path, odoo=odoo, no_cache=no_cache, no_progress=not shown)
        say("ostiary: there are no rows in what was read, so it is not known which records pass.", error=True)
        with lines(output) as write:
            for row in _symbolic(policy, listed(user), _models(policy, listed(model)), modes):
                write(_json(row))
        return
    from ostiary.records.decisions import Wanted
    from ostiary.records.decisions import decisions as decided
    from ostiary.records.opened import open_access
    from ostiary.sources.addons.cache import default_folder
    from ostiary.sources.database.rows import opened_rows

    with progress(shown) as report:
        opened = opened_rows(
            target,
            addons_path=paths(addons_path),
            odoo=odoo,
            cache=None if no_cache else default_folder(),
            progress=report,
        )
        with opened as (policy, connection):
            wanted = Wanted(
                _users(policy, listed(user)),
                _models(policy, listed(model)),
                modes,
                [company_id(policy, one) for one in listed(company)],
                None if all_rows else MANY,
            )
            if any(one.code_unread for one in policy.models.values()):
                say(_ASSUMED, style="yellow", error=True)
            with lines(output) as write:
                for found in decided(open_access(policy, connection), wanted, report):
                    write(_json(found))


def _symbolic(
    policy: Policy, users: Sequence[str], models: Sequence[str], modes: Sequence[Mode]
) -> Iterator[dict[str, object]]:
    """What definitions alone say: access rights, and domains that name the user instead of an id."""
    from ostiary.domain import to_odoo
    from ostiary.policy import Verdict, effective, may

    people = [Subject.find(policy, login) for login in users or _active(policy)]
    for model in models:
        for subject in people:
            for mode in modes:
                found = effective(policy, subject, model, mode)
                row: dict[str, object] = {
                    "user": subject.name,
                    "uid": subject.user.id if subject.user is not None else None,
                    "model": model,
                    "mode": mode.value,
                    "acl": may(policy, subject, model, mode),
                    "domain": to_odoo(found.domain) if found.verdict is not Verdict.DENIED else None,
                    "ids": None,
                    "undecided": "cannot be decided: there are no rows in what was read",
                }
                yield row


def _json(row: Mapping[str, object]) -> str:
    """One line of JSON, in which nothing can command the terminal that shows it; numbers that JSON has no word for as
    text."""
    return ascii_escapes(json.dumps(_finite(row), ensure_ascii=False, allow_nan=False))


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _active(policy: Policy) -> list[str]:
    return [user.login for user in active_users(policy)]


def _users(policy: Policy, logins: Sequence[str]) -> list[str]:
    """The logins, or those of all active users. Raises UnknownSubject for one that isn't there."""
    return [Subject.of_user(policy, login).name for login in logins] or _active(policy)


def _models(policy: Policy, patterns: Sequence[str]) -> list[str]:
    known = sorted(name for name, one in policy.models.items() if not one.abstract)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            near = get_close_matches(pattern, known, n=2, cutoff=0.6)
            hint = f"; did you mean {' or '.join(near)}?" if near else " in what was read."
            raise Failure(f"No model is called {pattern}{hint}")
    return [name for name in known if not patterns or any(fnmatchcase(name, one) for one in patterns)]
