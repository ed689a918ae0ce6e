"""Enforcing a Policy on records: Odoo's access system, for any Python application.

`install` makes the tables; an `Environment` is somebody at work on them, and gives recordsets (`Records`) with
Odoo's own verbs: each search, read, write, create and unlink is held to access rights, record rules, field groups
and companies.
`secure` does the same for the SQLAlchemy session of an application that has classes of its own.

Reading order: `environment` and `recordset` are the way in; `verbs/` is what is done to records, on `values/` (what is
given, lines and links, what follows) and `lists/` (order, groups); `rows/` is the connection and what was read over it;
`people` and `who` are users as rows and as subjects; `refusals` words an AccessError, `bypasses` keeps what was done
past all of it. `orm/` guards sessions of SQLAlchemy, `rls/` writes the same rules for PostgreSQL itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostiary.enforce.bypasses import Bypass
from ostiary.enforce.environment import Environment
from ostiary.enforce.errors import (
    AccessError,
    ConcurrencyError,
    EnforceError,
    InvalidError,
    MissingError,
    Undecided,
    UnknownModel,
    UnknownUser,
    UserError,
    ValidationError,
)
from ostiary.enforce.people import install, new_company, new_user
from ostiary.enforce.recordset import Records
from ostiary.enforce.values.commands import Command

if TYPE_CHECKING:
    from ostiary.enforce.orm import secure

__all__ = [
    "AccessError", "Bypass", "Command", "ConcurrencyError", "EnforceError", "Environment", "InvalidError",
    "MissingError", "Records", "Undecided", "UnknownModel", "UnknownUser",
    "UserError", "ValidationError", "install", "new_company", "new_user",
    "secure",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`secure`, when it is first asked for: it loads SQLAlchemy's ORM."""
    if name == "secure":
        from ostiary.enforce.orm import secure

        return secure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
