"""`child_of` and `parent_of`: which records lie in a tree, and the field that leads up in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ostiary.domain import Term
from ostiary.prove.encode.facts import entity_is_above
from ostiary.prove.encode.items import Const, Item, Many, One, Unreadable
from ostiary.prove.encode.smt import FALSE, TRUE, conj, disj, neg, whole
from ostiary.prove.encode.world import Rec
from ostiary.records.schema import Column

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder


class Trees:
    """Writes what one encoder says of trees."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.world = encoder.world
        self.schema = encoder.schema
        self.semantics = encoder.semantics

    def parent(self, model: str, by: str = "") -> str:
        """The field that leads up: the model's own, or the one that is asked about, where that is what counts."""
        definition = self.schema.model(model)
        parent = definition.parent_name
        if by and (self.semantics.own_hierarchy_needs_path or not definition.parent_store):
            parent = by
        kind = self.schema.field(model, parent)
        if not isinstance(kind, Column) or kind.comodel != model:
            raise Unreadable(f"follows a tree of {model} that has no parent field")
        return parent

    def holds(self, record: Rec, operator: str, items: list[Item], parent: str, positive: bool) -> str:
        """That a record lies in the tree of one of the items, or above one."""

        def related(root: Rec) -> str:
            down = operator == "child_of"
            low, top = (record, root) if down else (root, record)
            found = self.world.below(low, top, parent)
            entity_is_above(self.encoder, low, top, parent)
            there = f"(> {root.term} 0)"
            return conj((there, found)) if positive else disj((neg(there), neg(found)))

        parts: list[str] = []
        for item in items:
            if isinstance(item, Const) and not item.value:
                continue
            if isinstance(item, One) or (isinstance(item, Const) and type(item.value) is int):
                root = (
                    item.record if isinstance(item, One) else Rec(record.model, whole(int(item.value or 0)))
                )
                if root.model != record.model:
                    raise Unreadable(f"follows a tree of {record.model} from a record of {root.model}")
                parts.append(related(root))
            elif isinstance(item, Many) and item.model == record.model:
                parts.append(self._some(item, related, positive))
            else:
                raise Unreadable("follows a tree from what is no record")
        return (disj if positive else conj)(parts)

    def begins(self, term: Term, positive: bool) -> str:
        """That a tree begins at some record (or that it begins nowhere)."""
        parts: list[str] = []
        for item in self.encoder.values.items(term.value):
            if isinstance(item, Many):
                parts.append(self.encoder.values.some(item, positive))
            else:
                there = f"(> {item.record.term} 0)" if isinstance(item, One) else FALSE
                if isinstance(item, Const) and item.value:
                    there = TRUE
                parts.append(there if positive else neg(there))
        return (disj if positive else conj)(parts)

    def _some(self, many: Many, related: Callable[[Rec], str], positive: bool) -> str:
        """That something is so of one of some records (or, in a negative place, its opposite of each)."""
        if positive:
            one = self.world.record(many.model, "s")
            return conj((many.contains(one, True), related(one)))
        return self.world.every(many.model, lambda one: disj((many.contains(one, False), related(one))))
