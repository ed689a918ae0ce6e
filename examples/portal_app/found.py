"""What is asked of the rows, for pages and API alike. No query says whose rows: the session does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from fastapi import HTTPException
from sqlalchemy.orm import Session, selectinload

from portal_app.access import Member
from portal_app.tables import Invoice, Message, Order, Ticket

Row = TypeVar("Row", Order, Invoice, Ticket)
_LARGEST = 2**31 - 1
_LISTED = 100


def orders(session: Session, limit: int = _LISTED) -> Sequence[Order]:
    return session.scalars(sa.select(Order).order_by(Order.day.desc(), Order.id.desc()).limit(limit)).all()


def invoices(session: Session, limit: int = _LISTED) -> Sequence[Invoice]:
    return session.scalars(sa.select(Invoice).order_by(Invoice.day.desc(), Invoice.id.desc()).limit(limit)).all()


def tickets(session: Session, limit: int = _LISTED) -> Sequence[Ticket]:
    wanted = sa.select(Ticket).options(selectinload(Ticket.messages)).order_by(Ticket.opened.desc()).limit(limit)
    return session.scalars(wanted).all()


def counts(session: Session) -> dict[str, Any]:
    """The numbers on the first page."""
    due = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Invoice.total), 0.0)).where(Invoice.state == "open")
    number, amount = session.execute(due).one()
    return {
        "orders": session.scalar(sa.select(sa.func.count()).select_from(Order)),
        "invoices": session.scalar(sa.select(sa.func.count()).select_from(Invoice)),
        "open_invoices": number,
        "due": float(amount),
        "tickets": session.scalar(sa.select(sa.func.count()).select_from(Ticket).where(Ticket.state == "open")),
    }


def one(session: Session, kind: type[Row], number: int) -> Row:
    """A row by its id. Raises 404 where there is none, and just the same where it is somebody else's."""
    found = session.get(kind, number) if 0 < number <= _LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def open_ticket(session: Session, who: Member, title: str, body: str, order: int | None, company: int | None) -> Ticket:
    """A new ticket with its first message. Raises 404 for an order that isn't there for them, 422 for empty texts."""
    title, body = _text(title, 120), _text(body, 5_000)
    about = one(session, Order, order) if order is not None else None
    customer = about.customer_id if about else who.customer_id
    if customer is None:
        raise HTTPException(422, "Choose an order: a ticket of the team is about one.")
    now = _now()
    ticket = Ticket(
        title=title,
        opened=now,
        customer_id=customer,
        company_id=about.company_id if about else company or who.companies[0],
        order_id=about.id if about else None,
        messages=[Message(body=body, author_id=who.id, written=now)],
    )
    session.add(ticket)
    session.commit()
    return ticket


def reply(session: Session, who: Member, number: int, body: str) -> Message:
    """A message on a ticket. Raises 404 for a ticket that isn't there for them."""
    ticket = one(session, Ticket, number)
    message = Message(body=_text(body, 5_000), author_id=who.id, ticket_id=ticket.id, written=_now())
    session.add(message)
    session.commit()
    return message


def _text(given: str, longest: int) -> str:
    text = given.strip()
    if not text or len(text) > longest:
        raise HTTPException(422, f"Write something, in at most {longest} characters.")
    return text


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
