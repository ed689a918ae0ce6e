"""A portal's orders for the benchmark of enforcing: the policy, a million rows, and its list of 80 written by hand."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from made_up import HERE, ORDER, field, model
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ostiary.enforce import install, new_company, new_user
from ostiary.policy import AccessRight, Group, GroupLink, Mode, Module, Policy, RecordRule

LOGIN = "customer@example.com"
PORTAL = "base.group_portal"
COMPANIES = 10
TREES = 1_000  # commercial partners of 50,000, of a million orders
FIELDS = ["name", "date_order", "amount", "state"]
ASKED = [("state", "=", "sale")]
LIMIT = 80
# The first two widen each other, as those of one group do; the last narrows both.
RULES = {
    "theirs": "[('partner_id', 'child_of', [user.partner_id.commercial_partner_id.id])]",
    "followed": "['|', ('user_id', '=', user.id), ('follower_ids', 'in', [user.partner_id.id])]",
    "company": "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]",
}


def policy() -> Policy:
    """Orders of which portal users read their own company's, those they follow and those they sell."""
    models = [
        model("res.company", field("name", "char"), field("partner_id", "many2one", "res.partner")),
        model("res.groups", field("name", "char")),
        model(
            "res.users",
            field("login", "char"),
            field("active", "boolean"),
            field("partner_id", "many2one", "res.partner"),
            field("company_id", "many2one", "res.company"),
            field("company_ids", "many2many", "res.company"),
            field("groups_id", "many2many", "res.groups"),
        ),
        model(
            "res.partner",
            field("name", "char"),
            field("parent_id", "many2one", "res.partner"),
            field("parent_path", "char"),
            field("commercial_partner_id", "many2one", "res.partner"),
            parent_store=True,
        ),
        model(
            ORDER,
            field("name", "char"),
            field("date_order", "datetime"),
            field("amount", "float"),
            field("state", "selection"),
            field("partner_id", "many2one", "res.partner"),
            field("user_id", "many2one", "res.users"),
            field("company_id", "many2one", "res.company"),
            field(
                "follower_ids",
                "many2many",
                "res.partner",
                relation_table="bench_follower",
                relation_columns=("order_id", "partner_id"),
            ),
        ),
    ]
    portal = (GroupLink(PORTAL, HERE),)
    return Policy(
        odoo="18.0",
        modules={"bench": Module(origin=HERE, name="bench")},
        models={one.name: one for one in models},
        groups={PORTAL: Group(origin=HERE, xmlid=PORTAL, name="portal", share=True)},
        rights=[
            AccessRight(origin=HERE, xmlid=f"bench.{name}", model=name, group=PORTAL, modes=(Mode.READ,))
            for name in (ORDER, "res.partner")
        ],
        rules=[
            RecordRule(
                origin=HERE,
                xmlid=f"bench.{name}",
                model=ORDER,
                domain_force=domain,
                groups=() if name == "company" else portal,
            )
            for name, domain in RULES.items()
        ],
    )


NUMBERS = (
    "(WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < {}) SELECT x FROM g) AS n"
)
DATE = {
    "sqlite": "datetime('2020-01-01', '+' || (x * 7919 % 100000000) || ' seconds') || '.000000'",
    "postgresql": "timestamp '2020-01-01' + (CAST(x AS bigint) * 7919 % 100000000) * interval '1 second'",
}
FILL = """
INSERT INTO res_partner (id, name, parent_id, parent_path, commercial_partner_id)
    SELECT x + 1000, 'Partner ' || x, CASE WHEN x > {trees} THEN 1001 + (x - 1) % {trees} END,
           CASE WHEN x > {trees} THEN (1001 + (x - 1) % {trees}) || '/' ELSE '' END || (x + 1000) || '/',
           1001 + (x - 1) % {trees}
    FROM {partner_numbers};
UPDATE res_partner SET parent_id = 1001, commercial_partner_id = 1001, parent_path = '1001/' || id || '/'
    WHERE id = (SELECT partner_id FROM res_users WHERE login = '{login}');
INSERT INTO bench_order (id, name, date_order, amount, state, partner_id, user_id, company_id)
    SELECT x, 'S' || x, {date}, x % 5000, CASE WHEN x / 1009 % 4 > 0 THEN 'sale' ELSE 'draft' END,
           1001 + x * 7 % {partners}, x * 13 % 1000 + 100, CASE WHEN x / 997 % 20 > 0 THEN x / 983 % {companies} + 1 END
    FROM {order_numbers};
INSERT INTO bench_follower (order_id, partner_id)
    SELECT x, CASE WHEN x % 20000 = 0 THEN (SELECT partner_id FROM res_users WHERE login = '{login}')
                   ELSE 1001 + x * 11 % {partners} END
    FROM {order_numbers};
CREATE INDEX bench_order_newest ON bench_order (date_order DESC, id DESC)
"""


def fill(engine: sa.Engine, rows: int) -> Policy:
    """Make the tables and rows; the policy that knows the ids of its people."""
    companies = [new_company(f"bench.c{one}") for one in range(1, COMPANIES + 1)]
    customer = new_user(LOGIN, [PORTAL], companies=["bench.c1", "bench.c2", "bench.c3"])
    filled = install(engine, policy(), users=[customer], companies=companies)
    partners = max(rows // 20, 200)
    text = FILL.format(
        trees=max(partners // 50, 2),
        partners=partners,
        companies=COMPANIES,
        login=LOGIN,
        date=DATE[engine.dialect.name],
        partner_numbers=NUMBERS.format(partners),
        order_numbers=NUMBERS.format(rows),
    )
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            for setting in ("synchronous = off", "cache_size = -500000"):
                connection.exec_driver_sql(f"PRAGMA {setting}")
        for statement in text.split(";"):
            connection.execute(sa.text(statement))
        if engine.dialect.name == "postgresql":
            # As Odoo has it where letters are not in the order of bytes.
            connection.exec_driver_sql("CREATE INDEX ON res_partner (parent_path text_pattern_ops)")
        connection.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE")
    return filled


# -- the application's own classes -------------------------------------------------------------------------------------


class Base(DeclarativeBase):
    pass


followers = sa.Table(
    "bench_follower",
    Base.metadata,
    sa.Column("order_id", sa.ForeignKey("bench_order.id"), primary_key=True),
    sa.Column("partner_id", sa.ForeignKey("res_partner.id"), primary_key=True),
)


class Company(Base):
    __tablename__ = "res_company"
    __odoo_model__ = "res.company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Partner(Base):
    __tablename__ = "res_partner"
    __odoo_model__ = "res.partner"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("res_partner.id"))
    parent_path: Mapped[str | None]
    commercial_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("res_partner.id"))


class User(Base):
    __tablename__ = "res_users"
    __odoo_model__ = "res.users"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("res_partner.id"))


class Order(Base):
    __tablename__ = "bench_order"
    __odoo_model__ = ORDER
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    date_order: Mapped[datetime.datetime]
    amount: Mapped[float]
    state: Mapped[str]
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("res_partner.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("res_users.id"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("res_company.id"))
    follower_ids: Mapped[list[Partner]] = sa.orm.relationship(secondary=followers, viewonly=True)


# -- by hand -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """What a request that is written by hand knows of who is asking."""

    user: int
    partner: int
    path: str
    companies: tuple[int, ...]


MEMBER = sa.text("SELECT res_company_id FROM res_company_res_users_rel WHERE res_users_id = :id")


def person(connection: sa.Connection) -> Person:
    """Read the row of who is asking, as each request does."""
    own, root = sa.orm.aliased(Partner), sa.orm.aliased(Partner)
    found = connection.execute(
        sa.select(User.id, User.partner_id, root.parent_path)
        .join(own, own.id == User.partner_id)
        .join(root, root.id == own.commercial_partner_id)
        .where(User.login == LOGIN)
    ).one()
    companies = connection.execute(MEMBER, {"id": found[0]}).scalars()
    return Person(found[0], found[1], found[2] or "", tuple(sorted(companies)))


def condition(who: Person, dialect: str) -> sa.ColumnElement[bool]:
    """The rules, as somebody writes them who has looked at the database's plan."""
    path = Partner.parent_path
    # LIKE knows no case in SQLite, and so no index.
    within = (
        path.like(f"{who.path}%") if dialect == "postgresql" else path.between(who.path, f"{who.path[:-1]}0")
    )
    below = sa.select(Partner.id).where(within)
    followed = sa.select(followers.c.order_id).where(followers.c.partner_id == who.partner)
    if dialect == "postgresql":  # IN under an OR reads the whole table there
        ours = Order.partner_id == sa.func.any(sa.func.array(below.scalar_subquery()))
        theirs = Order.id == sa.func.any(sa.func.array(followed.scalar_subquery()))
    else:
        ours, theirs = Order.partner_id.in_(below), Order.id.in_(followed)
    company = sa.or_(Order.company_id.is_(None), Order.company_id.in_(who.companies))
    return sa.and_(sa.or_(ours, Order.user_id == who.user, theirs), company)


def newest(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The list that is asked for."""
    return (
        statement.where(Order.state == "sale").order_by(Order.date_order.desc(), Order.id.desc()).limit(LIMIT)
    )
