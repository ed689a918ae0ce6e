"""Reading a Policy: from addon source or from a snapshot. No verdicts here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ostiary.policy import Policy
from ostiary.sources import snapshot
from ostiary.sources.addons.cache import default_folder
from ostiary.sources.addons.read import read_addons
from ostiary.sources.errors import UnreadableTarget

__all__ = ["UnreadableTarget", "open_policy", "snapshot"]


def open_policy(
    targets: Sequence[str | os.PathLike[str]],
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    cache: Path | bool | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Policy:
    """The Policy of one or more targets: module folders, folders of modules, wheels or zips, or one snapshot.

    `addons_path` names folders (or a snapshot) that hold the modules the targets depend on; `odoo` the
    series (`"17.0"`); `modules` narrows to these and their dependencies; `demo` adds demo data. `cache` is a folder,
    None for the user's, False for none. `progress(stage, done, total)` is called while reading.

    Raises UnreadableTarget, with one sentence, where something can't be read.
    """
    if not targets:
        raise UnreadableTarget(
            "No target was given: name a module, a folder of modules, a wheel, a zip or a snapshot."
        )
    snapshots = [target for target in targets if snapshot.is_snapshot(Path(target))]
    if snapshots:
        if len(targets) > 1:
            raise UnreadableTarget("A snapshot is a whole policy: give it alone, or as --addons-path.")
        return snapshot.load(snapshots[0])
    below = [path for path in addons_path if snapshot.is_snapshot(Path(path))]
    if len(below) > 1:
        raise UnreadableTarget("More than one snapshot is named by --addons-path: one holds a whole policy.")
    folder = None if cache is False else cache if isinstance(cache, Path) else default_folder()
    return read_addons(
        targets,
        addons_path=[path for path in addons_path if path not in below],
        odoo=odoo,
        modules=modules,
        demo=demo,
        cache=folder,
        progress=progress,
        below=snapshot.load(below[0]) if below else None,
    )
