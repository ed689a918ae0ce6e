"""What a later place says otherwise of a group, an access right or a record rule than an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ostiary.policy import Changed, Origin, Overwrite
from ostiary.sources.addons import values

if TYPE_CHECKING:
    from ostiary.sources.addons.records import Record

# The models whose records decide who may do what.
WATCHED = frozenset({"ir.model.access", "ir.rule", "res.groups"})
_LONGEST = 2_000
_MANY = 20_000


class Overwrites:
    """The overwrites there were, in loading order; no more than a bound, since a file may repeat itself."""

    def __init__(self) -> None:
        self.found: list[Overwrite] = []
        # What was taken away, as it stood, by its place in `found`.
        self.removed: dict[int, Record] = {}
        # Whether what is carried out now stands in a noupdate block.
        self.noupdate = False

    @contextmanager
    def watched(self, record: Record | None, origin: Origin) -> Iterator[None]:
        """Note what is written to a record meanwhile; nothing of one that is only being made."""
        if record is None or record.model not in WATCHED or len(self.found) >= _MANY:
            yield
            return
        before = dict(record.values), {name: dict(links) for name, links in record.links.items()}
        yield
        self.found.append(
            Overwrite(
                origin=origin,
                xmlid=record.xmlid,
                model=record.model,
                earlier=record.origin,
                changes=(*_values(record, before[0]), *_links(record, before[1], origin)),
                noupdate=self.noupdate,
                whole="model_id" in before[0] and record.values["model_id"] is not before[0]["model_id"],
            )
        )

    def deleted(self, record: Record, origin: Origin) -> None:
        """Note that a record was taken away."""
        if record.model in WATCHED and len(self.found) < _MANY:
            self.removed[len(self.found)] = record
            self.found.append(
                Overwrite(
                    origin=origin,
                    xmlid=record.xmlid,
                    model=record.model,
                    earlier=record.origin,
                    deleted=True,
                )
            )


def _values(record: Record, before: dict[str, tuple[Any, Origin]]) -> Iterator[Changed]:
    for name, (value, place) in record.values.items():
        earlier, at = before.get(name, ("", record.origin))
        if _text(name, earlier) != _text(name, value):
            yield Changed(name, _text(name, earlier), _text(name, value), place, at, name in before)


def _links(record: Record, before: dict[str, dict[str, Origin]], origin: Origin) -> Iterator[Changed]:
    for name, links in record.links.items():
        earlier = before.get(name, {})
        if set(earlier) != set(links):
            added = [place for xmlid, place in links.items() if xmlid not in earlier]
            place = added[0] if added else origin
            theirs = any(
                at.module == record.origin.module for xmlid, at in earlier.items() if xmlid not in links
            )
            yield Changed(name, ",".join(earlier), ",".join(links), place, record.origin, theirs)


def _text(name: str, value: Any) -> str:
    """A value as text, so that the two are alike where Odoo would store the same."""
    if name == "active" or name.startswith("perm_"):
        known = values.truthy(value) if value != "" else None
        if known is not None:
            return "1" if known else "0"
    xmlid = values.as_ref(value)
    if xmlid is not None:
        return xmlid
    if values.is_code(value):
        return str(value["$code"])[:_LONGEST]
    if value is None or value is False:
        return ""
    text = value if isinstance(value, str) else repr(value)
    return " ".join(text.split())[:_LONGEST]
