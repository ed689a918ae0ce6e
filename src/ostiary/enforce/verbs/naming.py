"""What records are called: for those who may read them, and for those who may read a link to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ostiary.records.errors import Undecided

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment


def names(env: Environment, model: str, ids: Sequence[int]) -> dict[int, str]:
    """How records are shown, read as superuser: what Odoo gives to whoever may read a link to them."""
    if not ids:
        return {}
    env.transaction.reader.want(model, ids)
    column = env.values.sudo().column(model, "display_name")
    found: dict[int, str] = {}
    for one in ids:
        try:
            found[one] = str(column[one] or "")
        except Undecided:
            found[one] = f"{model},{one}"  # what names it is written in Python
    return found


def called(env: Environment, model: str, ids: Sequence[int]) -> list[str]:
    """The `display_name` of records, made of what the session may read of them. Raises as reading that does."""
    column = env.values.column(model, "display_name")
    found: list[str] = []
    for one in ids:
        try:
            found.append(str(column[one] or ""))
        except Undecided:
            found.append(f"{model},{one}")  # as in `names`
    return found
