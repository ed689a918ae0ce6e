"""Whatever way SQLAlchemy has to read rows, a user finds only their own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    contains_eager,
    joinedload,
    lazyload,
    mapped_column,
    selectinload,
    subqueryload,
    undefer,
    with_loader_criteria,
    with_polymorphic,
)  # fmt: skip
from sqlalchemy.pool import StaticPool

from enforce.orm.shop import ANN, BOB, EVE, MAX, Company, Gift, Line, Order, Person, Tag, labels, session_for
from ostiary.enforce import AccessError
from ostiary.enforce.orm import group, policy_for, right, rule, secure
from ostiary.enforce.people import new_user

orders, lines = Order.__table__, Line.__table__
Other = aliased(Order)
Flat = aliased(Order, sa.select(Order.number, Order.name).subquery())
everything = sa.select(Order.number).cte("everything")
recursive = sa.select(Order.number.label("n")).where(Order.number == 1).cte("walk", recursive=True)
recursive = recursive.union(sa.select(Order.number).join(recursive, Order.number == recursive.c.n + 1))
lateral = sa.select(Line.product).where(Line.order_id == Person.id).lateral()

# What each finds of the orders or lines 1 to 4 for Ann, whose are 1 and 2.
WAYS = {
    "entity": sa.select(Order.number),
    "table": sa.select(orders.c.order_no),
    "alias of the class": sa.select(Other.number),
    "alias of the table": sa.select(orders.alias("o").c.order_no),
    "alias of a subquery": sa.select(Flat.number),
    "subquery": sa.select(sa.select(Order.number).subquery().c.number),
    "cte": sa.select(everything.c.number),
    "recursive cte": sa.select(recursive.c.n),
    "union": sa.union(sa.select(Order.number), sa.select(orders.c.order_no)),
    "except": sa.except_(sa.select(Order.number), sa.select(Order.number).where(Order.number > 9)),
    "intersect": sa.intersect(sa.select(orders.c.order_no), sa.select(Other.number)),
    "join": sa.select(Line.id).join(Line.order),
    "join of tables": sa.select(lines.c.id).select_from(sa.join(lines, orders)),
    "cartesian": sa.select(Line.id).where(Line.order_id == Order.number),
    "outer join": sa.select(Order.number).outerjoin(Order.lines),
    "other side": sa.select(orders.c.order_no).select_from(sa.outerjoin(lines, orders)),
    "join through links": sa.select(Order.number).join(Order.tags),
    "the links themselves": sa.select(labels.c.order_id),
    "single class of lines": sa.select(Line.id),
    "in": sa.select(Line.id).where(Line.order_id.in_(sa.select(Order.number))),
    "exists": sa.select(Line.id).where(sa.exists().where(Order.number == Line.order_id)),
    "any": sa.select(Order.number).where(Order.lines.any(Line.product.like("P%"))),
    "has": sa.select(Line.id).where(Line.order.has(Order.name.like("SO%"))),
    "group by": sa.select(Order.number).group_by(Order.number).having(sa.func.count() > 0),
    "distinct": sa.select(Order.number).distinct(),
    "window": sa.select(Order.number, sa.func.row_number().over(order_by=Order.name)),
    "for update": sa.select(Order.number).with_for_update(of=Order),
    "criteria of somebody": sa.select(Order.number).options(with_loader_criteria(Order, lambda cls: cls.number > 0)),
    "lambda": sa.lambda_stmt(lambda: sa.select(Order.number)),
    "correlated column": sa.select(sa.select(Order.number).where(Order.number == Line.order_id).scalar_subquery())
    .where(Line.id > 0),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_shape_of_a_query_finds_ones_own(engine: sa.Engine, way: str) -> None:
    statement = WAYS[way]
    with session_for(engine, ANN) as session:
        assert sorted({row[0] for row in session.execute(statement)} - {None}) == [1, 2]
        assert sorted({row[0] for row in session.connection().execute(statement)} - {None}) == [1, 2]


def test_the_same_statement_shows_each_user_their_own(engine: sa.Engine) -> None:
    for user, found in [(ANN, [1, 2]), (BOB, [3, 4]), (EVE, []), (MAX, [1, 2, 3, 4]), (ANN, [1, 2])]:
        with session_for(engine, user) as session:
            assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == found
            assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == len(found)


def test_a_choice_of_companies_narrows(engine: sa.Engine) -> None:
    with session_for(engine, MAX, companies=[2]) as session:
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [2, 4]


LOADERS = {"lazy": lazyload, "selectin": selectinload, "joined": joinedload, "subquery": subqueryload}


@pytest.mark.parametrize("how", LOADERS)
def test_relationships_hold_ones_own(engine: sa.Engine, how: str) -> None:
    load = LOADERS[how]
    with session_for(engine, ANN) as session:
        found = session.scalars(sa.select(Tag).options(lazyload("*")))
        assert {tag.name for tag in found} == {"free"}
        orders_ = session.scalars(
            sa.select(Order).options(load(Order.lines), load(Order.tags), load(Order.owner))
        )
        shown = {
            one.number: ([line.id for line in one.lines], [tag.id for tag in one.tags], one.owner.name)
            for one in orders_.unique()
        }
        assert shown == {1: ([1], [1], "Ann"), 2: ([2], [1], "Ann")}
    with session_for(engine, MAX) as session:
        # Bob is of another team, so that his orders have no owner that Max may see.
        found = session.scalars(sa.select(Order).options(load(Order.owner)).order_by(Order.number)).unique()
        assert [one.owner and one.owner.name for one in found] == ["Ann", "Ann", None, None]


def test_contains_eager_holds_ones_own(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        wanted = (
            sa.select(Order)
            .outerjoin(Order.owner)
            .options(contains_eager(Order.owner))
            .order_by(Order.number)
        )
        assert [one.owner and one.owner.name for one in session.scalars(wanted)] == ["Ann", "Ann", None, None]


def test_values_of_hidden_rows_order_and_group_nothing(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        grouped = session.execute(
            sa.select(Person.name, sa.func.count())
            .select_from(Order)
            .outerjoin(Order.owner)
            .group_by(Person.name)
        ).all()
        assert sorted(grouped, key=str) == [("Ann", 2), (None, 2)]
        assert session.scalar(sa.select(sa.func.max(Person.id)).select_from(Person)) == 4  # Eve, never Bob
        assert session.scalar(sa.select(sa.literal(1)).where(sa.exists().where(Person.name == "Bob"))) is None


def test_a_property_that_asks_other_tables_counts_ones_own(engine: sa.Engine) -> None:
    for user, sold in ((ANN, {"Ann": 2, "Max": 0, "Eve": 0}), (BOB, {"Bob": 2})):
        with session_for(engine, user) as session:
            assert {one.name: one.sold for one in session.scalars(sa.select(Person))} == sold  # type: ignore[attr-defined]


def test_get_finds_ones_own_and_asks_again(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        mine = session.get(Order, 1)
        assert mine is not None
        assert session.get(Order, 1) is mine
        assert session.get(Order, 3) is None
        assert session.get(Order, 99) is None
        with pytest.raises(sa.exc.NoResultFound):
            session.get_one(Order, 3)


def test_get_does_not_hand_out_what_went_out_of_reach(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN, strict=False) as session:
        mine = session.get_one(Order, 1)
        mine.owner_id = 2
        session.flush()
        assert session.get(Order, 1) is None
        session.rollback()


def test_refresh_and_expired_attributes_are_guarded(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        mine = session.get_one(Order, 1)
        with on_sqlite.connect() as other:  # the same connection: as if somebody else had written meanwhile
            other.exec_driver_sql("UPDATE orders SET owner_id = 2 WHERE order_no = 1")
            session.expire(mine)
            with pytest.raises(sa.orm.exc.ObjectDeletedError):
                _ = mine.name
            with pytest.raises(InvalidRequestError):
                session.refresh(mine)


def test_yield_per_and_scalars_and_the_old_query(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        assert {one.number for one in session.scalars(sa.select(Order).execution_options(yield_per=1))} == {
            1,
            2,
        }
        assert {one.number for one in session.query(Order)} == {1, 2}
        assert session.query(Line).count() == 2
        assert session.query(Order).filter_by(number=3).first() is None
        with pytest.raises(AccessError, match=r"session\.get"):
            session.query(Order).get(3)
        with pytest.raises(AccessError, match=r"name one, as in query\(func\.count") as caught:
            session.query(Order).count()
        assert caught.value.kind == "field"
        assert session.query(sa.func.count(Order.number)).scalar() == 2


def test_subclasses_are_as_hidden_as_what_they_inherit_from(engine: sa.Engine) -> None:
    gifts = Gift.__table__
    with session_for(engine, ANN) as session:
        assert [one.id for one in session.scalars(sa.select(Gift))] == [1]
        assert session.scalars(sa.select(gifts.c.id)).all() == [1]
        every = with_polymorphic(Line, [Gift])
        assert {one.id for one in session.scalars(sa.select(every))} == {1, 2}
        assert session.get(Gift, 3) is None
        assert session.get_one(Gift, 1).message is None


def test_a_rule_that_reads_the_user_sees_what_is_so_now(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        names = sa.select(Person.name).order_by(Person.name)
        assert session.scalars(names).all() == ["Ann", "Eve", "Max"]
        session.rollback()
        with on_sqlite.begin() as connection:
            connection.exec_driver_sql("UPDATE person SET team = 'b' WHERE id = 1")
        assert session.scalars(names).all() == ["Ann", "Bob"]


@pytest.mark.parametrize(
    "domain",
    [
        "[('id', 'child_of', 1)]",
        "[('parent_id', 'any', [('id', 'child_of', 1)])]",
        "[('parent_id', 'child_of', 1)]",
    ],
)
def test_a_rule_about_a_tree_sees_what_is_below_now(domain: str) -> None:
    class Own(DeclarativeBase):
        pass

    class Node(Own):
        __tablename__ = "node"
        __odoo_model__ = "own.node"
        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("node.id"))

    policy = policy_for(Own, [group("g.g"), right("own.node", "g.g", "read"), rule("own.node", domain)])
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    Own.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": 1}, {"id": 3, "parent_id": 2}]
        connection.execute(sa.insert(Node.__table__), [*rows, {"id": 4, "parent_id": None}])
    with Session(engine) as session:
        secure(session, policy, new_user("u", ["g.g"], id=1))
        assert 3 in session.scalars(sa.select(Node.id)).all()
        session.rollback()
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE node SET parent_id = 4 WHERE id = 2")
        assert 3 not in session.scalars(sa.select(Node.id)).all()
    engine.dispose()


def test_what_a_rule_reads_of_the_user_may_be_given(engine: sa.Engine) -> None:
    with session_for(engine, ANN, values={"user.team": "b"}) as session:
        assert session.scalars(sa.select(Person.name)).all() == ["Bob"]


def test_a_field_for_others_is_not_loaded_selected_or_compared(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        mine = session.get_one(Order, 1)
        assert "secret" not in sa.inspect(mine).dict
        questions = [
            sa.select(Order.secret),
            sa.select(orders),
            sa.select(orders.c.secret),
            sa.select(orders.alias().c.secret),
            sa.select(Other.secret),
            sa.select(Order).options(undefer(Order.secret)),
            sa.select(Order.number).where(Order.secret == "secret 1"),
            sa.select(Order.number).order_by(Order.secret),
            sa.select(sa.func.count()).select_from(Order).group_by(Order.secret),
            sa.select(sa.select(Order.secret).scalar_subquery()),
            sa.select(Order.number).where(sa.func.upper(Order.secret).like("S%")),
        ]
        for question in questions:
            with pytest.raises(AccessError, match="it is for other groups") as caught:
                session.execute(question)
            assert caught.value.kind == "field"
        with pytest.raises(AccessError, match="it is for other groups"):
            _ = mine.secret
    with session_for(engine, MAX) as session:
        assert session.get_one(Order, 3).secret == "secret 3"
        assert len(session.execute(sa.select(orders)).all()) == 4


def test_no_access_right_is_no_row_and_an_error(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        for question in (
            sa.select(Company),
            sa.select(Order.number).join(Company),
            sa.select(Company.__table__),
        ):
            with pytest.raises(AccessError, match="no access right gives it") as caught:
                session.execute(question)
            assert (caught.value.kind, caught.value.model) == ("acl", "shop.company")


def test_a_select_of_rows_to_insert_is_ones_own(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        copied = sa.insert(Line).from_select(
            ["product", "order_id", "kind"], sa.select(Order.name, sa.literal(1), sa.literal("line"))
        )
        session.execute(copied)
        names = session.scalars(sa.select(Line.product).where(Line.order_id == 1).order_by(Line.product))
        assert names.all() == ["P1", "SO1", "SO2"]
