"""Reading the targets of a command."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.cli.options import listed, paths
from ostiary.cli.output import progress
from ostiary.policy import Policy


def read(
    targets: Sequence[str],
    *,
    addons_path: Sequence[str] | None = None,
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    no_cache: bool = False,
    no_progress: bool = False,
) -> Policy:
    """The policy of the targets, with progress shown where somebody watches."""
    from ostiary.sources import open_policy

    with progress(not no_progress) as report:
        return open_policy(
            targets,
            addons_path=paths(addons_path),
            odoo=odoo,
            modules=listed(modules) or None,
            demo=demo,
            cache=False if no_cache else None,
            progress=report,
        )
