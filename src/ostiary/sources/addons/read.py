"""Addon source to a Policy: find the modules, read each, load them in Odoo's order."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ostiary.policy import Note, Origin, Policy, Semantics
from ostiary.sources.addons import facts
from ostiary.sources.addons.cache import Cache, decode, encode, key_of
from ostiary.sources.addons.extract import Contents, extract
from ostiary.sources.addons.files import FolderFiles, ModuleFiles
from ostiary.sources.addons.load import Loader, Progress
from ostiary.sources.addons.locate import find_modules
from ostiary.sources.addons.manifest import series_of
from ostiary.sources.addons.ops import ManifestInfo, ModuleExtract, ProblemOp
from ostiary.sources.addons.order import loading_order, select
from ostiary.sources.addons.release import release_of
from ostiary.sources.errors import UnreadableTarget

DEFAULT_SERIES = "18.0"
# Below this many modules to read, starting processes costs more than it saves.
_PARALLEL_FROM = 24


def read_addons(
    targets: Sequence[str | os.PathLike[str]],
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    demo: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Policy:
    """The Policy of addon source.

    `targets` are read and audited; modules of `addons_path` are read where they are needed, and are context.
    `odoo` is the series; without it, it is told from an Odoo tree at hand or from the modules' versions.
    `modules` narrows to these and what they depend on. `demo` loads demo data too. `cache` is a folder for extracts.

    Raises UnreadableTarget where a target can't be read, a named module is not there, or the series is not known.
    Whatever is malformed inside the modules becomes a Problem of the Policy; nothing that is read is executed.
    """
    targeted = find_modules(targets)
    context = [
        found
        for found in (find_modules(addons_path) if addons_path else [])
        if found.name not in _names(targeted)
    ]
    files = {found.name: found for found in (*targeted, *context)}
    series, notes = _series(odoo, files.values())
    extracts = _extract_all(list(files.values()), Cache(cache), progress)
    wanted = _wanted(targeted, modules, extracts)
    if "base" not in extracts:
        for name, summary in facts.load(series).items():
            if name not in extracts:
                extracts[name] = summary
    manifests = {name: found.manifest for name, found in extracts.items() if found.manifest.installable}
    optional = [] if modules is not None else [found.name for found in context if found.name in manifests]
    chosen = select(wanted, optional, manifests)
    if "base" in manifests:
        chosen.add("base")
    shown = {name: found.shown for name, found in files.items()}
    loader = Loader(series, extracts, shown, _names(targeted), demo)
    order = loading_order(chosen, manifests, loader.semantics.test_modules_last)
    policy = loader.load(order, progress)
    policy.notes[:0] = notes
    return policy


def _names(found: Iterable[ModuleFiles]) -> set[str]:
    return {files.name for files in found}


def _wanted(
    targeted: list[ModuleFiles], modules: Sequence[str] | None, extracts: dict[str, ModuleExtract]
) -> list[str]:
    if modules is None:
        return [found.name for found in targeted]
    absent = [name for name in modules if name not in extracts]
    if absent:
        raise UnreadableTarget(
            f"There is no module {', '.join(absent)} in what was given: check the name or add its folder."
        )
    return list(modules)


def _series(odoo: str | None, files: Iterable[ModuleFiles]) -> tuple[str, list[Note]]:
    """The series to decide by, and a note where it had to be assumed."""
    if odoo is not None:
        try:
            return Semantics.of(odoo).series, []
        except ValueError as error:
            raise UnreadableTarget(str(error)) from None
    counted: Counter[str] = Counter()
    for found in files:
        if (
            found.name == "base"
            and isinstance(found, FolderFiles)
            and (release := release_of(Path(found.folder)))
        ):
            return Semantics.of(release).series, []
        content = (found.read("__manifest__.py") or b"").decode("utf-8", "replace")
        for line in content.splitlines():
            if "version" in line and (series := series_of(line.partition(":")[2].strip(" \t\"',"))):
                counted[series] += 1
    for series, _ in counted.most_common():
        try:
            return Semantics.of(series).series, []
        except ValueError:
            continue
    message = f"No module says which Odoo it is for; {DEFAULT_SERIES} is assumed. Say it with --odoo."
    return DEFAULT_SERIES, [Note(origin=Origin(path=""), kind="version-assumed", message=message)]


# -- reading modules, in parallel ------------------------------------------------------------------


def _extract_all(
    files: list[ModuleFiles], cache: Cache, progress: Progress | None
) -> dict[str, ModuleExtract]:
    """Each module's extract: from the cache where its bytes are known, else read, in parallel when there are many."""
    found: dict[str, ModuleExtract] = {}
    missing: list[tuple[ModuleFiles, str, int]] = []
    for done, module in enumerate(files):
        contents, key = _contents(module)
        known = cache.get(key)
        if known is not None:
            found[module.name] = known
        else:
            missing.append((module, key, sum(len(content or b"") for content in contents.known.values())))
        if progress and done % 32 == 0:
            progress("Looking at modules", done, len(files))
    if progress:
        progress("Looking at modules", len(files), len(files))
    # The largest first, so that no processor is left with a long one at the end.
    missing.sort(key=lambda item: -item[2])
    for done, (name, key, encoded) in enumerate(_extract_missing([(item[0], item[1]) for item in missing])):
        cache.put(key, encoded)
        found[name] = decode(encoded)
        if progress:
            progress("Reading modules", done + 1, len(missing))
    if missing:
        cache.prune()
    return {module.name: found[module.name] for module in files}


def _contents(module: ModuleFiles) -> tuple[Contents, str]:
    contents = Contents(module)
    for path in contents.listing():
        contents.read(path)
    return contents, key_of(module.name, contents.known)


def _extract_one(item: tuple[ModuleFiles, str]) -> tuple[str, str, bytes]:
    module, key = item
    # Syntax trees hold no cycles worth looking for; the collector would take a third of the time.
    gc.disable()
    try:
        return module.name, key, encode(extract(Contents(module)))
    except (RecursionError, MemoryError):
        broken = ModuleExtract(manifest=ManifestInfo(module.name))
        broken.problems.append(
            ProblemOp("limit", "The module is too deeply nested or too large to read.", "__manifest__.py")
        )
        return module.name, key, encode(broken)
    finally:
        gc.enable()


def _extract_missing(items: list[tuple[ModuleFiles, str]]) -> Iterable[tuple[str, str, bytes]]:
    processors = min(os.cpu_count() or 1, 8)
    done: set[str] = set()
    if len(items) >= _PARALLEL_FROM and processors > 1:
        try:
            with ProcessPoolExecutor(processors) as pool:
                for result in pool.map(_extract_one, items, chunksize=4):
                    done.add(result[0])
                    yield result
        except (BrokenProcessPool, OSError):
            # A process was killed or none can be started: go on in this one.
            pass
    for item in items:
        if item[0].name not in done:
            yield _extract_one(item)
