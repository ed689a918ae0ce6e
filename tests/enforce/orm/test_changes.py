"""insert(), update() and delete() statements in a secured session."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from enforce.orm.shop import ANN, EVE, MAX, Line, Order, Person, session_for
from enforce.orm.test_flush import rows
from ostiary.enforce import AccessError
from ostiary.policy import Mode

orders = Order.__table__
BOTH = pytest.mark.parametrize("what", [Order, orders], ids=["class", "table"])


@BOTH
@pytest.mark.parametrize("synchronize", ["auto", "fetch", "evaluate", False])
def test_an_update_touches_only_ones_own(engine: sa.Engine, what: type, synchronize: str) -> None:
    with session_for(engine, ANN) as session:
        mine = session.get_one(Order, 1)
        options = {} if what is orders else {"synchronize_session": synchronize}
        session.execute(sa.update(what).values(name="x"), execution_options=options)
        assert [row[1] for row in rows(session)] == ["x", "x", "SO3", "SO4"]
        if what is Order and synchronize:
            assert mine.name == "x"
        session.execute(sa.update(what).where(orders.c.order_no == 3).values(name="y"))
        assert [row[1] for row in rows(session)] == ["x", "x", "SO3", "SO4"]
        session.rollback()


@pytest.mark.parametrize("what", [Line, Line.__table__], ids=["class", "table"])
def test_a_delete_touches_only_ones_own(engine: sa.Engine, what: type) -> None:
    with session_for(engine, ANN) as session:
        session.execute(sa.delete(what).where(Line.__table__.c.kind == "line"))
        assert [row[0] for row in rows(session, Line)] == [1, 3, 4]
        session.rollback()


@BOTH
def test_an_update_out_of_reach_leaves_nothing(engine: sa.Engine, what: type) -> None:
    with session_for(engine, ANN) as session:
        mine = session.get_one(Order, 1)
        with pytest.raises(AccessError, match="what it becomes"):
            session.execute(sa.update(what).values(owner_id=2, name="x"))
        assert [row[1] for row in rows(session)] == ["SO1", "SO2", "SO3", "SO4"]
        assert mine.name == "SO1"
        session.rollback()


def test_what_one_may_read_and_not_change_refuses_the_whole(on_sqlite: sa.Engine) -> None:
    with on_sqlite.begin() as connection:
        connection.execute(sa.update(orders).values(owner_id=4))
    with session_for(on_sqlite, EVE) as session:
        for statement in (
            sa.update(Order).values(name="x"),
            sa.delete(Order),
            sa.insert(Order).values(name="x"),
        ):
            with pytest.raises(AccessError, match="no access right"):
                session.execute(statement)


def test_values_of_others_do_not_steer_an_update(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.execute(sa.update(Order).values(name=sa.select(sa.func.max(Order.name)).scalar_subquery()))
        assert [row[1] for row in rows(session)] == ["SO2", "SO2", "SO3", "SO4"]
        theirs = sa.exists().where(Line.order_id == 3)
        session.execute(sa.update(Order).where(theirs).values(name="seen"))
        assert [row[1] for row in rows(session)] == ["SO2", "SO2", "SO3", "SO4"]
        with pytest.raises(AccessError, match="other groups"):
            session.execute(sa.update(Order).values(name=Order.secret))
        with pytest.raises(AccessError, match="other groups"):
            session.execute(sa.update(Order).where(Order.secret.like("s%")).values(name="x"))
        with pytest.raises(AccessError, match="other groups"):
            session.execute(sa.update(Order).values(name="x").returning(Order.secret))
        session.rollback()


@pytest.mark.parametrize(
    "key", ["secret", Order.secret, orders.c.secret], ids=["name", "attribute", "column"]
)
def test_a_field_for_others_is_not_set(engine: sa.Engine, key: object) -> None:
    statements = [
        (sa.update(Order).values({key: "x"}), None),
        (sa.update(orders).values({key: "x"}), None),
        (sa.insert(orders).values({key: "x"}), None),
        (sa.insert(Order), [{"name": "x", "owner_id": 1, "secret": "x"}]),
        (sa.insert(orders).from_select(["name", "secret"], sa.select(Order.name, Order.name)), None),
    ]
    with session_for(engine, ANN) as session:
        for statement, parameters in statements:
            with pytest.raises(AccessError) as caught:
                session.execute(statement, parameters)
            assert caught.value.kind == "field"
        session.rollback()


def test_updates_return_what_they_changed(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        changed = session.execute(
            sa.update(Order).values(total=Order.total + 1).returning(Order.number, Order.total)
        )
        assert sorted(changed.all()) == [(1, 11), (2, 21)]
        assert {one.number for one in session.scalars(sa.update(Order).values(total=0).returning(Order))} == {
            1,
            2,
        }
        session.rollback()


def test_an_update_links_only_what_one_may_read(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        with pytest.raises(AccessError, match=r"may not put res\.users 2 into owner_id"):
            session.execute(sa.update(Order).where(Order.number == 1).values(owner_id=2))
        assert rows(session)[0][3] == 1
        session.rollback()


INSERTS = {
    "one": lambda owner: (sa.insert(Order).values(name="x", owner_id=owner), None),
    "one of the table": lambda owner: (
        sa.insert(orders).values(name="x", owner_id=owner, amount=1, active=True),
        None,
    ),
    "one as a parameter": lambda owner: (sa.insert(Order), {"name": "x", "owner_id": owner}),
    "many": lambda owner: (
        sa.insert(Order),
        [{"name": "x", "owner_id": 1}, {"name": "y", "owner_id": owner}],
    ),
    "many of the table": lambda owner: (
        sa.insert(orders),
        [{"name": "x", "owner_id": 1, "amount": 1}, {"name": "y", "owner_id": owner, "amount": 1}],
    ),
    "many values": lambda owner: (
        sa.insert(orders).values([{"name": "x", "owner_id": owner, "amount": 0, "active": True}] * 2),
        None,
    ),
    "returning": lambda owner: (
        sa.insert(Order).values(name="x", owner_id=owner).returning(Order.number),
        None,
    ),
    "returning objects": lambda owner: (
        sa.insert(Order).returning(Order),
        [{"name": "x", "owner_id": owner}] * 2,
    ),
    "selected": lambda owner: (
        sa.insert(orders).from_select(
            ["name", "owner_id", "amount", "active"],
            sa.select(Order.name, sa.literal(owner), sa.literal(1.0), sa.literal(True)).where(
                Order.number == 1
            ),
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", INSERTS)
def test_rows_are_inserted_within_reach_and_not_beyond(engine: sa.Engine, name: str) -> None:
    with session_for(engine, ANN) as session:
        session.execute(*INSERTS[name](1))
        assert len(rows(session)) > 4
        session.rollback()
        with pytest.raises(AccessError) as caught:
            session.execute(*INSERTS[name](2))
        assert caught.value.mode is Mode.CREATE
        assert len(rows(session)) == 4
        assert not session.identity_map
        session.rollback()


def test_an_insert_that_may_change_rows_is_refused(on_sqlite: sa.Engine) -> None:
    statement = upsert(Order).values(number=3, name="x", owner_id=1)
    with session_for(on_sqlite, ANN) as session:
        for one in (
            statement.on_conflict_do_nothing(),
            statement.on_conflict_do_update(set_={"name": "stolen"}),
        ):
            with pytest.raises(AccessError, match="on conflict"):
                session.execute(one)
        with pytest.raises(AccessError, match="without the primary key"):
            session.execute(sa.insert(Order).values(name="x", owner_id=1).returning(Order.name))
        session.rollback()


def test_the_old_query_changes_only_ones_own(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        assert session.query(Order).update({"name": "x"}) == 2
        assert session.query(Line).filter_by(kind="line").delete() == 1
        session.rollback()


def test_a_primary_key_stays(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session, pytest.raises(AccessError, match="primary key"):
        session.execute(sa.update(Order).where(Order.number == 1).values(number=9))


def test_an_update_from_other_tables_sees_only_ones_own(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        session.execute(sa.update(Order).where(Person.id == Order.owner_id).values(name=Person.name),
                        execution_options={"synchronize_session": False})  # fmt: skip
        assert [row[1] for row in rows(session)] == ["Ann", "Ann", "SO3", "SO4"]
        session.rollback()


def test_many_rows_are_told_by_the_rules_again(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostiary.enforce.orm.changes.LISTED", 1)
    with session_for(engine, ANN) as session:
        session.execute(sa.update(Order).values(name="x"))
        assert [row[1] for row in rows(session)] == ["x", "x", "SO3", "SO4"]
        session.rollback()
