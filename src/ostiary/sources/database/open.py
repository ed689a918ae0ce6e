"""A database as a target, completed from the source of its modules where that is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ostiary.policy import Policy, Semantics
from ostiary.sources import snapshot
from ostiary.sources.addons.locate import find_modules
from ostiary.sources.addons.read import read_addons
from ostiary.sources.database.complete import complete
from ostiary.sources.database.read import Progress, read_database
from ostiary.sources.database.url import shown_url
from ostiary.sources.errors import UnreadableTarget
from ostiary.sources.revision import opened


def open_database(
    url: str,
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    code: bool = False,
) -> Policy:
    """The Policy of a database, with what the source in `addons_path` (folders, or one snapshot) says of its modules.

    `odoo` must be the database's own series where it is given, `modules` are those that an audit is about, `cache` is a
    folder for what was read of source, `code` says that what the modules' code does is wanted too. Raises
    UnreadableTarget where the database or the source can't be read.
    """
    policy = read_database(url, progress, modules=modules)
    return completed(
        policy, url, addons_path=addons_path, odoo=odoo, cache=cache, progress=progress, code=code
    )


def completed(
    policy: Policy,
    url: str,
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    code: bool = False,
) -> Policy:
    """The policy that was read from a database, held against `odoo` and completed from source as `open_database`
    says."""
    if odoo is not None:
        _agree(odoo, policy.odoo, shown_url(url))
    if not addons_path:
        return policy
    with opened(addons_path, progress) as places:
        source = _source(policy, places.targets, cache, progress, code=code)
    if source.odoo != policy.odoo:
        raise UnreadableTarget(
            f"The database is Odoo {policy.odoo} and the source of --addons-path Odoo {source.odoo}: "
            "give the source it runs."
        )
    policy = complete(policy, source)
    policy.notes += places.notes
    return policy


def _source(
    policy: Policy,
    addons_path: Sequence[str | os.PathLike[str]],
    cache: Path | None,
    progress: Progress | None,
    *,
    code: bool,
) -> Policy:
    snapshots = [place for place in addons_path if snapshot.is_snapshot(Path(place))]
    if snapshots:
        if len(addons_path) > 1:
            raise UnreadableTarget("A snapshot is a whole policy: give it alone as --addons-path.")
        return snapshot.load(snapshots[0])
    there = {found.name for found in find_modules(addons_path)}
    known = [name for name in policy.modules if name in there]
    if not known:
        raise UnreadableTarget(
            "None of the database's modules is in what --addons-path names: check the path."
        )
    return read_addons(
        addons_path,
        odoo=policy.odoo,
        modules=known,
        demo=policy.demo,
        cache=cache,
        progress=progress,
        code=code,
    )


def _agree(odoo: str, series: str, shown: str) -> None:
    try:
        given = Semantics.of(odoo).series
    except ValueError as error:
        raise UnreadableTarget(str(error)) from None
    if given != series:
        raise UnreadableTarget(
            f"{shown} is Odoo {series}, not {given}: leave --odoo out, a database says it."
        )
