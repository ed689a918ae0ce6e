"""Which Odoo a database belongs to, told from the database."""

from __future__ import annotations

import re

from ostiary.policy import Semantics
from ostiary.sources.database.tables import Database
from ostiary.sources.errors import UnreadableTarget

KNOWN = ("17.0", "18.0", "19.0")
_VERSION = re.compile(r"(?P<series>(saas~)?\d+\.\d+)\.")
_PENDING = ("to install", "to upgrade", "to remove")
_NAMED = 3


def series_of(database: Database) -> str:
    """The series of the database's Odoo, as `"18.0"`.

    Raises UnreadableTarget where Odoo is not installed in it, where its modules are being installed or upgraded,
    or where its version is not known.
    """
    shown = database.reading.shown
    modules = database.rows(
        "ir_module_module", "name state latest_version", where="state = ANY(%s) OR name = 'base'",
        order="name", args=[list(_PENDING)],
    )  # fmt: skip
    pending = [name for name, state, _ in modules if state in _PENDING]
    if pending:
        named = ", ".join(pending[:_NAMED]) + (
            f" and {len(pending) - _NAMED} more" if len(pending) > _NAMED else ""
        )
        wait = "waits" if len(pending) == 1 else "wait"
        raise UnreadableTarget(
            f"{shown} is being upgraded: {named} still {wait} to be installed, upgraded or removed; try again when "
            "Odoo is done."
        )
    base = next((row for row in modules if row[0] == "base"), None)
    if base is None or base[1] != "installed":
        raise UnreadableTarget(f"{shown} is not an Odoo database: its module base is not installed.")
    match = _VERSION.match(base[2] or "")
    series = match["series"] if match else ""
    if series not in KNOWN:
        what = f"Odoo {series}" if series else "an Odoo that does not say its version"
        raise UnreadableTarget(
            f"{shown} is {what}, which Ostiary does not know: it reads {', '.join(KNOWN)}."
        )
    renamed = Semantics.of(series).group_fields_renamed
    if database.has("res_groups", "privilege_id") is not renamed:
        raise UnreadableTarget(
            f"{shown} says it is Odoo {series}, but its groups are stored as in "
            f"{'an earlier' if renamed else 'a later'} version: it is being migrated; try again when that is done."
        )
    return series
