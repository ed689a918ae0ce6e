"""`ostiary rls`: record rules as row security of PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli import options
from ostiary.cli.options import listed
from ostiary.cli.output import Failure, check_writable, put, say, write
from ostiary.cli.rows import reading_rows
from ostiary.report.text import line, plural

if TYPE_CHECKING:
    from ostiary.enforce.rls import Plan
    from ostiary.policy import Policy
    from ostiary.records.access import Access

REFUSED = 1


def rls(
    targets: options.Targets,
    *,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="GLOB",
            show_default=False,
            help="Only models with such names, as in 'sale.*'; repeat it for several. By default those that the "
            "modules concern: that they define, or give access rights or record rules on.",
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip",
            metavar="GLOB",
            show_default=False,
            help="Leave the tables of these models as they are: not guarded. Repeat it for several.",
        ),
    ] = None,
    close: Annotated[
        bool,
        typer.Option(
            "--close",
            help="Close to everybody what can't be expressed, instead of refusing to make a script.",
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Check a record after it was written too, so that nobody writes it out of their own reach; Odoo "
            "checks it before only.",
        ),
    ] = False,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Write the script that takes the row security of the models away again."),
    ] = False,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            show_default=False,
            help="The role of PostgreSQL that the application connects as; repeat it for several. Other roles then "
            "see nothing, and the script fails where it may write the tables that say who is who. By default every "
            "role.",
        ),
    ] = None,
    schema: Annotated[
        str, typer.Option("--schema", metavar="NAME", help="The schema that holds the tables.")
    ] = "public",
    output: options.Output = None,
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    demo: options.Demo = False,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Write access rights and record rules as row security of PostgreSQL, in an SQL script.

    The script is for the tables of the Odoo database that is read, or those that Ostiary makes of addon source.
    Nothing is changed: run the script yourself. Who asks is said in each transaction by SET LOCAL ostiary.uid.

    Exit code 0: the script is written. 1: something can't be expressed, and is listed; with --close it is closed to
    everybody, listed, and the code is 0. 2: wrong usage, or a target can't be read.
    """
    from ostiary.enforce.rls import drop_script, script

    check_writable(output)
    reading = reading_rows(
        targets,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        demo=demo,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    with reading as (policy, access):
        found = _plan(policy, access, listed(model), listed(skip), place=schema, strict=strict)
    if not drop:
        for refused in found.refusals:
            say(f"ostiary: {line(str(refused))}", style="yellow", error=True)
        _refuse(found, close=close)
    text = drop_script(found) if drop else script(found, listed(role))
    if output is None:
        put(text)
    else:
        write(output, text)


def _refuse(found: Plan, *, close: bool) -> None:
    """End where something can't be expressed and isn't to be closed, or can't be closed either."""
    open_ = [one for one in found.refusals if one.mode is None]
    if not found.refusals or (close and not open_):
        return
    what = plural(len(found.refusals), "thing")
    hint = "--close closes them to everybody, --skip leaves a model's table as it is"
    if close:
        hint = f"--skip leaves the table of {open_[0].model} as it is, which can't be closed"
    say(f"ostiary: {what} can't be expressed, so no script was made; {hint}.", style="red", error=True)
    raise typer.Exit(REFUSED)


def _plan(
    policy: Policy, access: Access | None, patterns: list[str], skip: list[str], *, place: str, strict: bool
) -> Plan:
    """The plan for the models that are meant. Raises Failure where there is none, or who asks can't be known."""
    from ostiary.enforce.people import taken_whole
    from ostiary.enforce.rls import chosen_models, plan
    from ostiary.records.errors import RecordsError
    from ostiary.records.schema import Schema

    if access is None and any(one.code_unread for one in policy.models.values()):
        raise Failure("A snapshot of a database does not say how its tables are: name the database itself.")
    if access is None:
        policy = taken_whole(policy)
    chosen = chosen_models(policy, patterns, skip)
    if not chosen:
        meant = f"No model is called {' or '.join(patterns)}" if patterns else "No model has a table"
        raise Failure(f"{meant} in what was read.")
    try:
        if access is not None:
            return plan(access.store.schema, chosen, place=place, strict=strict, sizes=access.store)
        return plan(Schema(policy), chosen, place=place, strict=strict)
    except RecordsError as error:
        why = str(error).removeprefix("cannot be decided: ").rstrip(".")
        raise Failure(f"Row security can't be written for what was read: {why}.") from None
