"""Reading the targets of a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostiary.cli.options import listed, paths
from ostiary.cli.output import progress, say
from ostiary.policy import Policy
from ostiary.report.text import plural


def read(
    targets: Sequence[str],
    *,
    addons_path: Sequence[str] | None = None,
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    no_cache: bool = False,
    no_progress: bool = False,
    hint: bool = True,
    code: bool = False,
    meanwhile: Callable[[Policy], None] | None = None,
) -> Policy:
    """The policy of the targets, with progress shown where somebody watches; with what their `code` does if wanted.

    `meanwhile` is as in `open_policy`.
    `hint` says on the error output that something could not be read, for a command that does not list it itself.
    """
    from ostiary.sources import open_policy

    with progress(not no_progress) as report:
        policy = open_policy(
            targets,
            addons_path=paths(addons_path),
            odoo=odoo,
            modules=listed(modules) or None,
            demo=demo,
            cache=False if no_cache else None,
            progress=report,
            code=code,
            meanwhile=meanwhile,
        )
    doubtful = sum(problem.fatal for problem in policy.problems)
    if hint and doubtful:
        say(
            f"ostiary: {plural(doubtful, 'definition')} could not be read as Odoo would, so what follows may not hold; "
            "'ostiary audit' lists them.",
            style="yellow",
            error=True,
        )
    return policy
