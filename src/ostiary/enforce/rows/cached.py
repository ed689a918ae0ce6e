"""Odoo's record cache, as far as it gives values to those who could not read them.

Source: `Field.__get__`, `models._fetch_field`, `models._create`, `Field.write`. What one user of a transaction has
read or written is given to the next as an attribute: record rules aren't asked again, nor, before 19, field groups.
Only values of plain columns are kept here; what may be another value for another user or company is read as whoever
asks.

A strict environment keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ostiary.enforce.verbs import checks
from ostiary.policy import Mode
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment


def is_given(env: Environment, model: str, name: str, one: int) -> bool:
    """Whether a value is given though nobody has asked whether this session may read it. Raises AccessError where
    field groups keep it from the session all the same (from 19 on)."""
    if env.strict or (model, name, one) not in env.transaction.seen:
        return False
    if env.policy.semantics.field_groups_on_create:
        checks.check_field(env, model, name, Mode.READ)
    return True


def keep(env: Environment, model: str, names: Iterable[str], ids: Iterable[int]) -> None:
    """These values were read, or written."""
    if env.strict:
        return
    kept = [name for name in names if _is_plain(env, model, name)]
    env.transaction.seen.update((model, name, one) for one in ids for name in kept)


def keep_row(env: Environment, model: str, one: int) -> None:
    """A value of a record was read, and with it all others that the session may use."""
    if env.strict:
        return
    seen = env.transaction.seen
    names = [name for name in env.policy.models[model].fields if (model, name, one) not in seen]
    keep(env, model, [name for name in names if checks.may_use(env, model, name)], [one])


def _is_plain(env: Environment, model: str, name: str) -> bool:
    try:
        kind = env.schema.field(model, name)
    except RecordsError:
        return False
    return isinstance(kind, Column) and kind.storage in (Storage.PLAIN, Storage.TRANSLATED)
