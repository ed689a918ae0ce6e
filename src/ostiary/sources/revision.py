"""Targets at a git revision: `path@rev`, read from git's objects without a checkout.

The tree's Python, XML and CSV files are written as plain files below a private temporary folder, where they are read
like any other module's, and removed afterwards. They are the bytes that were committed: no attribute (`export-ignore`,
a filter, an encoding) changes or hides one. The work tree is neither read nor written.
"""

from __future__ import annotations

import os
import posixpath
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ostiary.policy import Note, Origin
from ostiary.sources import git
from ostiary.sources.addons.files import MAX_FILE_BYTES, SKIPPED_FOLDERS, shown_path
from ostiary.sources.addons.locate import MAX_ARCHIVE_BYTES
from ostiary.sources.errors import Absent, UnreadableTarget
from ostiary.sources.revision_tree import MAX_PATH, LeadsOut, Malformed, Tree, parse, wanted
from ostiary.sources.shown import Place, scheme_of, shown_target

MAX_NOTES = 100
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_PARTIAL = (
    "files of that revision are not in the repository, as in a partial clone; fetch them first "
    "(git fetch --refetch --no-filter)"
)

Target = str | os.PathLike[str]
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Opened:
    """Targets that can be read, in their order: a folder in place of each revision; `notes` say what is not there."""

    targets: list[Target] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@contextmanager
def opened(targets: Sequence[Target], progress: Progress | None = None) -> Iterator[Opened]:
    """The targets, those of the form `path@rev` with their files written out for as long as the context lasts.

    The path is one in a git work tree (of a module, a folder of modules, or its top), or in a bare repository; it need
    not be there now. The revision is anything that `git rev-parse` takes for a commit. What exists under the whole
    name is a path, whatever it holds.

    Raises UnreadableTarget where there is no git, no such commit, or nothing to read at that path.
    """
    places = [_at(target, *split) if (split := split_revision(target)) else None for target in targets]
    found = Opened()
    with ExitStack() as stack:
        for target, place in zip(targets, places, strict=True):
            if place is None:
                found.targets.append(target)
            else:
                temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="ostiary-"))
                # Two folders more than needed: Odoo's version is looked for above a module's folder, and what lies
                # there must not be somebody else's.
                root = os.path.join(temporary, "tree", "top", place.name)
                try:
                    found.targets.append(_write(place, root, progress))
                except OSError as error:
                    raise _refused(target, f"its files can't be written out ({error.strerror})") from None
                found.notes += place.notes
        yield found


def split_revision(target: Target) -> tuple[str, str] | None:
    """The path and the revision of `path@rev`; None where it is no such thing, or is there under this very name.

    Both may hold an `@` (`my@home/addons`, `HEAD@{1}`): the path is the longest that is there, else the one of which
    most is there, else the shortest.
    """
    text = os.fspath(target)
    if os.path.lexists(text) or scheme_of(target) or "\0" in text or "\n" in text or len(text) > MAX_PATH:
        return None
    choices = [(text[:at], text[at + 1 :]) for at, character in enumerate(text) if character == "@"]
    return max((choice for choice in choices if all(choice)), key=_existing, default=None)


def _existing(choice: tuple[str, str]) -> tuple[int, int]:
    """How many names of a path, from its first, are there; and its length if all are."""
    parts = Path(choice[0]).parts
    count = 0
    while count < len(parts) and os.path.lexists(os.path.join(*parts[: count + 1])):
        count += 1
    return count, len(choice[0]) if count == len(parts) else 0


@dataclass(slots=True)
class _Place:
    """A path at a revision, found: `top` is where it lies in the commit's tree, as it was named."""

    target: Target
    shown: str
    folder: str
    name: str
    tree: Tree
    top: str
    real: str
    through: set[str]
    notes: list[Note] = field(default_factory=list)


def _at(target: Target, path: str, revision: str) -> _Place | None:
    """Where `path@revision` is; None where it is no such thing after all: nothing is there, and no repository."""
    try:
        folder, rest = _start(path)
        repository = _repository(folder)
        if repository is None:
            if not os.path.exists(path):
                return None
            raise _refused(target, "the folder is in no git repository, so it has no revisions")
        name, prefix = repository
        tree = _tree(folder, _commit(target, folder, revision))
        top = "/".join([*prefix, *rest])
        through: set[str] = set()
        real = _real(target, tree, top, through)
        return _Place(target, path, folder, name, tree, top, real, through)
    except git.GitError as error:
        raise _failed(target, error) from None
    except Malformed as error:
        raise _refused(target, f"{error}") from None


def _refused(target: Target, reason: str) -> UnreadableTarget:
    # Never a part of the target alone: one that was meant as a URL has its password on either side.
    return UnreadableTarget(f"{shown_target(target)} can't be read as path@revision: {reason}.")


def _failed(target: Target, error: git.GitError) -> UnreadableTarget:
    if error.missing:
        return _refused(target, "that takes git, which was not found; install it, or give a folder")
    if "dubious ownership" in str(error) or "unsafe repository" in str(error):
        return _refused(
            target,
            "the repository belongs to another user; if you trust it, say so with "
            "'git config --global --add safe.directory FOLDER'",
        )
    if "promisor remote" in str(error):
        return _refused(target, _PARTIAL)
    return _refused(target, f"git says: {error}")


# -- finding it ------------------------------------------------------------------------------------


def _start(path: str) -> tuple[str, tuple[str, ...]]:
    """The folder to ask git in, and what of the path lies below it: what is not there now, or no folder.

    A link inside a repository is not followed as it is now: the revision says what it is, and where it leads.
    """
    pure = Path(path)
    here = os.path.realpath(pure.anchor or ".")
    parts = pure.parts[1:] if pure.anchor else pure.parts
    for at, part in enumerate(parts):
        step = os.path.join(here, part)
        if not os.path.isdir(step) or (os.path.islink(step) and _repository(here) is not None):
            return here, parts[at:]
        here = os.path.realpath(step)
    return here, ()


def _repository(folder: str) -> tuple[str, list[str]] | None:
    """The name of the repository's top folder, and the names that lead from there to this one; None outside of one."""
    try:
        said = os.fsdecode(git.answer(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix"))
        inside, _, prefix = said.partition("\n")
        if inside == "true":
            parts = [part for part in prefix.removesuffix("\n").split("/") if part]
            parents = [folder, *map(os.fspath, Path(folder).parents)]
            return os.path.basename(parents[min(len(parts), len(parents) - 1)]) or "top", parts
        top = os.path.realpath(
            os.fsdecode(git.answer(folder, "rev-parse", "--absolute-git-dir")).removesuffix("\n")
        )
    except git.GitError as error:
        if "not a git repository" in str(error).lower():
            return None
        raise
    within = folder == top or folder.startswith(top + os.sep)
    named = os.path.dirname(top) if os.path.basename(top) == ".git" else top.removesuffix(".git")
    # A repository without a work tree: paths are taken from its own folder.
    below = os.path.relpath(folder, top if within else named)
    return os.path.basename(named) or "top", [] if below == "." else below.split(os.sep)


def _commit(target: Target, folder: str, revision: str) -> str:
    """The id of the commit that a revision stands for."""
    [named] = git.described(folder, [revision])
    if named is None:
        shallow = git.answer(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"
        raise _refused(
            target,
            "the repository is a shallow clone and has no such revision; fetch it first (git fetch --unshallow; on a "
            "CI server, a fetch depth of 0)"
            if shallow
            else "the repository has no such revision; 'git log', 'git branch --all' and 'git tag' say what it has",
        )
    [commit] = git.described(folder, [f"{named[0]}^{{commit}}"])
    if commit is None:
        raise _refused(target, f"the revision is a {named[1]}, not a commit; a folder is named before the @")
    return commit[0]


def _tree(folder: str, commit: str) -> Tree:
    with git.running(folder, "ls-tree", "-r", "-z", "--full-tree", commit) as listing:
        tree = parse(listing)
    links = list(tree.links)
    sizes = list(git.described(folder, tree.links.values()))
    if len(sizes) != len(links) or None in sizes:
        raise git.GitError("a link is missing or broken")
    short = [path for path, size in zip(links, sizes, strict=True) if size and size[2] <= MAX_PATH]
    targets = git.contents(folder, [tree.links[path] for path in short], MAX_PATH)
    # One too long for a file system leads nowhere, as one that is empty.
    tree.targets = dict.fromkeys(links, "\0") | dict(zip(short, map(os.fsdecode, targets), strict=True))
    return tree


def _real(target: Target, tree: Tree, top: str, through: set[str]) -> str:
    try:
        real = tree.resolve(top, through)
    except LeadsOut:
        raise _refused(
            target,
            "that is, in that revision, a submodule or a link out of the repository; give what it leads to",
        ) from None
    if real is None:
        refused = _refused(target, "there is nothing at that path in that revision")
        raise Absent(str(refused), (os.fspath(target),))
    if real not in tree.folders:
        raise _refused(
            target, "that is a file in that revision; give a module's folder or a folder of modules"
        )
    return real


# -- writing it out --------------------------------------------------------------------------------


def _write(place: _Place, root: str, progress: Progress | None) -> Place:
    """The files of a place, below `root`, where the tree's own folders are; adds to the place's notes."""
    tree = place.tree
    files, links, absent = wanted(tree, [place.real, *place.through])
    files |= {path for path in _releases(place.real) if path in tree.files}
    _note(
        place, sorted(absent), "unread-folder", "This submodule, or link out of the repository, was not read."
    )
    os.makedirs(os.path.join(root, place.real), mode=0o700)
    try:
        pointers = _write_files(place, root, sorted(files), progress)
    except git.GitError as error:
        raise _failed(place.target, error) from None
    _note(
        place,
        pointers,
        "unread-file",
        "This file is kept in Git LFS: the repository has a pointer to it, and it was not read.",
    )
    for path, real in sorted(links.items()):
        link = os.path.join(root, path)
        os.makedirs(os.path.dirname(link), mode=0o700, exist_ok=True)
        # To where the chain of links ends: nothing is followed that was not checked.
        if not os.path.lexists(link):
            os.symlink(os.path.join(root, real), link)
    # What lies behind a folder that is not there now may be named by way of it; it is not written for that alone.
    top = place.real if ".." in place.top.split("/") else place.top
    return Place(os.path.join(root, top), place.shown, os.fspath(place.target))


def _releases(folder: str) -> Iterator[str]:
    """Where an Odoo says its version, for a `base` that is this folder or in it."""
    for above in (posixpath.dirname(folder), posixpath.dirname(posixpath.dirname(folder))):
        for path in ("release.py", "odoo/release.py"):
            yield posixpath.join(above, path)


def _write_files(place: _Place, root: str, paths: list[str], progress: Progress | None) -> list[str]:
    """Write the files, and name those that are pointers of Git LFS, which are not written."""
    ids = [place.tree.files[path] for path in paths]
    sizes = list(git.described(place.folder, ids))
    if len(sizes) != len(paths) or None in sizes:
        raise _refused(place.target, _PARTIAL)
    # What is larger would not be read from a folder either.
    kept = [
        (path, id, size[2])
        for path, id, size in zip(paths, ids, sizes, strict=True)
        if size and size[2] <= MAX_FILE_BYTES
    ]
    if sum(size for _, _, size in kept) > MAX_ARCHIVE_BYTES:
        raise _refused(place.target, f"it is larger than {MAX_ARCHIVE_BYTES // 10**9} GB")
    pointers = []
    made = {""}
    blobs = git.contents(place.folder, [id for _, id, _ in kept], MAX_FILE_BYTES)
    for done, ((path, _, _), content) in enumerate(zip(kept, blobs, strict=True)):
        if content.startswith(_LFS_POINTER):
            pointers.append(path)
            continue
        folder = posixpath.dirname(path)
        if folder not in made:
            os.makedirs(os.path.join(root, folder), mode=0o700, exist_ok=True)
            made.add(folder)
        with open(os.path.join(root, path), "xb") as file:
            file.write(content)
        if progress and (done % 256 == 0 or done + 1 == len(kept)):
            progress("Reading the revision", done + 1, len(kept))
    return pointers


def _note(place: _Place, paths: list[str], kind: str, message: str) -> None:
    for path in paths:
        below = posixpath.relpath(path, place.real or ".")
        if any(part in SKIPPED_FOLDERS or (part[0] == "." and part != "..") for part in below.split("/")):
            continue
        if len(place.notes) == MAX_NOTES:
            return
        origin = Origin(path=shown_path(os.path.normpath(os.path.join(place.shown, below))))
        place.notes.append(Note(origin=origin, kind=kind, message=message))
