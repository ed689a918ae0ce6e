"""The files and links of one commit, and where its links lead: nothing but names, as git's own objects have them."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from ostiary.sources.addons.files import READ_SUFFIXES

MAX_ENTRIES = 500_000
MAX_DEPTH = 64
MAX_PATH = 4_096
# As many links one behind another as Linux follows.
_MAX_HOPS = 40
_LINK, _MODULE = b"120000", b"160000"


class Malformed(Exception):
    """A tree that git itself would not check out, or that is larger than what is read. The text says which."""


class LeadsOut(Exception):
    """A path leads out of the tree: above it, to an absolute path, or into a submodule."""


@dataclass(slots=True)
class Tree:
    """Paths of one commit, from its top, with `/` between names, and the id of each.

    Of `files`, only those that a reader of modules may ask for. `targets` says where each of the `links` leads.
    """

    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    submodules: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=lambda: {""})
    others: set[str] = field(default_factory=set)
    targets: dict[str, str] = field(default_factory=dict)
    _sorted: list[str] = field(default_factory=list)

    def below(self, folder: str) -> Iterator[str]:
        """The paths of files, links and submodules in a folder and its folders, sorted; of a file, its own."""
        if not self._sorted:
            self._sorted = sorted([*self.files, *self.links, *self.submodules])
        if folder and folder not in self.folders:
            yield folder
            return
        prefix = f"{folder}/" if folder else ""
        for at in range(bisect_left(self._sorted, prefix), len(self._sorted)):
            if not self._sorted[at].startswith(prefix):
                return
            yield self._sorted[at]

    def resolve(self, path: str, met: set[str] | None = None) -> str | None:
        """The path without links, `.` and `..`, each followed as a file system does; None where nothing is there.

        `met` takes the links on the way. Raises LeadsOut.
        """
        ahead = path.split("/")[::-1]
        here: list[str] = []
        hops = 0
        while ahead:
            part = ahead.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not here:
                    raise LeadsOut
                here.pop()
                continue
            step = "/".join([*here, part])
            if step in self.targets:
                hops += 1
                if hops > _MAX_HOPS:
                    return None
                if met is not None:
                    met.add(step)
                if self.targets[step].startswith("/"):
                    raise LeadsOut
                ahead += self.targets[step].split("/")[::-1]
            elif step in self.submodules:
                raise LeadsOut
            elif step in self.folders or (not ahead and (step in self.files or step in self.others)):
                here.append(part)
            else:
                return None
        return "/".join(here)


def parse(listing: IO[bytes]) -> Tree:
    """The tree that `git ls-tree -r -z` lists. Raises Malformed."""
    tree = Tree()
    seen: set[str] = set()
    for entry in _entries(listing):
        about, tab, raw = entry.partition(b"\t")
        mode, kind, id = about.split(b" ") if about.count(b" ") == 2 else (b"", b"", b"")
        if not tab or kind not in (b"blob", b"commit"):
            raise Malformed("git lists it in a way that is not known")
        path = os.fsdecode(raw)
        if path in seen or not _is_path(path):
            raise Malformed("it holds names that no folder can hold, or that are nested too deeply")
        seen.add(path)
        if len(seen) > MAX_ENTRIES:
            raise Malformed(f"it holds more than {MAX_ENTRIES:,} files")
        _add_folders(tree, path)
        if mode == _LINK:
            tree.links[path] = id.decode()
        elif mode == _MODULE:
            tree.submodules.add(path)
        elif path.lower().endswith(READ_SUFFIXES):
            tree.files[path] = id.decode()
        else:
            tree.others.add(path)
    if not tree.folders.isdisjoint(seen):
        raise Malformed("it holds a file and a folder of one name")
    return tree


def _entries(listing: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := listing.read(1 << 20):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
        if len(rest) > MAX_PATH + 200:
            raise Malformed("it holds a name that is too long")


def _is_path(path: str) -> bool:
    """Whether a path stays below the folder it is joined to, on this system."""
    parts = path.split("/")
    return (
        len(parts) <= MAX_DEPTH
        and len(path) <= MAX_PATH
        # On Windows, names may hold what separates folders, or name a drive.
        and all(part not in ("", ".", "..") and os.path.basename(part) == part for part in parts)
    )


def _add_folders(tree: Tree, path: str) -> None:
    folder = path.rpartition("/")[0]
    while folder not in tree.folders:
        if len(tree.folders) > MAX_ENTRIES:
            raise Malformed(f"it holds more than {MAX_ENTRIES:,} folders")
        tree.folders.add(folder)
        folder = folder.rpartition("/")[0]


def wanted(tree: Tree, starts: Iterable[str]) -> tuple[set[str], dict[str, str], set[str]]:
    """What must be there for the files of some folders to be read as in a checkout.

    The files; the links and what each leads to, without further links; and the links and submodules whose content is
    not in the tree.
    """
    files: set[str] = set()
    links: dict[str, str] = {}
    absent: set[str] = set()
    ahead, done = list(starts), set[str]()
    while ahead:
        start = ahead.pop()
        if start in done or any(folder in done for folder in _above(start)):
            continue
        done.add(start)
        for path in tree.below(start):
            if path in tree.files:
                files.add(path)
            elif path in tree.submodules:
                absent.add(path)
            elif path in tree.links:
                try:
                    real = tree.resolve(path)
                except LeadsOut:
                    absent.add(path)
                    continue
                if real is not None:
                    links[path] = real
                    ahead.append(real)
    return files, links, absent


def _above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path
