"""The schema: models as tables, fields as kinds, built as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ostiary.domain import DomainSemantics
from ostiary.policy import Model, Policy
from ostiary.policy.paths import field_of
from ostiary.records.errors import Fails
from ostiary.records.facts import Facts, facts_for
from ostiary.records.schema.catalog import Catalog
from ostiary.records.schema.fields import kind_of
from ostiary.records.schema.kinds import Kind, Names
from ostiary.records.schema.names import names_of
from ostiary.records.schema.tables import table_of


@dataclass(frozen=True, slots=True)
class ModelTable:
    """A model and the table (or view) its records are rows of.

    `active` is the field that archives records, None where there is none. `parent_name` is the field to the
    parent, `parent_store` whether `parent_path` holds the ancestors.
    """

    name: str
    table: sa.Table
    active: str | None
    parent_name: str
    parent_store: bool

    @property
    def id(self) -> sa.Column[int]:
        return self.table.c.id


class Schema:
    """Where the records of a Policy's models live.

    With a `catalog` the tables are an Odoo's own, and what the catalog lacks is undecided; without one they are
    those that `create.create_tables` makes of the same definitions.
    """

    def __init__(self, policy: Policy, catalog: Catalog | None = None) -> None:
        self.policy = policy
        self.catalog = catalog
        self.metadata = sa.MetaData()
        self.facts: Facts = facts_for(policy)
        self._models: dict[str, ModelTable] = {}
        self._fields: dict[tuple[str, str], Kind] = {}
        self._names: dict[str, Names] = {}

    @property
    def semantics(self) -> DomainSemantics:
        return self.policy.semantics.domain

    def definition(self, model: str) -> Model:
        """The model's definition. Raises Fails (`KeyError`) where there is no such model."""
        found = self.policy.models.get(model)
        if found is None:
            raise Fails("KeyError", f"there is no model {model}")
        return found

    def model(self, name: str) -> ModelTable:
        """The model's table. Raises Undecided where its records are in no table that can be read."""
        found = self._models.get(name)
        if found is None:
            definition = self.definition(name)
            table = table_of(self, definition)
            found = self._models[name] = ModelTable(
                name,
                table,
                definition.active_name
                or next((one for one in ("active", "x_active") if field_of(self.policy, name, one)), None),
                self.facts.model(name).parent_name or definition.parent_name,
                definition.parent_store,
            )
        return found

    def field(self, model: str, name: str) -> Kind:
        """What the field is. Raises Fails (`ValueError`) where the model has no such field, Undecided where it
        can't be known whether it has."""
        key = (model, name)
        found = self._fields.get(key)
        if found is None:
            found = self._fields[key] = kind_of(self, self.definition(model), name)
        return found

    def names(self, model: str) -> Names:
        """How records of the model are found and shown by name. Raises Undecided where that is not known."""
        found = self._names.get(model)
        if found is None:
            found = self._names[model] = names_of(self, self.definition(model))
        return found
