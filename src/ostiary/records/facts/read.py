"""Reading the declared facts from their files, strictly: an entry that can't be understood is an error here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

FOLDER = Path(__file__).parent
_REVIEWED = "reviewed"
_F = TypeVar("_F")


class ModelFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a module declares of a model: how its records are found and shown by name, which field is its parent.

    None where the module says nothing of it; `display` is False where Python makes it.
    """

    search: tuple[str, ...] | None = None
    display: str | Literal[False] | None = None
    python: bool | None = None
    exact: str | None = None
    below: bool | None = None
    assumed: tuple[str, ...] = ()
    parent_name: str | None = None
    versions: frozenset[str] = frozenset()


class FieldFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is declared of a field; see the room's docstring for each word."""

    method: str | None = None
    domain: str | None = None
    active_test: bool | None = None
    auto_join: bool = False
    assumed: tuple[str, ...] = ()
    model_field: str | None = None
    through: str | tuple[str, ...] | None = None
    negative: str = "outside"
    sudo: bool = True
    value: str | None = None
    value_domain: str | None = None
    readable: bool = True
    condition: str | None = None
    searched: bool = True
    open: bool = False
    versions: frozenset[str] = frozenset()

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths the field stands for, none where it doesn't."""
        if self.through is None:
            return ()
        return (self.through,) if isinstance(self.through, str) else self.through


class _File(msgspec.Struct, forbid_unknown_fields=True):
    versions: frozenset[str]
    model: dict[str, ModelFact | list[ModelFact]] = {}
    field: dict[str, dict[str, FieldFact | list[FieldFact]]] = {}


class Declared(msgspec.Struct, frozen=True):
    """All that holds in one version: modules gone through; facts by model, or model and field, and then by module."""

    reviewed: frozenset[str] = frozenset()
    models: dict[str, dict[str, ModelFact]] = {}
    fields: dict[tuple[str, str], dict[str, FieldFact]] = {}


def names() -> tuple[str, ...]:
    """The modules that something is declared for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != _REVIEWED))


@cache
def declared(version: str) -> Declared:
    """The facts that hold in a version (`"18"`). Raises msgspec.ValidationError or ValueError for a wrong file."""
    models: dict[str, dict[str, ModelFact]] = {}
    fields: dict[tuple[str, str], dict[str, FieldFact]] = {}
    for name in names():
        file = read(name)
        for model, stated in file.model.items():
            for one in _holding(stated, file.versions, version):
                _add(models.setdefault(model, {}), one, name, model)
        for model, entries in file.field.items():
            for field, said in entries.items():
                for fact in _holding(said, file.versions, version):
                    _add(fields.setdefault((model, field), {}), fact, name, f"{model}.{field}")
    modules = msgspec.convert(_load(_REVIEWED), dict[str, frozenset[str]])
    return Declared(modules.get(version, frozenset()), models, fields)


def read(name: str) -> _File:
    """One file, checked for its form."""
    try:
        return msgspec.convert(_load(name), _File)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}.toml: {error}") from None


def _load(name: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _holding(said: Any, usual: frozenset[str], version: str) -> list[Any]:
    entries = said if isinstance(said, list) else [said]
    return [one for one in entries if version in (one.versions or usual)]


def _add(found: dict[str, _F], fact: _F, module: str, what: str) -> None:
    if module in found:
        raise ValueError(f"{module}.toml: {what} is declared twice for one version")
    found[module] = fact
