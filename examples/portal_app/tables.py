"""The tables. Nothing here says who may see what: that is in `security/`."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


works_with = sa.Table(
    "account_company",
    Base.metadata,
    sa.Column("account_id", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("company.id"), primary_key=True),
)


class Company(Base):
    """One of the companies that sell through this portal."""

    __tablename__ = "company"
    __odoo_model__ = "res.company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Customer(Base):
    """A firm (or a person) that buys."""

    __tablename__ = "customer"
    __odoo_model__ = "portal.customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    city: Mapped[str | None]


class Account(Base):
    """Somebody who can log in: for a customer, or of the team where there is no customer."""

    __tablename__ = "account"
    __odoo_model__ = "res.users"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # "." is no group at all: nobody reads it through a guarded session.
    password: Mapped[str] = mapped_column(deferred=True, info={"groups": "."})
    staff: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id"))
    customer: Mapped[Customer | None] = relationship()
    companies: Mapped[list[Company]] = relationship(secondary=works_with, order_by=Company.id)


class Order(Base):
    __tablename__ = "sale_order"
    __odoo_model__ = "portal.order"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    day: Mapped[date]
    state: Mapped[str] = mapped_column(default="draft")
    total: Mapped[float]
    margin: Mapped[float | None] = mapped_column(deferred=True, info={"groups": "portal_app.staff"})
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
    customer: Mapped[Customer | None] = relationship()
    company: Mapped[Company | None] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order")


class OrderLine(Base):
    __tablename__ = "sale_order_line"
    __odoo_model__ = "portal.order.line"
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str]
    quantity: Mapped[float]
    price: Mapped[float]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sale_order.id"), index=True)
    order: Mapped[Order | None] = relationship(back_populates="lines")


class Invoice(Base):
    __tablename__ = "invoice"
    __odoo_model__ = "portal.invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    day: Mapped[date]
    due: Mapped[date]
    state: Mapped[str] = mapped_column(default="draft")
    total: Mapped[float]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sale_order.id"))
    customer: Mapped[Customer | None] = relationship()
    company: Mapped[Company | None] = relationship()
    order: Mapped[Order | None] = relationship()
    lines: Mapped[list[InvoiceLine]] = relationship(back_populates="invoice")


class InvoiceLine(Base):
    __tablename__ = "invoice_line"
    __odoo_model__ = "portal.invoice.line"
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str]
    quantity: Mapped[float]
    price: Mapped[float]
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    invoice: Mapped[Invoice | None] = relationship(back_populates="lines")


class Ticket(Base):
    __tablename__ = "ticket"
    __odoo_model__ = "portal.ticket"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    opened: Mapped[datetime]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sale_order.id"))
    customer: Mapped[Customer | None] = relationship()
    company: Mapped[Company | None] = relationship()
    order: Mapped[Order | None] = relationship()
    messages: Mapped[list[Message]] = relationship(back_populates="ticket", order_by="Message.id")


class Message(Base):
    """What somebody wrote on a ticket; `internal` ones are for the team."""

    __tablename__ = "message"
    __odoo_model__ = "portal.message"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    written: Mapped[datetime]
    internal: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    author: Mapped[Account | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship(back_populates="messages")
