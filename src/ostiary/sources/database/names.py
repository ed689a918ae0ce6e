"""External ids of records, from `ir_model_data`, and the groups that relation tables attach to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from ostiary.policy import GroupLink, Origin
from ostiary.sources.database.tables import Database

# Names that an export made up say nothing about where a record comes from, and a later export would change it.
_EXPORTED = "__export__"
NAMED = (
    "ir.actions.act_url", "ir.actions.act_window", "ir.actions.act_window_close", "ir.actions.client",
    "ir.actions.report", "ir.actions.server", "ir.model.access", "ir.module.category", "ir.rule", "ir.ui.menu",
    "ir.ui.view", "res.company", "res.groups", "res.groups.privilege", "res.users",
)  # fmt: skip


@dataclass(slots=True)
class Names:
    """What records are called: by the oldest external id they have, else by model and id, `ir.rule(12)`."""

    known: dict[tuple[str, int], tuple[str, str, bool]] = field(default_factory=dict)

    def xmlid(self, model: str, id: int) -> str:
        found = self.known.get((model, id))
        return f"{found[0]}.{found[1]}" if found else f"{model}({id})"

    def maybe(self, model: str, id: int | None) -> str | None:
        return None if id is None else self.xmlid(model, id)

    def module(self, model: str, id: int) -> str:
        """The module the record belongs to, empty where none does."""
        found = self.known.get((model, id))
        return found[0] if found else ""

    def noupdate(self, model: str, id: int) -> bool:
        found = self.known.get((model, id))
        return found is not None and found[2]

    def origin(self, table: str, model: str, id: int) -> Origin:
        """Where a record was read: its table and id, and the module it belongs to."""
        return Origin(path=table, line=id, module=self.module(model, id))


def read_names(database: Database) -> Names:
    """The external ids of the records a Policy holds, and of the partners that are users."""
    columns = "model res_id module name noupdate"
    rows = database.rows("ir_model_data", columns, where="model = ANY(%s)", order="id", args=[list(NAMED)])
    partners = database.rows(
        "ir_model_data", columns, order="id",
        where="model = 'res.partner' AND res_id IN (SELECT partner_id FROM res_users)",
    )  # fmt: skip
    names = Names()
    for model, id, module, name, noupdate in chain(rows, partners):
        if id and module != _EXPORTED:
            names.known.setdefault((model, id), (module, name, bool(noupdate)))
    return names


def read_owners(database: Database, model: str) -> dict[int, list[str]]:
    """The modules that own an external id of each record of a model, the oldest first."""
    found: dict[int, list[str]] = {}
    rows = database.rows("ir_model_data", "res_id module", where="model = %s", order="id", args=[model])
    for id, module in rows:
        owners = found.setdefault(id, [])
        if module not in owners and module != _EXPORTED:
            owners.append(module)
    return found


def links(database: Database, names: Names, relation: str, columns: str) -> dict[int, list[str]]:
    """The groups in a relation table, by the id of the record they are attached to."""
    found: dict[int, list[str]] = defaultdict(list)
    for id, group in sorted(database.rows(relation, columns)):
        found[id].append(names.xmlid("res.groups", group))
    return found


def linked(held: Mapping[int, list[str]], id: int, origin: Origin) -> tuple[GroupLink, ...]:
    """The groups of one record; a relation table has no ids, so their origin is the record's."""
    return tuple(GroupLink(group=group, origin=origin) for group in held.get(id, ()))
