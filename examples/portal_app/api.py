"""The same as JSON, under /api. What changes something carries the token of `/api/my` in `X-CSRF-Token`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from portal_app import found
from portal_app.auth import Rows, Who, checked, token
from portal_app.tables import Invoice, Message, Order, Ticket

router = APIRouter(prefix="/api")


class NewTicket(BaseModel):
    title: str = Field(max_length=120)
    body: str = Field(max_length=5_000)
    order_id: int | None = None
    company_id: int | None = None


class NewMessage(BaseModel):
    body: str = Field(max_length=5_000)


@router.get("/my")
def my(request: Request, who: Who, rows: Rows) -> dict[str, Any]:
    return {"name": who.name, "login": who.login, "token": token(request), **found.counts(rows)}


@router.get("/orders")
def orders(rows: Rows) -> list[dict[str, Any]]:
    return [_order(one) for one in found.orders(rows)]


@router.get("/orders/{number:int}")
def order(number: int, rows: Rows) -> dict[str, Any]:
    one = found.one(rows, Order, number)
    return {**_order(one), "lines": _lines(one)}


@router.get("/invoices")
def invoices(rows: Rows) -> list[dict[str, Any]]:
    return [_invoice(one) for one in found.invoices(rows)]


@router.get("/invoices/{number:int}")
def invoice(number: int, rows: Rows) -> dict[str, Any]:
    one = found.one(rows, Invoice, number)
    return {**_invoice(one), "lines": _lines(one)}


@router.get("/tickets")
def tickets(rows: Rows) -> list[dict[str, Any]]:
    return [_ticket(one) for one in found.tickets(rows)]


@router.get("/tickets/{number:int}")
def ticket(number: int, rows: Rows) -> dict[str, Any]:
    one = found.one(rows, Ticket, number)
    return {**_ticket(one), "messages": [_message(each) for each in one.messages]}


@router.post("/tickets", status_code=201)
def open_ticket(
    request: Request, new: NewTicket, who: Who, rows: Rows, x_csrf_token: Annotated[str, Header()] = ""
) -> dict[str, Any]:
    checked(request, x_csrf_token)
    return _ticket(found.open_ticket(rows, who, new.title, new.body, new.order_id, new.company_id))


@router.post("/tickets/{number:int}/messages", status_code=201)
def reply(
    request: Request, number: int, new: NewMessage, who: Who, rows: Rows, x_csrf_token: Annotated[str, Header()] = ""
) -> dict[str, Any]:
    checked(request, x_csrf_token)
    return _message(found.reply(rows, who, number, new.body))


def _order(one: Order) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "day": one.day, "state": one.state, "total": one.total,
            "company": one.company and one.company.name}  # fmt: skip


def _invoice(one: Invoice) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "day": one.day, "due": one.due, "state": one.state, "total": one.total,
            "company": one.company and one.company.name, "order_id": one.order_id}  # fmt: skip


def _lines(one: Order | Invoice) -> list[dict[str, Any]]:
    return [{"product": each.product, "quantity": each.quantity, "price": each.price} for each in one.lines]


def _ticket(one: Ticket) -> dict[str, Any]:
    return {"id": one.id, "title": one.title, "state": one.state, "opened": one.opened, "order_id": one.order_id}


def _message(one: Message) -> dict[str, Any]:
    # Whose account a customer may not see is somebody of the team.
    return {"id": one.id, "body": one.body, "written": one.written, "author": one.author.name if one.author else None}
