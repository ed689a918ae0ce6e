"""The Policy that a file of access tests is about."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ostiary.enforce.people import taken_whole
from ostiary.policy import Policy
from ostiary.sources import UnreadableTarget, open_policy
from ostiary.sources.shown import scheme_of
from ostiary.testing.data_files import DataRecord, data_records
from ostiary.testing.find import addons_of
from ostiary.testing.format import listed
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import Tests

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """What is read: the arguments of `open_policy`."""

    targets: tuple[str, ...]
    addons_path: tuple[str, ...]
    modules: tuple[str, ...] = ()
    odoo: str | None = None
    demo: bool = False
    whole: bool = False


@dataclass
class Targets:
    """Reads policies, each once. What is given here takes the place of what files say."""

    targets: Sequence[str] = ()
    addons_path: Sequence[str] = ()
    modules: Sequence[str] = ()
    odoo: str | None = None
    cache: bool | None = None
    progress: Progress | None = None
    known: dict[Place, Policy] = field(default_factory=dict)
    _data: dict[Place, dict[str, DataRecord]] = field(default_factory=dict)

    def place_of(self, tests: Tests) -> Place:
        """What is read for a file. Raises InvalidTests where neither it nor where it lies says so."""
        file = tests.file
        demo = file.demo
        odoo = self.odoo or file.odoo or None
        modules = tuple(self.modules) or listed(file.modules)
        path = tuple(self.addons_path) or _beside(tests, "addons_path", listed(file.addons_path))
        given = tuple(self.targets) or _beside(tests, "target", listed(file.target))
        if given:
            return Place(given, path, modules, odoo, demo, file.whole)
        addon, folder = addons_of(tests.path)
        if folder is None:
            raise InvalidTests(
                f"{tests.shown}:1: there is no addon here or in the folders above: say `target`, the addons to read."
            )
        if addon is None:
            return Place((_shown(folder),), path, modules, odoo, demo, file.whole)
        return Place((_shown(addon),), (*path, _shown(folder)), modules, odoo, demo, file.whole)

    def policy_of(self, tests: Tests) -> Policy:
        """The Policy that a file is about. Raises InvalidTests where it can't be read."""
        place = self.place_of(tests)
        found = self.known.get(place)
        if found is None:
            try:
                found = self.known[place] = self._read(place)
            except UnreadableTarget as error:
                raise InvalidTests(f"{tests.place('target')}: {error}") from None
        return found

    def data_of(self, tests: Tests) -> dict[str, DataRecord]:
        """The records of data files that a file wants. Raises InvalidTests where they can't be read."""
        if not tests.file.demo:
            return {}
        place = self.place_of(tests)
        found = self._data.get(place)
        if found is None:
            try:
                found = data_records(place.targets, self.policy_of(tests), demo=True)
            except UnreadableTarget as error:
                raise InvalidTests(f"{tests.place('demo')}: {error}") from None
            self._data[place] = found
        return found

    def _read(self, place: Place) -> Policy:
        policy = open_policy(
            place.targets,
            addons_path=place.addons_path,
            odoo=place.odoo,
            modules=place.modules or None,
            demo=place.demo,
            cache=self.cache,
            progress=self.progress,
        )
        return taken_whole(policy) if place.whole else policy


def _beside(tests: Tests, key: str, names: Sequence[str]) -> tuple[str, ...]:
    """Paths that a file gives, from the folder it lies in. A database is not read: a test says which rows there are."""
    found = []
    for name in names:
        if scheme_of(name):
            raise InvalidTests(
                f"{tests.place(key)}: {name} is no path: access tests read addons, and make their own rows."
            )
        found.append(_shown(tests.path.parent / name))
    return tuple(found)


def _shown(path: Path) -> str:
    """A path as it is named to the user: from the working folder, where it lies below it."""
    full = os.path.normpath(path.absolute())
    short = os.path.relpath(full)
    return full if short.startswith("..") else short
