"""Access rights and record rules that a database has otherwise than the source of its modules."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from ostiary.domain import canonical
from ostiary.policy import AccessRight, Edit, Policy, RecordRule

Item = AccessRight | RecordRule


def edits(database: Policy, source: Policy, read: Set[str]) -> list[Edit]:
    """The differences, in the source's order, and then what only the database has.

    Only definitions of modules that are installed and were read (`read`) are compared, and of them only those that the
    source says without running code. Names and the way a domain is written don't count. Whether a definition is
    active is not compared where Python code of the source looks up one that ships inactive, since switching it is then
    what the module does.
    """
    comparison = _Comparison(
        database,
        read & database.modules.keys(),
        frozenset(note.message.partition(" ")[0] for note in source.notes if note.kind == "switched"),
    )
    said: list[Item] = [*source.rights, *source.rules]
    there: list[Item] = [*database.rights, *database.rules]
    return [*comparison.changed(said, there), *comparison.left(said, there)]


@dataclass(frozen=True, slots=True)
class _Comparison:
    database: Policy
    modules: Set[str]
    switched: Set[str]

    def changed(self, said: list[Item], there: list[Item]) -> Iterator[Edit]:
        """What the source has, and the database has otherwise or not at all."""
        found = {item.xmlid: item for item in there}
        for item in said:
            if not self._comparable(item):
                continue
            stored = found.get(item.xmlid)
            if stored is None or self._essence(stored) != self._essence(item):
                yield Edit(
                    origin=stored.origin if stored else item.origin,
                    xmlid=item.xmlid,
                    right=item if isinstance(item, AccessRight) else None,
                    rule=item if isinstance(item, RecordRule) else None,
                )

    def left(self, said: list[Item], there: list[Item]) -> Iterator[Edit]:
        """What the database has of a module whose source has no such thing."""
        known = {item.xmlid for item in said}
        for item in there:
            if item.origin.module in self.modules and item.xmlid not in known:
                yield Edit(origin=item.origin, xmlid=item.xmlid)

    def _comparable(self, item: Item) -> bool:
        if item.uncertain or item.xmlid.partition(".")[0] not in self.modules:
            return False
        if isinstance(item, RecordRule):
            named, uncertain = set(item.group_names), item.groups_uncertain
        else:
            named, uncertain = {item.group} if item.group else set(), False
        # What is not in the database at all was taken away with its model or group.
        return not uncertain and item.model in self.database.models and named <= self.database.groups.keys()

    def _essence(self, item: Item) -> tuple[object, ...]:
        active = item.xmlid in self.switched or item.active
        if isinstance(item, RecordRule):
            return (
                item.model,
                frozenset(item.group_names),
                frozenset(item.modes),
                canonical(item.domain),
                active,
            )
        return item.model, item.group, frozenset(item.modes), active
