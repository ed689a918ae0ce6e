"""Objects that a session writes: a new one is checked after it was inserted, a changed or deleted one before, and in
strict mode a changed one after as well."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from enforce.orm.shop import (
    ANN,
    EVE,
    MAX,
    Company,
    Gift,
    Journal,
    Line,
    Order,
    Person,
    Tag,
    labels,
    session_for,
)
from ostiary.enforce import AccessError
from ostiary.policy import Mode


def rows(session: Session, table: sa.Table | type = Order) -> list[tuple[object, ...]]:
    """All rows of a table, past the guard, in the session's transaction."""
    table = table if isinstance(table, sa.Table) else table.__table__  # type: ignore[attr-defined]
    session.connection()
    found = session._ostiary_gate.connection.execute(sa.select(table).order_by(*table.primary_key))  # type: ignore[attr-defined]
    return [tuple(row) for row in found]


def test_ones_own_records_are_made_changed_and_deleted(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        order = Order(name="new", owner_id=1, lines=[Line(product="x"), Gift(product="y", message="m")])
        session.add(order)
        session.flush()
        order.name = "newer"
        order.lines[0].product = "z"
        session.flush()
        assert session.scalars(sa.select(Order.name).where(Order.number == order.number)).all() == ["newer"]
        session.delete(order)
        session.flush()
        assert len(rows(session)) == 4
        assert len(rows(session, Line)) == 4
        session.rollback()


MAKING = {
    "for somebody else": lambda: Order(name="x", owner_id=2),
    "for nobody": lambda: Order(name="x"),
    "a line of somebody else's": lambda: Line(product="x", order_id=3),
    "a gift of somebody else's": lambda: Gift(product="x", order_id=3),
}


@pytest.mark.parametrize("name", MAKING)
def test_a_record_out_of_reach_is_not_made(engine: sa.Engine, name: str) -> None:
    with session_for(engine, ANN) as session:
        session.add(MAKING[name]())
        with pytest.raises(AccessError) as caught:
            session.flush()
        assert (caught.value.kind, caught.value.mode) == ("rule", Mode.CREATE)
        session.rollback()
        assert (len(rows(session)), len(rows(session, Line))) == (4, 4)


def test_nothing_is_left_of_the_unit_in_which_one_record_is_refused(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        session.add(Order(name="mine", owner_id=1))
        session.flush()
        session.add_all([Order(name="mine too", owner_id=1), Order(name="theirs", owner_id=2)])
        with pytest.raises(AccessError):
            session.commit()
        session.rollback()
        assert len(rows(session)) == 4


def test_a_refusal_in_a_savepoint_leaves_what_came_before(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        session.add(Order(name="mine", owner_id=1))
        with pytest.raises(AccessError), session.begin_nested():
            session.add(Order(name="theirs", owner_id=2))
        session.commit()
        assert [row[1] for row in rows(session)][4:] == ["mine"]


def test_a_savepoint_that_comes_first_commits_nothing(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        with session.begin_nested():
            session.add(Order(name="mine", owner_id=1))
        session.rollback()
        assert len(rows(session)) == 4


def test_a_record_is_not_written_out_of_reach(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.get_one(Order, 1).owner_id = 2
        with pytest.raises(AccessError, match="what it becomes"):
            session.flush()
        session.rollback()
        assert rows(session)[0][3] == 1
    with session_for(engine, ANN, strict=False) as session:
        session.get_one(Order, 1).owner_id = 2
        session.flush()
        session.rollback()


def test_a_relationship_that_changes_the_owner_is_a_write_like_any(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.get_one(Order, 1).owner = session.get_one(Person, 3)
        with pytest.raises(AccessError, match="what it becomes"):
            session.flush()
        session.rollback()
    with session_for(engine, ANN) as session:
        session.get_one(Line, 1).order = None
        with pytest.raises(AccessError):
            session.flush()
        session.rollback()


def test_who_may_only_read_changes_nothing(on_sqlite: sa.Engine) -> None:
    with on_sqlite.begin() as connection:
        connection.execute(sa.update(Order.__table__).values(owner_id=4))
    for change in (
        lambda session: setattr(session.get_one(Order, 1), "name", "x"),
        lambda session: session.delete(session.get_one(Order, 1)),
        lambda session: session.add(Order(name="x", owner_id=4)),
        lambda session: [
            one.lines.append(Line(product="x")) for one in session.scalars(sa.select(Order)).all()
        ],
        lambda session: [one.tags.clear() for one in session.scalars(sa.select(Order)).all()],
    ):
        with session_for(on_sqlite, EVE) as session:
            with pytest.raises(AccessError):
                change(session)
                session.flush()
            session.rollback()
            assert [row[1] for row in rows(session)] == ["SO1", "SO2", "SO3", "SO4"]
            assert len(rows(session, labels)) == 4


def test_somebody_elses_records_are_not_linked(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        session.get_one(Order, 1).owner_id = 2  # Bob is of another team
        with pytest.raises(AccessError, match="may not read it"):
            session.flush()
        session.rollback()
    with session_for(engine, ANN) as session:
        session.add(Order(name="x", owner_id=1, company_id=1))
        with pytest.raises(AccessError, match=r"may not put shop.company 1 into company_id"):
            session.flush()
        session.rollback()


def test_links_are_made_between_what_one_may_write_and_what_one_may_read(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        mine = session.get_one(Order, 1)
        mine.tags.clear()
        session.flush()
        mine.tags.append(session.get_one(Tag, 1))
        session.flush()
        assert (1, 1) in rows(session, labels)
        session.rollback()
    stolen = Tag(id=2)
    sa.orm.make_transient_to_detached(stolen)
    with session_for(engine, ANN) as session:
        mine = session.get_one(Order, 1)
        with pytest.raises(AccessError, match="may not read"):
            mine.tags.append(stolen)


def test_a_line_that_a_cascade_reaches_is_checked(on_sqlite: sa.Engine) -> None:
    """A manager's rule for lines is narrowed: the order may be deleted, its line may not."""
    from enforce.orm.shop import SECURITY, Base
    from ostiary.enforce.orm import policy_for, rule, secure

    narrowed = policy_for(
        Base, [*SECURITY, rule("shop.line", "[('product', '!=', 'P1')]", modes="unlink write")]
    )
    with Session(on_sqlite) as session:
        secure(session, narrowed, MAX, companies=[1, 2])
        session.delete(session.get_one(Order, 1))
        with pytest.raises(AccessError, match=r"shop\.line 1"):
            session.flush()
        session.rollback()
        order = session.get_one(Order, 1)
        order.lines.remove(order.lines[0])
        with pytest.raises(AccessError, match=r"shop\.line 1"):
            session.flush()
        session.rollback()
        assert len(rows(session, Line)) == 4


def test_a_field_for_others_is_not_written(engine: sa.Engine) -> None:
    for change in (
        lambda session: setattr(session.get_one(Order, 1), "secret", "x"),
        lambda session: session.add(Order(name="x", owner_id=1, secret="x")),
    ):
        with session_for(engine, ANN) as session:
            change(session)
            with pytest.raises(AccessError) as caught:
                session.flush()
            assert caught.value.kind == "field"
            session.rollback()
    with session_for(engine, MAX) as session:
        session.get_one(Order, 1).secret = "x"
        session.flush()
        session.rollback()


def test_an_untied_class_is_not_written(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        session.add(Journal(text="x"))
        with pytest.raises(AccessError, match="tied to no model"):
            session.flush()
        session.rollback()


def test_an_expression_is_no_value(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.get_one(Order, 1).name = sa.select(sa.func.max(Order.secret)).scalar_subquery()
        with pytest.raises(AccessError, match="SQL expression"):
            session.flush()
        session.rollback()
    with session_for(engine, ANN) as session:
        session.add(Order(owner_id=1, name=sa.select(sa.func.max(Order.secret)).scalar_subquery()))
        with pytest.raises(AccessError, match="SQL expression"):
            session.flush()
        session.rollback()


def test_a_primary_key_stays(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.get_one(Line, 1).id = 99
        with pytest.raises(AccessError, match="primary key"):
            session.flush()
        session.rollback()


def test_a_merge_neither_reads_nor_writes_somebody_elses(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        assert session.merge(Order(number=1, name="merged")).owner_id == 1
        session.flush()
        taken = session.merge(Order(number=3, name="stolen", owner_id=1))
        assert sa.inspect(taken).pending  # for her there is no order 3, so that it would be a new one
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        session.rollback()
        assert [row[1] for row in rows(session)] == ["SO1", "SO2", "SO3", "SO4"]


def test_a_write_in_a_listener_of_the_application_is_checked_too(on_sqlite: sa.Engine) -> None:
    def listener(mapper: object, connection: sa.Connection, target: object) -> None:
        connection.execute(sa.update(Order.__table__).values(owner_id=1))

    sa.event.listen(Tag, "after_insert", listener)
    try:
        with session_for(on_sqlite, MAX) as session:
            session.add(Tag(name="x"))
            with pytest.raises(AccessError, match="was not asked for"):
                session.flush()
            session.rollback()
            assert [row[3] for row in rows(session)] == [1, 1, 2, 2]
    finally:
        sa.event.remove(Tag, "after_insert", listener)


def test_a_manager_may_do_it_all(engine: sa.Engine) -> None:
    with session_for(engine, MAX) as session:
        session.get_one(Order, 3).name = "x"
        session.add(Company(id=9, name="nine"))
        session.flush()
        session.get_one(Order, 3).company_id = None
        session.flush()
        session.delete(session.get_one(Order, 4))
        session.flush()
        assert [row[1] for row in rows(session)] == ["SO1", "SO2", "x"]
        session.rollback()
