"""Addon source to a Policy: find the modules, read each, load them in Odoo's order."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import DecodeError
from msgspec.structs import replace

from ostiary.code import read_code
from ostiary.policy import Note, Origin, Policy
from ostiary.policy.code import Code
from ostiary.sources.addons import facts, from_policy
from ostiary.sources.addons.cache import Cache, decode, encode, key_of, key_of_policy, program
from ostiary.sources.addons.extract import Contents, extract
from ostiary.sources.addons.files import ModuleFiles, shown_path
from ostiary.sources.addons.load import Loader, Progress
from ostiary.sources.addons.locate import find_modules
from ostiary.sources.addons.ops import ManifestInfo, ModuleExtract, ProblemOp
from ostiary.sources.addons.order import loading_order, select
from ostiary.sources.addons.release import other_series, series_to_read
from ostiary.sources.errors import Absent, UnreadableTarget

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
    below: Policy | None = None,
    code: bool = False,
    meanwhile: Callable[[Policy], None] | None = None,
) -> Policy:
    """The Policy of addon source.

    `targets` are read and audited; modules of `addons_path` are read where they are needed, and are context. `below` is
    a policy whose modules are context as well (a snapshot of an Odoo, say): a module that is read from source takes the
    place of the one of its name. `odoo` is the series; without it, it is told from an Odoo tree at hand or from the
    modules' versions. `modules` narrows to these and what they depend on. `demo` loads demo data too. `cache` is a
    folder for extracts. `code` says that what the modules' routes, methods and pages do is wanted too;
    `meanwhile` is as in `open_policy`.

    Raises UnreadableTarget where a target can't be read, a named module is not there, or the series is not known.
    Whatever is malformed inside the modules becomes a Problem of the Policy; nothing that is read is executed.
    """
    unread: list[str] = []
    targeted = find_modules(targets, unread)
    known = _names(targeted)
    context = [
        found for found in (find_modules(addons_path) if addons_path else []) if found.name not in known
    ]
    files = [*targeted, *context]
    series, notes = series_to_read(odoo or (below.odoo if below else None), targeted, context)
    kept = Cache(cache)
    # Each module's key is told again as it is read, which is soon enough where nothing is kept.
    keys = {} if kept.empty() else _keys(files, progress)
    options = [
        *unread,
        series,
        f"demo={demo}",
        f"targets={len(targeted)}",
        *(sorted(modules) if modules is not None else ["*"]),
    ]
    key = _key(files, keys, options) if keys else ""
    policy = kept.get_policy(key) if keys and below is None else None
    extracts: dict[str, ModuleExtract] = {}
    if policy is None:
        extracts = _extract_all(files, keys, kept, progress)
        if all(keys.values()):
            key = _key(files, keys, options)
        shown = {found.name: found.shown for found in files}
        if below is not None:
            under = from_policy.extracts(below, without=shown)
            extracts |= under
            shown |= dict.fromkeys(under, "")
        policy = _load(_Wanted(targeted, modules, demo), extracts, shown, series, progress)
        if odoo is None and not notes:
            notes = other_series(policy, targeted)
        policy.notes[:0] = [*notes, *_unread(unread)]
        if below is not None:
            _keep_unknown(policy, below)
            again = {found.name for found in files}
            policy.overwrites = [
                *(one for one in below.overwrites if one.origin.module in policy.modules.keys() - again),
                *(one for one in policy.overwrites if one.origin.module in again),
            ]
        elif all(keys.values()):
            kept.put_policy(key, policy)
    if code:
        policy.code = kept.get_code(key) if below is None else None
        if policy.code is None:
            extracts = extracts or _extract_all(files, keys, kept, progress)
            policy.code = _code(
                policy, files, extracts, progress, partial(meanwhile, policy) if meanwhile else None
            )
            if below is None and all(keys.values()) and key == _key(files, keys, options):
                kept.put_code(key, policy.code)
    return policy


def _key(files: Sequence[ModuleFiles], keys: Mapping[str, str], options: list[str]) -> str:
    return key_of_policy([(found.name, found.shown, keys.get(found.name, "")) for found in files], options)


def _code(
    policy: Policy,
    files: Sequence[ModuleFiles],
    extracts: Mapping[str, ModuleExtract],
    progress: Progress | None,
    meanwhile: Callable[[], None] | None,
) -> Code:
    """What the code of the modules that were read from these files does."""
    from ostiary.sources.addons.indexed import index_of

    by_name = {found.name: found for found in files}
    indexes = {name: index for name in by_name if (index := index_of(extracts[name].code)) is not None}
    return read_code(
        policy,
        indexes,
        lambda module, path: by_name[module].read(path) if module in by_name else None,
        progress,
        {name: found.shown for name, found in by_name.items()},
        meanwhile=meanwhile,
    )


def _unread(places: Sequence[str]) -> list[Note]:
    message = "This folder could not be looked into, or lies too deep; modules in it were not read."
    return [
        Note(origin=Origin(path=shown_path(place)), kind="unread-folder", message=message)
        for place in sorted(places)
    ]


def _keep_unknown(policy: Policy, below: Policy) -> None:
    """What was not known of the policy below is not known now either, unless it has been read since."""
    policy.problems[:0] = [problem for problem in below.problems if problem.origin.module in policy.modules]
    policy.notes += [note for note in below.notes if note.origin.module in policy.modules]
    policy.toggles[:0] = below.toggles
    read = policy.modules.keys() | policy.models.keys() | policy.groups.keys()
    known = {(missing.kind, missing.name) for missing in policy.unresolved}
    policy.unresolved += [
        missing
        for missing in below.unresolved
        if missing.name not in read and (missing.kind, missing.name) not in known
        if any(module in policy.modules for module in missing.needed_by)
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the user asked for: the modules to audit, all or some of them, with demo data or without."""

    targeted: list[ModuleFiles]
    modules: Sequence[str] | None
    demo: bool


def _load(
    wanted: _Wanted,
    extracts: dict[str, ModuleExtract],
    shown: dict[str, str],
    series: str,
    progress: Progress | None,
) -> Policy:
    """Install the wanted modules and what they need, with summaries for what Odoo brings and is not at hand."""
    targets = _names(wanted.targeted)
    asked = _asked(wanted, extracts)
    summaries = facts.manifests(series) if "base" not in extracts else {}
    manifests = {name: found.manifest for name, found in extracts.items() if found.manifest.installable}
    manifests = {name: found for name, found in summaries.items() if name not in extracts} | manifests
    context = [name for name in (*shown, *summaries) if name not in targets and name in manifests]
    chosen = select([*asked, "base"], context if wanted.modules is None else [], manifests)
    brought = _brought(chosen, extracts, summaries, manifests, series)
    likely = {name for names in brought.values() for name in names}
    chosen = select([*chosen, *likely], context if wanted.modules is None else [], manifests)
    extracts = facts.load(series, chosen - extracts.keys()) | extracts
    if asked and not any(name in manifests for name in asked):
        raise UnreadableTarget(
            f"Nothing could be read: {', '.join(asked[:5])} says in its manifest that it is not installable."
        )
    loader = Loader(series, extracts, shown, targets, wanted.demo)
    # Whatever brings a module is loaded before the one that depends on it, and so is what it brings.
    ordered = {
        name: replace(found, depends=[*found.depends, *brought.get(name, ())])
        for name, found in manifests.items()
    }
    order = loading_order(chosen, ordered, loader.semantics.test_modules_last)
    policy = loader.load(order, progress)
    policy.notes[:0] = [
        Note(
            origin=Origin(path=f"{shown[name]}/{extracts[name].manifest.path}", line=1, module=name),
            kind="uninstallable",
            message=f"The module {name} says that it is not installable, and was not read.",
        )
        for name in asked
        if name not in manifests
    ]
    return policy


def _brought(
    chosen: Iterable[str],
    extracts: Mapping[str, ModuleExtract],
    summaries: Mapping[str, ManifestInfo],
    manifests: Mapping[str, ManifestInfo],
    series: str,
) -> dict[str, list[str]]:
    """For each module with a dependency that was not read, the summaries of what that may well bring.

    What is built on their models is better judged with them.
    """
    unread = [name for name in chosen if any(need not in manifests for need in manifests[name].depends)]
    if not unread or not summaries:
        return {}
    told = facts.likely([extracts[name] for name in unread if name in extracts], series)
    likely = [name for name in told if name not in extracts]
    below = {name: select([name], [], manifests) for name in likely}
    return {name: [one for one in likely if name not in below[one]] for name in unread}


def _asked(wanted: _Wanted, extracts: dict[str, ModuleExtract]) -> list[str]:
    if wanted.modules is None:
        return [found.name for found in wanted.targeted]
    absent = [name for name in wanted.modules if name not in extracts]
    if absent:
        message = (
            f"There is no module {', '.join(absent)} in what was given: check the name or add its folder."
        )
        raise Absent(message, tuple(absent))
    return list(wanted.modules)


def _names(found: Iterable[ModuleFiles]) -> set[str]:
    return {files.name for files in found}


# -- reading modules, in parallel ------------------------------------------------------------------


def _keys(files: list[ModuleFiles], progress: Progress | None) -> dict[str, str]:
    """Each module's key: the hash of all its files that may be read."""
    keys: dict[str, str] = {}
    for done, module in enumerate(files):
        keys[module.name] = key_of(module.name, Contents(module).read_all())
        if progress and (done % 32 == 0 or done + 1 == len(files)):
            progress("Looking at modules", done + 1, len(files))
    return keys


def _extract_all(
    files: list[ModuleFiles], keys: dict[str, str], cache: Cache, progress: Progress | None
) -> dict[str, ModuleExtract]:
    """Each module's extract: from the cache where its bytes are known, else read, in parallel when there are many.

    `keys` gets the key of what was read in the end, which may have been edited meanwhile; an empty one where none can
    be told.
    """
    found: dict[str, ModuleExtract] = {}
    missing: list[ModuleFiles] = []
    for module in files:
        key = keys.get(module.name)
        known = cache.get(key) if key else None
        if known is None:
            missing.append(module)
        else:
            found[module.name] = known
    extracted = _extract_missing(missing, keyed=cache.folder is not None)
    for done, (name, key, encoded) in enumerate(extracted):
        keys[name] = key
        try:
            found[name] = decode(encoded)
        except (DecodeError, ValueError, RecursionError):
            found[name] = _broken(name)
            keys[name] = ""
        if keys[name]:
            cache.put(key, encoded)
        if progress:
            progress("Reading modules", done + 1, len(missing))
    if missing:
        cache.prune()
    return {module.name: found[module.name] for module in files}


def _broken(module: str) -> ModuleExtract:
    message = "The module is too deeply nested or too large to read."
    return ModuleExtract(
        manifest=ManifestInfo(module), problems=[ProblemOp("limit", message, "__manifest__.py")]
    )


def _extract_one(module: ModuleFiles, *, keyed: bool) -> tuple[str, str, bytes]:
    """A module's name, the key of what was read of it if that is wanted, and its extract."""
    # Syntax trees hold no cycles worth looking for; the collector would take a third of the time.
    gc.disable()
    try:
        contents = Contents(module)
        try:
            encoded = encode(extract(contents))
        except (RecursionError, MemoryError):
            encoded = encode(_broken(module.name))
        if not keyed or contents.beyond():
            # What was read of files that the key does not cover is not kept.
            return module.name, "", encoded
        return module.name, key_of(module.name, contents.read_all()), encoded
    finally:
        gc.enable()


def _extract_missing(items: list[ModuleFiles], *, keyed: bool) -> Iterable[tuple[str, str, bytes]]:
    processors = min(os.cpu_count() or 1, 8)
    extract_one = partial(_extract_one, keyed=keyed)
    done: set[str] = set()
    if len(items) >= _PARALLEL_FROM and processors > 1:
        # Here, so that not every process has to.
        import ostiary.sources.addons.indexed  # noqa: F401

        if keyed:
            program()
        try:
            with ProcessPoolExecutor(processors) as pool:
                for result in pool.map(extract_one, items, chunksize=4):
                    done.add(result[0])
                    yield result
        except (BrokenProcessPool, OSError):
            # A process was killed or none can be started: go on in this one.
            pass
    for item in items:
        if item.name not in done:
            yield extract_one(item)
