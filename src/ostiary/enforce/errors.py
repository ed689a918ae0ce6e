"""What keeps an operation from being done. Each message says in one sentence what is wrong.

A question that only running Odoo's Python would answer raises `Undecided` (of `ostiary.records`), which is no
permission either.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from types import TracebackType
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ostiary.records.errors import Fails, RecordsError, Undecided

if TYPE_CHECKING:
    from ostiary.policy import Decision, Mode

__all__ = [
    "AccessError", "ConcurrencyError", "EnforceError", "InvalidError", "MissingError", "Undecided", "UnknownModel",
    "UnknownUser", "UserError", "ValidationError",
]  # fmt: skip


class EnforceError(Exception):
    """An operation that is not done. What it had changed is undone before this is raised."""


class AccessError(EnforceError):
    """The user may not do this.

    The text explains it to that user: which access right or record rule keeps them away, and no value of any record.
    `kind` is `acl` (no access right), `rule`, `field` (field groups) or `company` (a company that isn't theirs);
    `model`, `mode` and `ids` say what was asked for. `decision` is the tree of reasons that the text is made of; None
    where there is no more to say.
    """

    def __init__(
        self,
        text: str,
        *,
        kind: str = "",
        model: str = "",
        mode: Mode | None = None,
        ids: tuple[int, ...] = (),
        decision: Decision | None = None,
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.model = model
        self.mode = mode
        self.ids = ids
        self.decision = decision


class MissingError(EnforceError):
    """The record does not exist, or not any more."""


class UserError(EnforceError):
    """The operation makes no sense as it is: companies that don't go together, a record others rest on."""


class ValidationError(EnforceError):
    """A value that may not be stored: a required one that is missing, one that has to be unique."""


class ConcurrencyError(EnforceError):
    """Another transaction was faster. The whole transaction is to be done again from its start."""


class InvalidError(EnforceError, ValueError):
    """A domain, field, value or order that Odoo itself refuses."""


class UnknownModel(InvalidError, KeyError):
    """There is no such model."""

    def __init__(self, name: object, known: Iterable[str]) -> None:
        near = get_close_matches(str(name), list(known), n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else " in the policy"
        super().__init__(f"there is no model {name!s:.100}{hint}")

    __str__ = Exception.__str__


class UnknownUser(InvalidError, LookupError):
    """Nobody has this login."""


_KINDS: dict[str, type[EnforceError]] = {
    "MissingError": MissingError,
    "UserError": UserError,
    "ValidationError": ValidationError,
}

# Of PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
_CONCURRENT = frozenset({"40001", "40P01", "55P03"})
_AGAIN = "another transaction changed the same rows first; roll back and do it again from the start"


class translated:  # noqa: N801 - used as a function
    """Raises what goes wrong below (in records, in the driver) as one of these errors, and keeps nothing of what went
    wrong in their chain: the driver's errors hold statements and values. Refusals are explained by `refusals` and pass
    as they are; so does Undecided."""

    __slots__ = ("also",)

    def __init__(self, *also: type[Exception]) -> None:
        """`also` are errors of Python that can only come from a value that the driver takes for another type."""
        self.also = also

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        found = _translation(error, self.also) if isinstance(error, Exception) else None
        if found is None:
            return
        try:
            raise found from None
        finally:
            found.__context__ = None


def _translation(error: Exception, also: tuple[type[Exception], ...]) -> EnforceError | None:
    """What is raised in an error's place; None where it passes as it is."""
    if isinstance(error, Fails):
        text = str(error)
        if error.error == "KeyError" and " " not in text:
            text = f"there is no field {text}"
        return _KINDS.get(error.error, InvalidError)(text)
    if isinstance(error, RecordsError | EnforceError):
        return None
    if isinstance(error, sa.exc.DBAPIError):
        return _of_driver(error.orig or error)
    if isinstance(error, (sa.exc.StatementError, OverflowError, UnicodeError, *also)):
        return InvalidError("the database can't be asked for a value: it is too large, or of another type")
    if type(error).__module__.partition(".")[0] in ("sqlite3", "psycopg"):
        return _of_driver(error)
    return None


def _of_driver(error: BaseException) -> EnforceError:
    """An error of sqlite3 or psycopg, without the statement and its values."""
    state = str(getattr(error, "sqlstate", None) or "")
    text = str(error)
    if state in _CONCURRENT or "database is locked" in text or "database table is locked" in text:
        return ConcurrencyError(_AGAIN)
    if type(error).__name__ == "IntegrityError" or state.startswith("23"):
        return ValidationError(f"the database refuses the row: {_constraint(error)}")
    if state.startswith("22") or type(error).__name__ in ("DataError", "OverflowError"):
        return ValidationError("the database can't hold a value: it is too large or of another type")
    return EnforceError(f"the database could not be asked: {type(error).__name__}")


def _constraint(error: BaseException) -> str:
    """What an integrity error is about, without values."""
    named = getattr(getattr(error, "diag", None), "constraint_name", None)
    if named:
        return f"constraint {named} does not hold"
    first, _, rest = str(error).partition(":")
    return f"{first.strip().lower()}{' on' + rest if rest else ''}"
