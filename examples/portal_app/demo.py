"""Rows to look at: two companies, three customers, and somebody of the team."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from portal_app.tables import (
    Account,
    Base,
    Company,
    Customer,
    Invoice,
    InvoiceLine,
    Message,
    Order,
    OrderLine,
    Ticket,
)  # fmt: skip

PASSWORD = "demo"
PRODUCTS = [
    ("Oak table", 640.0), ("Wool armchair", 480.0), ("Shelf, walnut", 220.0), ("Desk lamp, brass", 95.0),
    ("Pendant, smoked glass", 180.0), ("Floor lamp", 260.0), ("Linen curtain", 75.0), ("Delivery", 49.0),
]  # fmt: skip
STATES = ["delivered", "confirmed", "sent", "draft"]


def fill(engine: sa.Engine) -> None:
    """Make the tables and put the demo's rows in, once."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        if session.scalar(sa.select(sa.func.count()).select_from(Account)):
            return
        hashed = PasswordHasher().hash(PASSWORD)
        companies = [Company(id=1, name="Nordhaus Furniture"), Company(id=2, name="Harbour Lights")]
        customers = [
            Customer(id=1, name="Azure Interiors", city="Antwerp"),
            Customer(id=2, name="Beacon Hotels", city="Bristol"),
            Customer(id=3, name="Cedar & Sons", city="Cork"),
        ]
        session.add_all([*companies, *customers])
        people = [
            ("ann@azure.example", "Ann Aerts", customers[0], companies),
            ("ben@beacon.example", "Ben Burton", customers[1], companies),
            ("cleo@cedar.example", "Cleo Casey", customers[2], companies[:1]),
            ("sam@team.example", "Sam of the team", None, companies[:1]),
        ]
        accounts = [
            Account(
                id=number, login=login, name=name, password=hashed, customer=customer, staff=customer is None,
                companies=list(theirs),
            )
            for number, (login, name, customer, theirs) in enumerate(people, 1)
        ]  # fmt: skip
        session.add_all(accounts)
        session.flush()
        for number in range(1, 25):
            _sale(session, number, customers[number % 3], companies[number // 3 % 2])
        _tickets(session, customers, companies, accounts)
        session.commit()


def _sale(session: Session, number: int, customer: Customer, company: Company) -> None:
    day = date(2026, 3, 1) + timedelta(days=9 * number)
    state = STATES[number % 4] if number > 12 else "delivered"
    lines = [(*PRODUCTS[(number * 3 + at) % len(PRODUCTS)], 1 + (number + at) % 4) for at in range(1 + number % 3)]
    total = sum(price * quantity for _, price, quantity in lines)
    order = Order(
        name=f"S{2600 + number}", day=day, state=state, total=total, margin=round(total * 0.31, 2), customer=customer,
        company=company, lines=[OrderLine(product=p, price=price, quantity=q) for p, price, q in lines],
    )  # fmt: skip
    session.add(order)
    if state != "delivered":
        return
    session.add(
        Invoice(
            name=f"INV/2026/{number:04}", day=day + timedelta(days=5), due=day + timedelta(days=35), total=total,
            state="paid" if number % 3 else "open" if number % 2 else "draft", customer=customer, company=company,
            order=order, lines=[InvoiceLine(product=p, price=price, quantity=q) for p, price, q in lines],
        )
    )  # fmt: skip


def _tickets(session: Session, customers: list[Customer], companies: list[Company], accounts: list[Account]) -> None:
    sam = accounts[3]
    told = [
        (0, "The oak table wobbles", ["One leg is a little shorter than the others.", "We send you a set of feet."]),
        (1, "Invoice to another address", ["Please put our new address on it."]),
        (2, "When do the shelves arrive?", ["We expected them on Monday.", "They left the house yesterday."]),
        (0, "More lamps like these", ["Do you still make the brass ones?"]),
    ]
    for number, (whose, title, bodies) in enumerate(told):
        opened = datetime(2026, 9, 1, 9, 30) + timedelta(days=6 * number, minutes=47 * number)
        ticket = Ticket(title=title, opened=opened, customer=customers[whose], company=companies[0])
        for at, body in enumerate(bodies):
            author = accounts[whose] if at % 2 == 0 else sam
            ticket.messages.append(Message(body=body, author=author, written=opened + timedelta(hours=5 * at)))
        ticket.messages.append(
            Message(body="Supplier asked, no answer yet.", author=sam, internal=True, written=opened + timedelta(hours=9))
        )
        session.add(ticket)
