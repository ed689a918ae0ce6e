"""Where a model's fields are in tables, worked out from its definitions."""

from ostiary.records.schema.catalog import Catalog, read_catalog
from ostiary.records.schema.kinds import (
    Column,
    Condition,
    Inherited,
    Kind,
    Lines,
    Links,
    Names,
    Negative,
    Python,
    Related,
    Storage,
    Through,
)
from ostiary.records.schema.schema import ModelTable, Schema

__all__ = [
    "Catalog", "Column", "Condition", "Inherited", "Kind", "Lines", "Links", "ModelTable", "Names", "Negative",
    "Python", "Related", "Schema", "Storage", "Through", "read_catalog",
]  # fmt: skip
