"""Reading a Policy: from addon source, from a database or from a snapshot. No verdicts here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ostiary.policy import Policy
from ostiary.sources import snapshot
from ostiary.sources.addons.cache import default_folder
from ostiary.sources.addons.read import read_addons
from ostiary.sources.errors import UnreadableTarget
from ostiary.sources.revision import opened
from ostiary.sources.shown import DATABASES, hidden, scheme_of, shown_target

__all__ = ["UnreadableTarget", "default_folder", "hidden", "open_policy", "shown_target", "snapshot"]

Progress = Callable[[str, int, int], None]


def open_policy(
    targets: Sequence[str | os.PathLike[str]],
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    cache: Path | bool | None = None,
    progress: Progress | None = None,
    code: bool = False,
    meanwhile: Callable[[Policy], None] | None = None,
) -> Policy:
    """The Policy of one or more targets: module folders, folders of modules, wheels or zips, or one snapshot, or the
    URL of one Odoo database (`postgresql://user@host:port/database`).

    A folder in a git work tree is read at a revision as `path@rev` (`addons@HEAD~1`), from git's objects and without a
    checkout; its files are named as in the work tree. What exists under the whole name is a path.

    `addons_path` names folders (or a snapshot) that hold the modules the targets depend on; `odoo` the
    series (`"17.0"`); `modules` narrows to these and their dependencies; `demo` adds demo data. `cache` is a folder,
    None for the user's, False for none. `progress(stage, done, total)` is called while reading. `code` says that what
    routes, methods and pages do is wanted too (`Policy.code`); a snapshot has that if it was saved with it.
    `meanwhile` is called, once at most, with the policy as far as it goes when code was followed and this process still
    has the pages to read: it may set others to work.

    A database says its own series, modules and demo data: `odoo` is only held against it, `modules` are those an
    audit is about, and `addons_path` adds what only source says of its models and fields.

    Raises UnreadableTarget, with one sentence, where something can't be read.
    """
    if not targets:
        raise UnreadableTarget(
            "No target was given: name a module, a folder of modules, a wheel, a zip, a snapshot or a database."
        )
    folder = None if cache is False else cache if isinstance(cache, Path) else default_folder()
    if any(scheme_of(place) for place in addons_path):
        raise UnreadableTarget(
            "--addons-path takes folders of modules or a snapshot: give a database as the target."
        )
    schemes = [scheme for target in targets if (scheme := scheme_of(target))]
    if schemes:
        _check_database(schemes[0], len(targets))
        # The driver is only loaded where a database is read: every other command starts without it.
        from ostiary.sources.database.open import open_database

        url = os.fspath(targets[0])
        return open_database(
            url,
            addons_path=addons_path,
            odoo=odoo,
            modules=modules,
            cache=folder,
            progress=progress,
            code=code,
        )
    with opened(targets, progress) as at, opened(addons_path, progress) as context:
        policy = _open_source(
            at.targets,
            context.targets,
            odoo=odoo,
            modules=modules,
            demo=demo,
            cache=folder,
            progress=progress,
            code=code,
            meanwhile=meanwhile,
        )
    policy.notes[:0] = [*at.notes, *context.notes]
    return policy


def _open_source(
    targets: Sequence[str | os.PathLike[str]],
    addons_path: Sequence[str | os.PathLike[str]],
    *,
    odoo: str | None,
    modules: Sequence[str] | None,
    demo: bool,
    cache: Path | None,
    progress: Progress | None,
    code: bool,
    meanwhile: Callable[[Policy], None] | None,
) -> Policy:
    """The Policy of what lies in folders and files: modules, or one snapshot."""
    snapshots = [target for target in targets if snapshot.is_snapshot(Path(target))]
    if snapshots:
        if len(targets) > 1:
            raise UnreadableTarget("A snapshot is a whole policy: give it alone, or as --addons-path.")
        return snapshot.load(snapshots[0])
    below = [path for path in addons_path if snapshot.is_snapshot(Path(path))]
    if len(below) > 1:
        raise UnreadableTarget("More than one snapshot is named by --addons-path: one holds a whole policy.")
    return read_addons(
        targets,
        addons_path=[path for path in addons_path if path not in below],
        odoo=odoo,
        modules=modules,
        demo=demo,
        cache=cache,
        progress=progress,
        below=snapshot.load(below[0]) if below else None,
        code=code,
        meanwhile=meanwhile,
    )


def _check_database(scheme: str, targets: int) -> None:
    if scheme not in DATABASES:
        raise UnreadableTarget(
            f"Nothing is read from {scheme}://: a database's URL begins with postgresql://, everything else is a path."
        )
    if targets > 1:
        raise UnreadableTarget(
            "A database is a whole policy: give it alone, and its modules' source as --addons-path."
        )
