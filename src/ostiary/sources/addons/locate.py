"""From what the user names (a module, folders of modules, wheels, zips) to the modules in it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from ostiary.sources.addons.files import ArchiveFiles, FolderFiles, ModuleFiles, close_archives, text
from ostiary.sources.errors import Absent, UnreadableTarget
from ostiary.sources.shown import Place, shown_target

MANIFESTS = ("__manifest__.py", "__openerp__.py")
MAX_DEPTH = 6
MAX_ARCHIVE_BYTES = 2_000_000_000
MAX_ENTRIES = 200_000
_SKIPPED = frozenset({"node_modules", "__pycache__", "static", "i18n", "tests", "setup"})


def find_modules(
    targets: Sequence[str | os.PathLike[str]], unread: list[str] | None = None
) -> list[ModuleFiles]:
    """The modules in the targets, in the order given, then by name; the first of one name wins, as on an addons path.

    `unread` takes the folders below the targets that could not be looked into, or lie too deep.
    Raises UnreadableTarget where a target does not exist, can't be read, or holds no module.
    """
    close_archives()
    found: dict[str, ModuleFiles] = {}
    for target in targets:
        modules = _modules_of(target, [] if unread is None else unread)
        if not modules:
            raise Absent(
                f"{shown_target(target)} holds no Odoo module: give a module's folder (the one with __manifest__.py), "
                "a folder of modules, or a wheel or zip that contains some.",
                (target.target if isinstance(target, Place) else os.fspath(target),),
            )
        for module in modules:
            found.setdefault(module.name, module)
    return list(found.values())


def _modules_of(target: str | os.PathLike[str], unread: list[str]) -> list[ModuleFiles]:
    path = Path(target)
    shown = target.shown if isinstance(target, Place) else os.fspath(target)
    try:
        if path.is_dir():
            return _in_folder(path, shown, unread)
        if path.is_file():
            return _in_archive(path, shown)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableTarget(f"{shown_target(target)} can't be read: {reason}.") from None
    wrong = "is neither a file nor a folder" if os.path.lexists(path) else "does not exist"
    raise UnreadableTarget(
        f"{shown_target(target)} {wrong}: give a folder, a wheel, a zip, a snapshot or a database "
        "(postgresql://user@host/name)."
    )


def _in_folder(folder: Path, shown: str, unread: list[str]) -> list[ModuleFiles]:
    if _is_module(folder):
        return [FolderFiles(folder, shown)]
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        raise UnreadableTarget(f"{shown} can't be read: permission denied.")
    found: list[ModuleFiles] = []
    seen: set[str] = set()
    level = [(folder, shown)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[Path, str]] = []
        for parent, parent_shown in level:
            real = os.path.realpath(parent)
            if real in seen:
                continue
            seen.add(real)
            for child in _subfolders(parent, parent_shown, unread):
                child_shown = os.path.join(parent_shown, child.name)
                if _is_module(child):
                    found.append(FolderFiles(child, child_shown))
                elif child.name not in _SKIPPED:
                    below.append((child, child_shown))
        level = below
    unread += [shown for _, shown in level]
    return sorted(found, key=lambda module: module.name)


def _subfolders(folder: Path, shown: str, unread: list[str]) -> list[Path]:
    names = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if _is_named(entry.name) and entry.is_dir():
                        names.append(entry.name)
                except OSError:
                    # A link in a circle, say: it hides nothing but itself.
                    unread.append(os.path.join(shown, entry.name))
    except OSError:
        unread.append(shown)
    return [folder / name for name in sorted(names)]


def _is_named(name: str) -> bool:
    return not name.startswith(".") and text(name)


def _is_module(folder: Path) -> bool:
    return any((folder / name).is_file() for name in MANIFESTS)


def _in_archive(path: Path, shown: str) -> list[ModuleFiles]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableTarget(
            f"{shown} is no folder, wheel, zip or Ostiary snapshot: give one of these."
        ) from None
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_ARCHIVE_BYTES:
        raise UnreadableTarget(f"{shown} is larger than {MAX_ARCHIVE_BYTES // 10**9} GB unpacked; not read.")
    prefixes = sorted(
        entry.filename.rpartition("/")[0] + "/"
        for entry in entries
        if entry.filename.rpartition("/")[2] in MANIFESTS and _is_inside(entry.filename)
    )
    # A manifest below another module (a template of a module, say) is no module of its own.
    tops: list[str] = []
    for prefix in prefixes:
        if not tops or not prefix.startswith(tops[-1]):
            tops.append(prefix)
    members: dict[str, dict[str, zipfile.ZipInfo]] = {top: {} for top in tops}
    for entry in entries:
        if not entry.is_dir():
            for top in _ancestors(entry.filename):
                if top in members:
                    members[top][entry.filename[len(top) :]] = entry
                    break
    return [ArchiveFiles(path, top, members[top], shown) for top in tops]


def _is_inside(name: str) -> bool:
    """Whether an entry lies in a folder of the archive: not at its top, not absolute, not above it."""
    parts = name.split("/")[:-1]
    return bool(parts) and not any(part in ("", ".", "..") for part in parts) and text(name)


def _ancestors(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[:end]) + "/" for end in range(1, min(len(parts), 20) + 1)]
