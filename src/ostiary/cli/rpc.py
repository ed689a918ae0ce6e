"""`ostiary rpc`: which methods anybody who is logged in may call on a model, and what they reach."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli import options, reaching
from ostiary.cli.reaching import Caller
from ostiary.policy.code import EntryKind


def rpc(
    targets: options.Targets,
    *,
    audience: Annotated[
        Caller | None,
        typer.Option(
            "--audience",
            "--as",
            case_sensitive=False,
            show_default=False,
            help="Whom rights and rules are asked about: portal (as by default) is whoever is logged in, internal "
            "those who also hold a group that is asked for. Visitors may call no method.",
        ),
    ] = None,
    model: reaching.Reaching = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="GLOB",
            show_default=False,
            help="Only methods with such names, as in 'action_*'; repeat it for several.",
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
    """List the methods that anybody who is logged in may call over RPC, portal users too, with what each reaches.

    In Odoo 17 and 18 a method is public unless its name begins with an underscore; Odoo 19 also knows @api.private. The
    caller chooses the records and all arguments, and access is only checked where records are read or written. Methods
    that every model has (read, write, search, ...) check access themselves and are not listed.

    Exit code 0: the question was answered. 2: wrong usage, or a target can't be read.
    """
    wanted = reaching.wanted_of(audience, model, method, changes, superuser)
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
    found = reaching.listing(policy, EntryKind.RPC, wanted, proof=not no_proof, shown=not no_progress)
    reaching.report(found, policy, targets=targets, wanted=chosen, output=output, title=title)
