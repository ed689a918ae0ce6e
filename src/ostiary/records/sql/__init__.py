"""A domain as SQL, exactly as Odoo's search has it, by version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.access_protocol import Access
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.store import Store

__all__ = ["search", "where"]


def where(
    store: Store, access: Access, session: Session, model: str, domain: Domain
) -> sa.ColumnElement[bool]:
    """A ground domain as a condition on `store.schema.model(model).table`.

    No archived record is left out for the model itself and none of its rules is asked; what the domain leads to is
    searched with the session's rights. Trees (`child_of`) are read from the tables at once.

    Raises Fails where Odoo refuses the domain or PostgreSQL a value in it, Refused where it asks for what the session
    may not read, Undecided where only running Odoo would tell.
    """
    from ostiary.records.sql import tree
    from ostiary.records.sql.scope import Scope

    found = store.schema.model(model)
    return tree.condition(Scope(store, access, session, found, found.table), domain)


def search(
    store: Store, access: Access, session: Session, model: str, domain: Domain, *, mode: Mode = Mode.READ
) -> sa.Select[Any]:
    """A SELECT of the ids that `_search` finds: with the access right, without archived records unless the domain or
    the session asks for them, and within the record rules of the mode. For a superuser the domain is all there is.

    Raises what `where` raises, and Refused (`acl`) where no access right gives the mode.
    """
    from ostiary.records.sql.scope import Scope
    from ostiary.records.sql.searching import search_on

    found = store.schema.model(model)
    return search_on(Scope(store, access, session, found, found.table), domain, mode=mode).select()
