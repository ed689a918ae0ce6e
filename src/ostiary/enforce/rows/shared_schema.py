"""The schema of a Policy, shared by every Environment on it, in whatever thread."""

from __future__ import annotations

import threading

from ostiary.policy import Policy
from ostiary.records.schema import Catalog, Kind, ModelTable, Names, Schema

_KEY = "_enforce_schema"
_MAKING = threading.Lock()


class SharedSchema(Schema):
    """A Schema that several threads may ask at once: what isn't there yet is built by one of them."""

    def __init__(self, policy: Policy, catalog: Catalog | None = None) -> None:
        super().__init__(policy, catalog)
        self._building = threading.RLock()

    def model(self, name: str) -> ModelTable:
        found = self._models.get(name)
        if found is not None:
            return found
        with self._building:
            return super().model(name)

    def field(self, model: str, name: str) -> Kind:
        found = self._fields.get((model, name))
        if found is not None:
            return found
        with self._building:
            return super().field(model, name)

    def names(self, model: str) -> Names:
        found = self._names.get(model)
        if found is not None:
            return found
        with self._building:
            return super().names(model)


def schema_of(policy: Policy, catalog: Catalog | None = None) -> Schema:
    """The schema of a Policy, made once for as long as the Policy lives; a new one where there is a catalog."""
    if catalog is not None:
        return SharedSchema(policy, catalog)
    with _MAKING:
        kept = policy.__dict__.get(_KEY)
        if not isinstance(kept, SharedSchema):
            kept = policy.__dict__[_KEY] = SharedSchema(policy)
        return kept
