"""A bypass is said, has a reason and a place, and leaves nothing of what it read in the user's session."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from enforce.orm.shop import ANN, Journal, Order, session_for
from ostiary.enforce import AccessError
from ostiary.enforce.orm import bypass, bypasses


def test_a_bypass_does_what_the_user_may_not(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        with bypass(session, reason="the journal is kept for everybody") as su:
            su.add(Journal(id=7, text="x"))
            assert su.get_one(Order, 3).name == "SO3"
            su.execute(sa.text("UPDATE orders SET name = 'y' WHERE order_no = 1"))
        assert session.get(Order, 3) is None
        assert session.get_one(Order, 1).name == "y"
        [done] = bypasses(session)
        assert (done.reason, done.login, done.times) == ("the journal is kept for everybody", "ann", 1)
        assert "test_bypass.py" in done.place
        session.rollback()
    with Session(engine) as plain:
        assert plain.get(Journal, 7) is None
        assert plain.get_one(Order, 1).name == "SO1"


def test_a_bypass_that_fails_leaves_nothing_and_the_rest_stays(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        session.get_one(Order, 1).name = "mine"
        with pytest.raises(ZeroDivisionError), bypass(session, reason="to see it fail") as su:
            su.get_one(Order, 3).name = "theirs"
            su.flush()
            raise ZeroDivisionError
        assert session.get_one(Order, 1).name == "mine"
        assert session._ostiary_gate.connection.scalar(  # type: ignore[attr-defined]
            sa.text("SELECT name FROM orders WHERE order_no = 3")
        ) == "SO3"  # fmt: skip
        session.rollback()


def test_what_a_bypass_did_is_committed_with_the_rest(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session:
        with bypass(session, reason="the journal is kept for everybody") as su:
            su.add(Journal(id=7, text="x"))
        session.commit()
    with Session(on_sqlite) as plain:
        assert plain.get_one(Journal, 7).text == "x"


def test_a_bypass_needs_a_reason(on_sqlite: sa.Engine) -> None:
    with (
        session_for(on_sqlite, ANN) as session,
        pytest.raises(ValueError, match="needs a reason"),
        bypass(session, reason=" "),
    ):
        pass
    with (
        Session(on_sqlite) as plain,
        pytest.raises(ValueError, match="not secured"),
        bypass(plain, reason="none"),
    ):
        pass


def test_after_a_bypass_the_guard_stands(engine: sa.Engine) -> None:
    with session_for(engine, ANN) as session:
        with bypass(session, reason="to read them all") as su:
            theirs = su.get_one(Order, 3)
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [1, 2]
        with pytest.raises(AccessError):
            session.add(theirs)
        with pytest.raises(AccessError):
            session.execute(sa.text("SELECT 1"))
