"""Which files hold access tests, and which addons a file is about when it doesn't say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ostiary.sources.addons.locate import MANIFESTS

SUFFIXES = (".access.yaml", ".access.yml")
FOLDER = "access"
"""A folder of this name holds access tests, whatever its YAML files are called."""

_YAML = (".yaml", ".yml")
_SKIPPED = frozenset({"__pycache__", "node_modules", "static", "i18n"})
_MOST_FOLDERS = 50_000
_DEEPEST = 25
_MOST_ABOVE = 8


class NoTests(ValueError):
    """A path at which there are no access tests. The message is one sentence."""


def is_test_file(path: Path) -> bool:
    """Whether a file is taken for access tests where a folder is searched."""
    return path.name.endswith(SUFFIXES) or (path.suffix in _YAML and path.parent.name == FOLDER)


def files_at(places: Sequence[Path]) -> list[Path]:
    """The files of access tests at these places: files as they are, those below a folder, by name. Raises NoTests."""
    found: dict[Path, None] = {}
    for place in places:
        if place.is_dir():
            below = sorted(_below(place))
            if not below:
                raise NoTests(
                    f"There are no access tests in {place}: they are files called *{SUFFIXES[0]}, or YAML in a folder "
                    f"called {FOLDER}."
                )
            found |= dict.fromkeys(below)
        elif place.exists():
            found[place] = None
        else:
            raise NoTests(f"There is no {place}: name a file of access tests or a folder that holds some.")
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for looked_into, (above, folders, files) in enumerate(os.walk(folder, followlinks=False)):
        deep = len(Path(above).parts) - len(folder.parts)
        if looked_into > _MOST_FOLDERS or deep > _DEEPEST:
            folders.clear()
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in _SKIPPED)
        for name in files:
            path = Path(above, name)
            if is_test_file(path) and path.is_file():
                yield path


def addons_of(file: Path) -> tuple[Path | None, Path | None]:
    """The addon that a file lies in and the folder of the addons beside it, or no addon and the nearest folder above
    that has addons in it; no folder either where there is none."""
    above = list(file.resolve().parents)[:_MOST_ABOVE]
    for folder in above:
        if _is_addon(folder):
            return folder, folder.parent
    for folder in above:
        if _holds_addons(folder):
            return None, folder
    return None, None


def _is_addon(folder: Path) -> bool:
    return any((folder / name).is_file() for name in MANIFESTS)


def _holds_addons(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_dir() and _is_addon(Path(entry.path)) for entry in entries)
    except OSError:
        return False
