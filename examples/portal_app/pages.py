"""The pages under /my."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from portal_app import found
from portal_app.auth import Rows, Who, checked, token
from portal_app.shown import page
from portal_app.tables import Company, Invoice, Order, Ticket

router = APIRouter(include_in_schema=False)


def _page(request: Request, name: str, who: Who, **values: Any) -> Response:
    return page(request, name, who=who, token=token(request), **values)


@router.get("/")
def start() -> Response:
    return RedirectResponse("/my", status_code=303)


@router.get("/my")
def my(request: Request, who: Who, rows: Rows) -> Response:
    return _page(
        request, "my.html", who, here="my", counts=found.counts(rows), orders=found.orders(rows, 4),
        tickets=found.tickets(rows, 3),
    )  # fmt: skip


@router.get("/my/orders")
def orders(request: Request, who: Who, rows: Rows) -> Response:
    return _page(request, "orders.html", who, here="orders", orders=found.orders(rows))


@router.get("/my/orders/{number:int}")
def order(request: Request, number: int, who: Who, rows: Rows) -> Response:
    return _page(request, "order.html", who, here="orders", order=found.one(rows, Order, number))


@router.get("/my/invoices")
def invoices(request: Request, who: Who, rows: Rows) -> Response:
    return _page(request, "invoices.html", who, here="invoices", invoices=found.invoices(rows))


@router.get("/my/invoices/{number:int}")
def invoice(request: Request, number: int, who: Who, rows: Rows) -> Response:
    return _page(request, "invoice.html", who, here="invoices", invoice=found.one(rows, Invoice, number))


@router.get("/my/tickets")
def tickets(request: Request, who: Who, rows: Rows) -> Response:
    companies = rows.scalars(sa.select(Company).order_by(Company.id)).all()
    return _page(
        request, "tickets.html", who, here="tickets", tickets=found.tickets(rows), orders=found.orders(rows),
        companies=companies,
    )  # fmt: skip


@router.post("/my/tickets")
def open_ticket(
    request: Request,
    who: Who,
    rows: Rows,
    title: Annotated[str, Form()] = "",
    body: Annotated[str, Form()] = "",
    about: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    checked(request, csrf)
    kind, _, number = about.partition("-")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    order, company = (chosen, None) if kind == "order" else (None, chosen)
    ticket = found.open_ticket(rows, who, title, body, order, company)
    return RedirectResponse(f"/my/tickets/{ticket.id}", status_code=303)


@router.get("/my/tickets/{number:int}")
def ticket(request: Request, number: int, who: Who, rows: Rows) -> Response:
    return _page(request, "ticket.html", who, here="tickets", ticket=found.one(rows, Ticket, number))


@router.post("/my/tickets/{number:int}")
def reply(
    request: Request,
    number: int,
    who: Who,
    rows: Rows,
    body: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    checked(request, csrf)
    found.reply(rows, who, number, body)
    return RedirectResponse(f"/my/tickets/{number}#last", status_code=303)
