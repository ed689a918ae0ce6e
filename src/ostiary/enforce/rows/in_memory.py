"""SQLite in memory: one connection for everybody, so that one Environment at a time is at work on it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from ostiary.enforce.errors import UserError

if TYPE_CHECKING:
    from ostiary.enforce.rows.transaction import Transaction

Key = tuple[int, int]

_WORKING: WeakValueDictionary[Key, Transaction] = WeakValueDictionary()


def key_of(bind: sa.Engine | sa.Connection) -> Key | None:
    """What stands for a connection that the engine gives to several; None where each gets one of its own."""
    pool = getattr(bind, "pool", None)
    if isinstance(pool, SingletonThreadPool):
        return (id(pool), threading.get_ident())
    return (id(pool), 0) if isinstance(pool, StaticPool) else None


def at_work(key: Key | None, asking: Transaction) -> Transaction | None:
    """Who else is in a transaction on that connection: its beginning, its end and giving the connection back would be
    theirs too."""
    other = _WORKING.get(key) if key is not None else None
    return other if other is not None and other is not asking and other.at_work else None


def enter(key: Key | None, transaction: Transaction) -> None:
    """The transaction goes to work. Raises UserError where another one is at it."""
    if key is None:
        return
    if at_work(key, transaction) is not None:
        raise UserError(
            "another Environment is at work on this connection (a database in memory has only one); "
            "end it first, or use with_user"
        )
    _WORKING[key] = transaction
