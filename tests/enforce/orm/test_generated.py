"""Random rows and rules: what a secured session shows and lets change is what plain Python says of each row."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from enforce.orm.shop import Base, Line, Order, Person
from ostiary.enforce import AccessError
from ostiary.enforce.orm import group, policy_for, right, rule, secure
from ostiary.enforce.people import new_user


@dataclass(frozen=True)
class Row:
    number: int
    owner: int | None
    total: int
    product: str


@dataclass(frozen=True)
class Term:
    """A term of a rule's domain, and the same in Python."""

    text: str

    def holds(self, row: Row, uid: int) -> bool:
        return {
            "('owner_id', '=', user.id)": row.owner == uid,
            "('owner_id', '!=', user.id)": row.owner != uid,
            "('owner_id', '=', False)": row.owner is None,
            "('total', '>', 1)": row.total > 1,
            "('id', 'in', [1, 3])": row.number in (1, 3),
            "('line_ids.product', '=', 'a')": row.product == "a",
            "('owner_id.team', '=', 'x')": row.owner == 1,
        }[self.text]


TERMS = st.sampled_from(
    [
        Term(text)
        for text in (
            "('owner_id', '=', user.id)", "('owner_id', '!=', user.id)", "('owner_id', '=', False)",
            "('total', '>', 1)",
            "('id', 'in', [1, 3])", "('line_ids.product', '=', 'a')", "('owner_id.team', '=', 'x')",
        )
    ]
)  # fmt: skip
ROWS = st.lists(
    st.tuples(st.sampled_from([None, 1, 2]), st.integers(0, 3), st.sampled_from("ab")), min_size=1, max_size=4
).map(lambda found: [Row(number, *one) for number, one in enumerate(found, 1)])


@settings(max_examples=20, deadline=None)
@given(
    ROWS,
    st.lists(TERMS, max_size=2),
    st.lists(TERMS, max_size=2),
    st.lists(TERMS, max_size=1),
    st.sampled_from([1, 2]),
)
def test_a_session_shows_and_changes_what_the_rules_say(
    rows: list[Row], of_group: list[Term], global_: list[Term], of_writing: list[Term], uid: int
) -> None:
    rules = [
        rule("shop.order", f"[{one.text}]", groups=["g.g"], name=f"g{n}") for n, one in enumerate(of_group)
    ]
    rules += [rule("shop.order", f"[{one.text}]", name=f"a{n}") for n, one in enumerate(global_)]
    rules += [rule("shop.order", f"[{one.text}]", modes="write", name="w") for one in of_writing]
    policy = policy_for(Base, [group("g.g"), right("shop.order", "g.g"), *rules])

    def passes(row: Row, *, write: bool) -> bool:
        narrowing = [*global_, *(of_writing if write else ())]
        own = not of_group or any(one.holds(row, uid) for one in of_group)
        return own and all(one.holds(row, uid) for one in narrowing)

    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            sa.insert(Person.__table__), [{"id": one, "name": "n", "team": "xy"[one - 1]} for one in (1, 2)]
        )
        for row in rows:
            values = {
                "order_no": row.number,
                "name": "n",
                "amount": row.total,
                "owner_id": row.owner,
                "active": True,
            }
            connection.execute(sa.insert(Order.__table__), values)
            connection.execute(
                sa.insert(Line.__table__), {"order_id": row.number, "product": row.product, "kind": "line"}
            )
    with Session(engine) as session:
        secure(session, policy, new_user("u", ["g.g"], id=uid))
        shown = [row.number for row in rows if passes(row, write=False)]
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == shown
        for row in rows:
            found = session.get(Order, row.number)
            assert (found is not None) == passes(row, write=False)
            if found is None:
                continue
            with session.begin_nested() as savepoint:
                found.name = "changed"
                try:
                    session.flush()
                    allowed = True
                except AccessError:
                    allowed = False
                savepoint.rollback() if savepoint.is_active else None
            session.expire_all()
            assert allowed == passes(row, write=True)
        writable = all(passes(row, write=True) for row in rows if passes(row, write=False))
        try:
            assert session.execute(sa.update(Order).values(name="all")).rowcount == len(shown)
            assert writable
        except AccessError:
            assert not writable
    engine.dispose()
