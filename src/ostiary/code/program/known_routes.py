"""What routes of Odoo's own controllers say, for when these were not read and another module overrides them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

INHERITED = "<inherited>"
"""The `auth` of a route that says it in a definition which was not read."""
_MAX_ABOVE = 10


def known_routing(method: str, unread: Iterable[str]) -> dict[str, Any] | None:
    """What `@route` says of a method in classes of these dotted names, or above them; None where it is not known."""
    for dotted in unread:
        parts = dotted.split(".")
        if parts[:2] == ["odoo", "addons"] and len(parts) > 3:
            found = _of_class(parts[2], parts[-1], method)
            if found is not None:
                auth, kind, path = found.split(" ", 2)
                return {"auth": auth, "type": kind, "routes": [path]}
    return None


def _of_class(module: str, name: str, method: str) -> str | None:
    table = _table()
    known = table.get(name)
    if known is None or module not in known["modules"]:
        return None
    for _ in range(_MAX_ABOVE):
        found = known.get("routes", {}).get(method)
        above = known.get("above")
        if found is not None or above is None:
            return str(found) if found is not None else None
        known = table[above]
    return None


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(
        files("ostiary.code.program").joinpath("known_routes.toml").read_text(encoding="utf-8")
    )
