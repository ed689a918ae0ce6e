"""The policy, and the session that a logged in account works in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from ostiary.enforce import new_user
from ostiary.enforce.orm import policy_for, secure
from portal_app.tables import Account, Base

POLICY = policy_for(Base, Path(__file__).parent / "security", odoo="18.0")


@dataclass(frozen=True)
class Member:
    """Who is logged in, as far as the session and the pages need it."""

    id: int
    login: str
    name: str
    staff: bool
    customer_id: int | None
    companies: tuple[int, ...]


def member(engine: sa.Engine, account: int) -> Member | None:
    """Who an account is. Asked without a guard: before this is known, there is nobody to guard for."""
    with Session(engine) as session:
        found = session.get(Account, account, options=[selectinload(Account.companies)])
        if found is None:
            return None
        companies = tuple(one.id for one in found.companies)
        return Member(found.id, found.login, found.name, found.staff, found.customer_id, companies)


@contextmanager
def session_of(engine: sa.Engine, who: Member) -> Iterator[Session]:
    """A session that shows the member what is theirs, and lets them change nothing else."""
    group = "portal_app.staff" if who.staff else "portal_app.customer"
    user = new_user(who.login, [group], id=who.id)
    with Session(engine) as session:
        yield secure(session, POLICY, user, companies=who.companies)
