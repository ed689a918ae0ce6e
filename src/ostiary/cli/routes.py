"""`ostiary routes`: what can be called over HTTP, by whom, and what it reaches."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli import options, reaching
from ostiary.cli.reaching import Caller
from ostiary.policy.code import EntryKind


def routes(
    targets: options.Targets,
    *,
    audience: Annotated[
        Caller | None,
        typer.Option(
            "--audience",
            "--as",
            case_sensitive=False,
            show_default=False,
            help="Only routes that these people may call, and what rights and rules say of them: public is anybody "
            "without a login, portal whoever is logged in, internal those who also hold a group that is asked for.",
        ),
    ] = None,
    model: reaching.Reaching = None,
    path: Annotated[
        list[str] | None,
        typer.Option(
            "--path",
            metavar="GLOB",
            show_default=False,
            help="Only routes with such a path, as in '/my/*'; repeat it for several.",
        ),
    ] = None,
    changes: reaching.Changing = False,
    superuser: reaching.PastRights = False,
    all_: reaching.Everything = False,
    no_proof: reaching.NoProof = False,
    format_: reaching.AsFormat = None,
    output: options.Output = None,
    title: reaching.Title = "",
    addons_path: options.AddonsPath = None,
    odoo: options.Odoo = None,
    modules: options.Modules = None,
    no_cache: options.NoCache = False,
    no_progress: options.NoProgress = False,
) -> None:
    """List the routes that visitors, portal users and internal users can call, with what each of them reaches.

    For every model that a route reaches: what is done with it, with whose rights, how its records are chosen, what lets
    the caller pass, and what access rights and record rules, proved by logic, say of it. What goes past access rights
    on records that the caller chooses comes first. It is an inventory and judges nothing; 'ostiary audit' does.

    Exit code 0: the question was answered. 2: wrong usage, or a target can't be read.
    """
    wanted = reaching.wanted_of(audience, model, path, changes, superuser)
    chosen = reaching.chosen_format(format_, output)
    policy = reaching.read_code(
        targets,
        everything=all_,
        addons_path=addons_path,
        odoo=odoo,
        modules=modules,
        no_cache=no_cache,
        no_progress=no_progress,
    )
    found = reaching.listing(policy, EntryKind.ROUTE, wanted, proof=not no_proof, shown=not no_progress)
    reaching.report(found, policy, targets=targets, wanted=chosen, output=output, title=title)
