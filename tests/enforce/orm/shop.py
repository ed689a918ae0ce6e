"""A small application of its own: people, orders with lines and tags, and who may do what with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, column_property, mapped_column, relationship
from sqlalchemy.pool import StaticPool

from ostiary.enforce.orm import group, policy_for, right, rule, secure
from ostiary.enforce.people import new_user


class Base(DeclarativeBase):
    pass


labels = sa.Table(
    "label",
    Base.metadata,
    sa.Column("order_id", sa.ForeignKey("orders.order_no"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tag.id"), primary_key=True),
)


class Company(Base):
    __tablename__ = "company"
    __odoo_model__ = "shop.company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Person(Base):
    __tablename__ = "person"
    __odoo_model__ = "res.users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team: Mapped[str | None]


class Tag(Base):
    __tablename__ = "tag"
    __odoo_model__ = "shop.tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Order(Base):
    __tablename__ = "orders"
    __odoo_model__ = "shop.order"
    __odoo_fields__: ClassVar = {"number": "id", "lines": "line_ids", "tags": "tag_ids"}
    number: Mapped[int] = mapped_column("order_no", primary_key=True)
    name: Mapped[str]
    total: Mapped[float] = mapped_column("amount", default=0)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    secret: Mapped[str | None] = mapped_column(deferred=True, info={"groups": "shop.manager"})
    active: Mapped[bool] = mapped_column(default=True)
    owner: Mapped[Person | None] = relationship()
    lines: Mapped[list[Line]] = relationship(back_populates="order", cascade="all, delete-orphan")
    tags: Mapped[list[Tag]] = relationship(secondary=labels)


class Line(Base):
    __tablename__ = "line"
    __odoo_model__ = "shop.line"
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.order_no"))
    kind: Mapped[str] = mapped_column(default="line")
    order: Mapped[Order | None] = relationship(back_populates="lines")
    __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "line"}


class Gift(Line):
    __tablename__ = "gift"
    id: Mapped[int] = mapped_column(sa.ForeignKey("line.id"), primary_key=True)
    message: Mapped[str | None]
    __mapper_args__: ClassVar = {"polymorphic_identity": "gift"}


Person.sold = column_property(
    sa.select(sa.func.count(Order.number))
    .where(Order.owner_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
)


class Journal(Base):
    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


USER, MANAGER, READER = "shop.user", "shop.manager", "shop.reader"

SECURITY = [
    group(READER),
    group(USER, implies=[READER]),
    group(MANAGER, implies=[USER]),
    right("shop.order", READER, "read"),
    right("shop.line", READER, "read"),
    right("shop.tag", READER, "read"),
    right("res.users", READER, "read"),
    right("shop.company", MANAGER),
    right("shop.order", USER),
    right("shop.line", USER),
    right("shop.tag", MANAGER),
    rule("shop.order", "[('owner_id', '=', user.id)]", groups=[READER], name="own"),
    rule("shop.order", "[(1, '=', 1)]", groups=[MANAGER], name="all"),
    rule(
        "shop.order", "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]", name="company"
    ),
    rule("shop.line", "[('order_id.owner_id', '=', user.id)]", groups=[READER], name="own lines"),
    rule("shop.line", "[(1, '=', 1)]", groups=[MANAGER], name="all lines"),
    rule("shop.tag", "[('owner_id', 'in', [False, user.id])]", groups=[READER], name="own tags"),
    rule("shop.tag", "[(1, '=', 1)]", groups=[MANAGER], name="all tags"),
    rule("res.users", "[('team', '=', user.team)]", groups=[READER], name="own team"),
]

ANN = new_user("ann", [USER], id=1)
BOB = new_user("bob", [USER], id=2)
EVE = new_user("eve", [READER], id=4)
MAX = new_user("max", [MANAGER], id=3)


def policy():  # type: ignore[no-untyped-def]
    return policy_for(Base, SECURITY)


def fill(engine: sa.Engine) -> None:
    """Orders 1 and 2 are Ann's, 3 and 4 Bob's; 2 and 4 are in company 2. Each has a line, odd ones a gift."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Company(id=1, name="one"), Company(id=2, name="two")])
        session.add_all(
            [
                Person(id=1, name="Ann", team="a"),
                Person(id=2, name="Bob", team="b"),
                Person(id=3, name="Max", team="a"),
                Person(id=4, name="Eve", team="a"),
            ]
        )
        session.add_all([Tag(id=1, name="free"), Tag(id=2, name="bobs", owner_id=2)])
        session.flush()
        for number in (1, 2, 3, 4):
            order = Order(
                number=number,
                name=f"SO{number}",
                total=number * 10,
                owner_id=1 if number < 3 else 2,
                company_id=2 - number % 2,
                secret=f"secret {number}",
            )
            kind = Gift if number % 2 else Line
            order.lines = [kind(id=number, product=f"P{number}")]
            order.tags = [session.get_one(Tag, 1 if number < 3 else 2)]
            session.add(order)
        session.add(Journal(id=1, text="nobody's"))
        session.commit()


def memory() -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    fill(engine)
    return engine


@contextmanager
def session_for(engine, user, *, companies=(1, 2), **more) -> Iterator[Session]:  # type: ignore[no-untyped-def]
    with Session(engine) as session:
        yield secure(session, POLICY, user, companies=companies, **more)


POLICY = policy()
