"""What views show and hide in the end: the marks read from each arch, put together along inheritance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ostiary.policy import Hide, Origin, View
from ostiary.sources.addons.records import Record, Store

_MAX_CHAIN = 50


def marks_of(record: Record) -> dict[str, Any]:
    """The `hides`, `shows` and `masked` of a view, as its record says them."""
    shows, masked = record.text("shows"), record.text("masked")
    return {
        "hides": tuple(hide for hide, _ in _hides(record)),
        "shows": tuple(shows.split()),
        "masked": tuple(masked.split()),
    }


def _hides(record: Record) -> Iterator[tuple[Hide, bool]]:
    """What a view hides; true for an element of the view that it inherits from."""
    found, place = record.values.get("hides", ((), record.origin))
    for entry in found if isinstance(found, list) else ():
        element, name, groups, line, path, fields, changed = entry
        origin = Origin(path=place.path, line=line, module=place.module)
        yield Hide(element, name, groups, origin, path, tuple(fields)), changed


def settle(views: dict[str, View], store: Store) -> None:
    """Take from what views show the fields that an extension of theirs restricts to groups.

    A view that inherits in mode `primary` changes a copy, and leaves what it inherits from as it was.
    """
    for xmlid, view in views.items():
        record = store.records[xmlid]
        if view.inherit is None or not view.active or record.text("mode") == "primary":
            continue
        taken = {
            f"{hide.path}.{field}" if hide.path else field
            for hide, changed in _hides(record)
            if changed
            for field in hide.fields
        }
        for other in _above(views, store, view) if taken else ():
            other.shows = tuple(field for field in other.shows if field not in taken)


def _above(views: dict[str, View], store: Store, view: View) -> Iterator[View]:
    """The views that one extends, up to the one that it is a part of."""
    for _ in range(_MAX_CHAIN):
        parent = views.get(view.inherit or "")
        if parent is None:
            return
        yield parent
        if store.records[parent.xmlid].text("mode") == "primary":
            return
        view = parent


def marks_to_record(view: View) -> dict[str, Any]:
    """The values of a record from which `marks_of` reads the same; extensions have been settled by then."""
    hides = [
        [hide.element, hide.name, hide.groups, hide.origin.line, hide.path, list(hide.fields), False]
        for hide in view.hides
    ]
    found = {"hides": hides, "shows": " ".join(view.shows), "masked": " ".join(view.masked)}
    return {name: value for name, value in found.items() if value}
