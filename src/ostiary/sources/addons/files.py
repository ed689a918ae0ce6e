"""Where a module's files are: a folder, or an archive (a wheel or a zip). Bounded, and never outside the module."""

from __future__ import annotations

import lzma
import os
import posixpath
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 32_000_000
_CHUNK = 1_000_000
MAX_FILES = 50_000
MAX_DEPTH = 25

# Folders of a module that never hold definitions.
SKIPPED_FOLDERS = frozenset({
    "static", "i18n", "i18n_extra", "tests", "migrations", "upgrades", "doc", "docs", "node_modules", "readme",
    "__pycache__", "description",
})  # fmt: skip
READ_SUFFIXES = (".py", ".xml", ".csv")
# Most paths have nothing in them that would need resolving.
_PLAIN = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*").fullmatch


class ModuleFiles(Protocol):
    """The files of one module. `shown` is how the module's folder is named to the user."""

    name: str
    shown: str

    def listing(self) -> list[str]:
        """Paths of the Python, XML and CSV files that may hold definitions, sorted, relative to the module."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of the module; None where there is none, it is too large, or lies outside."""


def inside(path: str) -> str | None:
    """The path with `.` and `..` resolved, or None where it leaves the module."""
    if _PLAIN(path):
        return path
    clean = posixpath.normpath(path.replace("\\", "/"))
    return None if clean.startswith(("/", "../")) or clean == ".." or "\0" in clean else clean


def text(name: str) -> bool:
    """Whether a file's name is text; on Linux it may be any bytes."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def shown_path(path: str) -> str:
    """A path as it is shown: without a separator at its end, and printable."""
    short = path.rstrip("/" + os.sep) or path
    return short.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class FolderFiles:
    """A module in a folder."""

    def __init__(self, folder: Path, shown: str) -> None:
        # The folder's own name is the module's, also where the user wrote `.` or a link.
        self.name = folder.name if folder.name not in ("", "..") else folder.resolve().name
        self.folder = os.fspath(folder)
        self.shown = shown_path(shown)

    def listing(self) -> list[str]:
        return sorted(islice(self._scan("", 0), MAX_FILES))

    def _scan(self, prefix: str, depth: int) -> Iterator[str]:
        if depth > MAX_DEPTH:
            return
        try:
            with os.scandir(os.path.join(self.folder, prefix)) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith(".") or (depth == 0 and name in SKIPPED_FOLDERS) or not text(name):
                        continue
                    if name.endswith(READ_SUFFIXES):
                        # Neither file nor folder (a pipe, a link to nowhere): asked for too, and found closed.
                        if not entry.is_dir():
                            yield prefix + name
                    elif entry.is_dir(follow_symlinks=False):
                        yield from self._scan(f"{prefix}{name}/", depth + 1)
        except OSError:
            return

    def read(self, path: str) -> bytes | None:
        clean = inside(path)
        if clean is None:
            return None
        try:
            content = _content(f"{self.folder}{os.sep}{clean}")
        except (OSError, ValueError):
            return None
        return content if len(content) <= MAX_FILE_BYTES else None


def _content(path: str) -> bytes:
    """The bytes of a file, or some more than the bound; raises OSError where it is none, and ValueError."""
    # With the system's own calls: there are ten thousand files in an Odoo, and most are small.
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_FILE_BYTES:
        # A pipe or a device could keep the reader waiting for ever.
        raise OSError(f"{path} is no file, or too large")
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        content = os.read(handle, found.st_size + 1)
        if len(content) != found.st_size:  # it was written to meanwhile, or has no size of its own
            while len(content) <= MAX_FILE_BYTES and (more := os.read(handle, _CHUNK)):
                content += more
    finally:
        os.close(handle)
    return content


class ArchiveFiles:
    """A module in a wheel or zip. `members` maps paths relative to the module to the archive's entries."""

    def __init__(self, archive: Path, prefix: str, members: dict[str, zipfile.ZipInfo], shown: str) -> None:
        self.name = prefix.rstrip("/").rpartition("/")[2]
        self.archive = archive
        self.members = members
        self.shown = f"{shown_path(shown)}/{prefix.strip('/')}"

    def listing(self) -> list[str]:
        return sorted(
            path
            for path in self.members
            if path.endswith(READ_SUFFIXES) and path.split("/")[0] not in SKIPPED_FOLDERS and text(path)
        )[:MAX_FILES]

    def read(self, path: str) -> bytes | None:
        clean = inside(path)
        entry = self.members.get(clean) if clean else None
        if entry is None or entry.file_size > MAX_FILE_BYTES:
            return None
        try:
            with _opened(self.archive, os.getpid()).open(entry) as file:
                # The size in the entry is the archive's own word: read no more than the bound whatever it says.
                content = file.read(MAX_FILE_BYTES + 1)
        except (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, ValueError):
            return None
        return content if len(content) <= MAX_FILE_BYTES else None


@lru_cache(maxsize=4)
def _opened(archive: Path, _process: int) -> zipfile.ZipFile:
    """An archive, opened once: its directory is read each time it is opened. A process may not use another's file."""
    return zipfile.ZipFile(archive)


def close_archives() -> None:
    """Close what `ArchiveFiles` keeps open, so that the archives may change or go."""
    _opened.cache_clear()
