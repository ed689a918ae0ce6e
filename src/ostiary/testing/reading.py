"""Reading a file of access tests: its text as a `File`, with the place of everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ostiary.prove.bounded_yaml import MOST_BYTES, Document, InvalidYaml, read_yaml
from ostiary.testing.format import (
    Company,
    Deeds,
    Expectation,
    File,
    Matrix,
    Name,
    Reference,
    References,
    User,
    Values,
)
from ostiary.testing.mistakes import InvalidTests, of_validation, sentence

Path_ = tuple[str | int, ...]
_KEYS = sorted({
    name for struct in (File, User, Company, Deeds, Expectation, Matrix) for name in struct.__struct_fields__
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tests:
    """A file as it was read. `shown` is what messages call it, `path` where it lies."""

    __test__ = False  # nothing that pytest should collect

    path: Path
    shown: str
    file: File
    document: Document

    def place(self, *path: str | int) -> str:
        """`file:line` of what stands at a path."""
        return f"{self.shown}:{self.line(*path)}"

    def line(self, *path: str | int) -> int:
        return self.document.line(path)


def read_tests(path: Path, shown: str | None = None) -> Tests:
    """A file of access tests. Nothing is known here of its models, groups and records. Raises InvalidTests."""
    name = shown or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidTests(f"{name}: {error.strerror or error}.") from None
    return parse_tests(content, path, name)


def parse_tests(content: bytes, path: Path, shown: str) -> Tests:
    """As `read_tests`, of a file's content. Raises InvalidTests."""
    try:
        document = read_yaml(content)
    except InvalidYaml as error:
        raise InvalidTests(f"{shown}:{error.line}: {error.message}.") from None
    if document.value is None:
        raise InvalidTests(f"{shown}:1: the file is empty.")
    try:
        file = msgspec.convert(document.value, File)
    except msgspec.ValidationError as error:
        raise InvalidTests(*_told(error, document, shown)) from None
    return Tests(path, shown, file, document)


def _told(error: Exception, document: Document, shown: str) -> list[str]:
    """What a file's form is wrong about, each with its place. msgspec stops at the first mistake and does not name the
    keys of mappings: the parts are tried one by one, and the whole only where its parts are right."""
    version = document.value.get("version", 1) if isinstance(document.value, dict) else 1
    if isinstance(version, int) and version != 1:
        return [
            f"{shown}:{document.line(('version',))}: this Ostiary reads version 1 of access tests, not {version}."
        ]
    found: list[tuple[str, Path_]] = []
    wrong: set[Path_] = set()
    for path, value, type_ in _parts(document.value):
        if path in wrong:
            continue
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as part:
            above = path if type_ is not File else ()
            found.append(of_validation(str(part), _KEYS, above))
            wrong.update(path[: length + 1] for length in range(len(path)))
    told = found or [of_validation(str(error), _KEYS)]
    return list(
        dict.fromkeys(sentence(f"{shown}:{document.line(where)}: {message}") for message, where in told)
    )


def _parts(value: Any) -> Iterator[tuple[Path_, Any, Any]]:
    """The parts of a file that stand in mappings, with the type of each."""
    if not isinstance(value, dict):
        return
    for key, type_ in (("companies", Company | None), ("users", User | References), ("records", _Records)):
        for name, one in _items(value.get(key)):
            if key != "records":
                yield (key, name), {name: None}, dict[Name, None]
            else:
                for record, values in _items(one):
                    yield (key, name, record), values, Values | None
            yield (key, name), one, type_
    for place, one in enumerate(value["expect"] if isinstance(value.get("expect"), list) else ()):
        for name in ("can", "cannot", "unknown"):
            if isinstance(one, dict) and name in one:
                yield ("expect", place, name), one[name], Deeds | None
        yield ("expect", place), one, Expectation
    for key, one in value.items():
        yield (key,), {key: one}, File


_Records = dict[Reference, Values | None]


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []
