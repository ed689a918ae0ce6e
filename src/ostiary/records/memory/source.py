"""What evaluating in memory needs to know of records, whoever holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from ostiary.records.schema import Column, Lines, Links, Schema

Ids = tuple[int, ...]


class Source(Protocol):
    """Stored values of records, each as Odoo's record cache shows it to Python.

    The mappings are asked with ids of records and raise Fails (`MissingError`) for an id without a row. They
    may read when they are asked; an application may give its own rows by this protocol.
    """

    columns: dict[Any, Any]
    """What evaluations keep: empty at first."""

    @property
    def schema(self) -> Schema: ...

    def column(self, kind: Column, company: int | None) -> Mapping[int, object]:
        """The values of a stored field, by id; for company-dependent ones, those of `company`."""

    def related(self, kind: Lines | Links) -> Mapping[int, Ids]:
        """The ids that a one2many or many2many holds, in order, archived ones too, without its domain."""

    def given(self, model: str, field: str) -> Mapping[int, object] | None:
        """Values for a field of any kind that this source knows by itself; None where it knows none."""

    def ids(self, model: str) -> Collection[int]:
        """The ids of all records of a model, archived ones too."""

    def exists(self, model: str, record: int) -> bool:
        """Whether the record has a row."""

    def fallback(self, kind: Column, company: int) -> object:
        """The value of a company-dependent field where none is set (`ir.default`); None where there is none."""
