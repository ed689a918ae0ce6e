"""Shapes that can't be guarded are refused, each with a sentence, and nothing of them is run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql import quoted_name

from enforce.orm.shop import ANN, POLICY, Gift, Journal, Line, Order, labels, session_for
from ostiary.enforce import AccessError
from ostiary.enforce.orm import secure

orders = Order.__table__
anything = sa.table("orders", sa.column("order_no"))
again = sa.Table("orders", sa.MetaData(), sa.Column("order_no", sa.Integer))


def bare(text: str) -> quoted_name:
    return quoted_name(text, quote=False)


class OwnSql(sa.ColumnElement):  # type: ignore[type-arg]
    inherit_cache = True


@compiles(OwnSql)
def _own(element, compiler, **kw):  # type: ignore[no-untyped-def]
    return "(SELECT max(order_no) FROM orders)"


READS: dict[str, Callable[[], sa.Executable]] = {
    "text": lambda: sa.text("SELECT order_no FROM orders"),
    "text with columns": lambda: sa.text("SELECT order_no FROM orders").columns(Order.number),
    "from_statement": lambda: sa.select(Order).from_statement(sa.text("SELECT * FROM orders")),
    "text as a column": lambda: sa.select(sa.text("(SELECT max(order_no) FROM orders)")),
    "text as a condition": lambda: sa.select(Order.number).where(sa.text("1=1 OR EXISTS (SELECT 1 FROM orders)")),
    "text as a table": lambda: sa.select(sa.text("order_no")).select_from(sa.text("orders")),
    "text as an order": lambda: sa.select(Order.number).order_by(sa.text("(SELECT max(order_no) FROM orders)")),
    "literal column": lambda: sa.select(sa.literal_column("(SELECT max(order_no) FROM orders)")),
    "literal column beside": lambda: sa.select(sa.literal_column("order_no FROM orders --")),
    "light table": lambda: sa.select(anything.c.order_no),
    "the same table again": lambda: sa.select(again.c.order_no),
    "prefix": lambda: sa.select(Order.number).prefix_with("(SELECT max(order_no) FROM orders) AS x,"),
    "suffix": lambda: sa.select(Order.number).suffix_with("UNION SELECT order_no FROM orders"),
    "hint": lambda: sa.select(Order.number).with_statement_hint("UNION SELECT order_no FROM orders"),
    "operator": lambda: sa.select(Order.number).where(Order.number.op("= 0 UNION SELECT order_no FROM orders --")(1)),
    "operator of words": lambda: sa.select(
        Order.number.op("union select order_no from orders where order_no is not")(None)
    ),
    "function": lambda: sa.select(sa.func.query_to_xml("SELECT * FROM orders", True, True, "")),
    "function as a table": lambda: sa.select(sa.func.dblink("SELECT 1").table_valued("x")),
    "function of a schema": lambda: sa.select(sa.func.pg_catalog.pg_read_file("/etc/passwd")),
    "function alone": lambda: sa.func.pg_sleep(1),
    "part of a date": lambda: sa.select(sa.extract("x FROM now()), (SELECT 1", sa.func.now())),
    "type": lambda: sa.select(sa.cast(1, _Type())),
    "own sql": lambda: sa.select(OwnSql()),
    "own sql inside": lambda: sa.select(Order.number).where(Order.number <= OwnSql()),
    "untied class": lambda: sa.select(Journal),
    "untied table": lambda: sa.select(Journal.__table__.c.id),
    "untied in a join": lambda: sa.select(Order.number).join(Journal, Journal.id == Order.number),
    "untied in exists": lambda: sa.select(sa.literal(1)).where(sa.exists().where(Journal.id == 1)),
    "insert in a cte": lambda: sa.select(sa.insert(Line.__table__).returning(Line.__table__.c.id).cte().c.id),
    "update in a cte": lambda: sa.select(
        sa.update(orders).values(name="x").returning(orders.c.order_no).cte().c.order_no
    ),
    "delete beside": lambda: sa.select(Order.number).add_cte(sa.delete(orders).cte()),
    "sequence": lambda: sa.select(sa.Sequence("orders_order_no_seq").next_value()),
    "cte in a table's place": lambda: sa.select(
        Line.id, sa.select(sa.literal(3).label("order_no"), sa.literal(1).label("owner_id")).cte("orders").c.order_no
    ),
    "name without quotes": lambda: sa.select(sa.column(bare("(SELECT max(order_no) FROM orders)"))),
    "label without quotes": lambda: sa.select(sa.literal(1).label(bare("x, (SELECT max(order_no) FROM orders) AS y"))),
    "alias without quotes": lambda: sa.select(sa.literal(1)).select_from(orders.alias(bare("a, orders AS b"))),
    "collation": lambda: sa.select(sa.collate(Order.name, "nocase, (SELECT max(order_no) FROM orders)")),
    "type that goes on": lambda: sa.select(sa.cast(1, sa.String(collation='C"), order_no, ("C'))),
    "whole row": lambda: sa.select(sa.func.to_json(orders.table_valued())),
    "order by a light table": lambda: sa.select(Order.number).order_by(anything.c.order_no),
    "ddl": lambda: sa.schema.CreateTable(Journal.__table__),
    "drop": lambda: sa.schema.DropTable(orders),
}  # fmt: skip


class _Type(sa.types.UserDefinedType):  # type: ignore[type-arg]
    cache_ok = True

    def get_col_spec(self, **kw: object) -> str:
        return "INTEGER), (SELECT max(order_no) FROM orders"


@pytest.mark.parametrize("name", READS)
def test_what_can_read_past_the_guard_is_refused(engine: sa.Engine, name: str) -> None:
    statement = READS[name]()
    with session_for(engine, ANN) as session:
        with pytest.raises(AccessError, match=r"^[^\n]+$") as caught:
            session.execute(statement)
        assert caught.value.kind == "shape"
        with pytest.raises(AccessError):
            session.connection().execute(statement)
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [1, 2]


CHANGES: dict[str, Callable[[Session], object]] = {
    "exec_driver_sql": lambda session: session.connection().exec_driver_sql("SELECT 1"),
    "executemany of the driver": lambda session: session.connection().exec_driver_sql(
        "SELECT ?", [(1,), (2,)]
    ),
    "update by the connection": lambda session: session.connection().execute(
        sa.update(orders).values(name="x")
    ),
    "insert by the connection": lambda session: session.connection().execute(
        sa.insert(Line.__table__), {"product": "x"}
    ),
    "update of an untied table": lambda session: session.execute(sa.update(Journal).values(text="x")),
    "insert into links": lambda session: session.execute(sa.insert(labels).values(order_id=1, tag_id=2)),
    "delete of a part": lambda session: session.execute(sa.delete(Gift)),
    "update in a list": lambda session: session.execute(sa.update(Order), [{"number": 1, "name": "x"}] * 2),
    "bulk_save_objects": lambda session: session.bulk_save_objects([Line(product="x")]),
    "bulk_insert_mappings": lambda session: session.bulk_insert_mappings(Line, [{"product": "x"}]),
    "bulk_update_mappings": lambda session: session.bulk_update_mappings(Line, [{"id": 3, "product": "x"}]),
    "another engine": lambda session: session.execute(
        sa.select(Order), bind_arguments={"bind": sa.create_engine("sqlite://")}
    ),
    "commit by itself": lambda session: session.connection(
        execution_options={"isolation_level": "AUTOCOMMIT"}
    ),
    "another schema": lambda session: session.execute(
        sa.select(Order), execution_options={"schema_translate_map": {None: "other"}}
    ),
    "a second connection": lambda session: session.get_bind().connect().execute(sa.select(Order.number)),
    "an engine of the engine": lambda session: (
        session.get_bind().execution_options(x=1).connect().execute(sa.select(orders.c.order_no))
    ),
    "reflection": lambda session: sa.inspect(session.connection()).get_table_names(),
    "a lambda": lambda session: session.execute(sa.lambda_stmt(lambda: sa.update(orders).values(name="x"))),
    "from_statement": lambda session: session.execute(
        sa.select(Order).from_statement(sa.update(Order).values(name="x").returning(Order))
    ),
}


# In a change the table stands for itself: a name that is no mapped column would be one of its hidden ones.
_OTHER = sa.select(sa.literal("x").label("secret"))
_LENT = {
    "everything": sa.literal_column("*"),
    "everything in text": sa.text("*"),
    "a loose column": sa.column("secret"),
    "a light table's": sa.table("orders", sa.column("secret")).c.secret,
    "the same table's again": sa.Table("orders", sa.MetaData(), sa.Column("secret", sa.String)).c.secret,
    "a subquery's": _OTHER.subquery("another").c.secret,
    "a subquery's by the name of the table": _OTHER.subquery("Orders").c.secret,
    "a subquery's by the name of its old rows": _OTHER.subquery("old").c.secret,
    "another table's": sa.select(Line.product)
    .limit(1)
    .order_by(_OTHER.subquery().c.secret)
    .scalar_subquery(),
    "the whole row": sa.func.json(orders.table_valued()),
}
_CHANGED = sa.update(orders).where(orders.c.order_no == 1)


def _returning(what: Any) -> Callable[[Session], object]:
    return lambda session: session.execute(_CHANGED.values(name="x").returning(what))


def _set_to(what: Any) -> Callable[[Session], object]:
    return lambda session: session.execute(_CHANGED.values(name=what))


CHANGES |= {f"returning {name}": _returning(what) for name, what in _LENT.items()}
CHANGES |= {
    "deleting and returning everything": lambda session: session.execute(
        sa.delete(Line.__table__).where(Line.__table__.c.id == 1).returning(sa.literal_column("*"))
    ),
    "inserting and returning a loose column": lambda session: session.execute(
        sa.insert(orders).values(name="x", owner_id=1).returning(orders.c.order_no, sa.column("secret"))
    ),
    "setting a loose column": _set_to(sa.column("secret")),
    "setting a loose column further inside": _set_to(
        sa.select(sa.func.max(sa.column("secret"))).select_from(Line).scalar_subquery()
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_would_go_past_the_checks_is_refused(on_sqlite: sa.Engine, name: str) -> None:
    with session_for(on_sqlite, ANN) as session:
        session.connection()
        with pytest.raises(AccessError):
            CHANGES[name](session)
        session.rollback()
    with on_sqlite.connect() as connection:
        assert (
            connection.scalar(sa.select(sa.func.count()).select_from(orders).where(orders.c.name == "x")) == 0
        )
        assert connection.scalar(sa.select(sa.func.count()).select_from(Line)) == 4


def test_an_object_of_another_session_is_not_taken_in(on_sqlite: sa.Engine) -> None:
    with Session(on_sqlite, expire_on_commit=False) as other:
        theirs = other.get_one(Order, 3)
        mine = other.get_one(Order, 1)
        other.expunge_all()
    forged = Order(number=3)
    orm.make_transient_to_detached(forged)
    with session_for(on_sqlite, ANN) as session:
        for item in (theirs, forged):
            with pytest.raises(AccessError, match="may not read"):
                session.add(item)
        with pytest.raises(AccessError, match="may not read"):
            session.merge(theirs, load=False)
        session.add(mine)
        assert session.get(Order, 3) is None
        assert session.get(Order, 1) is mine


def test_two_users_never_share_a_session(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session, pytest.raises(ValueError, match="somebody's already"):
        secure(session, POLICY, "bob")
    with Session(on_sqlite) as used:
        used.get(Order, 3)
        with pytest.raises(ValueError, match="was used before"):
            secure(used, POLICY, ANN)
    with on_sqlite.connect() as connection, pytest.raises(ValueError, match="one engine"):
        secure(Session(connection), POLICY, ANN)
    with pytest.raises(ValueError, match="one engine"):
        secure(Session(binds={Order: on_sqlite}), POLICY, ANN)
    with pytest.raises(ValueError, match="by itself"):
        secure(Session(on_sqlite.execution_options(isolation_level="AUTOCOMMIT")), POLICY, ANN)


def test_without_its_listeners_a_session_does_nothing_unchecked(on_sqlite: sa.Engine) -> None:
    from ostiary.enforce.orm import session as module

    with session_for(on_sqlite, ANN) as session:
        sa.event.remove(module.Secured, "before_flush", module._flushing)
        try:
            session.get_one(Order, 1).owner_id = 2
            with pytest.raises(AccessError):
                session.flush()
        finally:
            sa.event.listen(module.Secured, "before_flush", module._flushing)


def test_a_function_is_trusted_by_name(on_sqlite: sa.Engine) -> None:
    with session_for(on_sqlite, ANN) as session, pytest.raises(AccessError, match="functions="):
        session.scalar(sa.select(sa.func.last_insert_rowid()))
    with session_for(on_sqlite, ANN, functions=["last_insert_rowid"]) as session:
        assert session.scalar(sa.select(sa.func.last_insert_rowid())) is not None


def test_a_statement_of_one_user_is_not_compiled_for_another(on_sqlite: sa.Engine) -> None:
    cache: dict[object, object] = {}
    for user, found in (("max", [1, 2, 3, 4]), ("ann", [1, 2])):
        from enforce.orm import shop

        with session_for(on_sqlite, getattr(shop, user.upper())) as session, warnings.catch_warnings():
            statement = sa.select(Order.number).order_by(Order.number)
            options = {"compiled_cache": cache}
            assert session.scalars(statement, execution_options=options).all() == found


def test_a_column_that_no_class_maps_is_not_there(on_sqlite: sa.Engine) -> None:
    """Also for somebody who sees every row and every mapped column."""
    from enforce.orm.shop import MAX

    with on_sqlite.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders ADD COLUMN hidden TEXT DEFAULT 'for nobody'")
    with session_for(on_sqlite, MAX) as session:
        for star in (sa.text("*"), sa.literal_column("*")):
            rows = session.execute(sa.select(star).select_from(Order)).all()
            assert rows
            assert "for nobody" not in str(rows)
        with pytest.raises(sa.exc.OperationalError, match="no such column"):
            session.execute(sa.select(sa.column("hidden")).select_from(Order))
