"""Several Environments at once: threads on one engine and one Policy, transactions that collide, units that end badly,
connections of somebody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from database.conftest import server
from database.server import Server
from enforce.stateful import things
from ostiary.enforce import AccessError, ConcurrencyError, Environment, UserError, ValidationError
from ostiary.policy import Policy

__all__ = ["server"]  # a fixture

TRIES = 200


@contextmanager
def on_sqlite(path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.05})
    yield engine
    engine.dispose()


@contextmanager
def on_postgresql(server: Server) -> Iterator[sa.Engine]:
    with server.database("concurrent") as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


class Place:
    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.policy = things.installed(engine)
        self.ids = things.filled(engine, self.policy)

    def env(self, login: str | None = "ann", **more: Any) -> Environment:
        return Environment(self.engine, self.policy, user=login, **more)

    def num(self, one: str = "thing.ann") -> int:
        with self.env(None) as env:
            return int(env["h.thing"].browse(self.ids[one]).num)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if request.param == "sqlite":
        with on_sqlite(tmp_path_factory.mktemp("concurrent") / "rows.db") as engine:
            yield Place(engine)
    else:
        with on_postgresql(request.getfixturevalue("server")) as engine:
            yield Place(engine)


@pytest.fixture
def memory() -> Iterator[Place]:
    engine = sa.create_engine("sqlite://")
    yield Place(engine)
    engine.dispose()


def again(work: Callable[[], None]) -> None:
    """Do it from its start until no other transaction is faster."""
    for _ in range(TRIES):
        try:
            work()
        except ConcurrencyError:
            continue
        return
    raise AssertionError("another transaction was always faster")


def together(*works: Callable[[], None]) -> None:
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


# ------------------------------------------------------------------------------------ threads


def test_threads_share_an_engine_and_a_policy_and_each_sees_its_own_user_only(place: Place) -> None:
    # A Policy of its own, of which nothing has been worked out yet when the threads begin.
    fresh = things.installed(place.engine)
    start = threading.Barrier(4)

    def work(login: str) -> Callable[[], None]:
        def once() -> None:
            with Environment(place.engine, fresh, user=login) as env:
                found = env["h.thing"].search([])
                assert found.ids == [place.ids[f"thing.{login}"]]
                assert found.tag_ids.ids == [place.ids[f"tag.{login}"]]
                assert found.line_ids.mapped("name") == ["plain" if login == "ann" else "hidden"]
                with pytest.raises(AccessError):
                    _ = env["h.thing"].browse(place.ids["thing.bob" if login == "ann" else "thing.ann"]).name
                found.write({"num": 7})

        def several() -> None:
            start.wait()
            for _ in range(3):
                again(once)

        return several

    together(work("ann"), work("bob"), work("ann"), work("bob"))


def test_no_write_to_the_same_row_is_lost(place: Place) -> None:
    before = place.num()

    def add() -> None:
        with place.env() as env:
            thing = env["h.thing"].browse(place.ids["thing.ann"])
            thing.write({"num": thing.num + 1, "line_ids": [(0, 0, {"name": "added"})]})

    def several() -> None:
        for _ in range(4):
            again(add)

    together(several, several, several)
    assert place.num() == before + 12
    with place.env() as env:
        # A line for each, and none of an attempt that failed.
        assert env["h.line"].search_count([("name", "=", "added")]) == 12


# ------------------------------------------------------------------------------------ two transactions


def test_a_record_that_is_moved_out_of_reach_meanwhile_is_not_written(place: Place) -> None:
    thing = place.ids["thing.ann"]
    one, two = place.env("ann"), place.env(None)
    moved = False
    try:
        one["h.thing"].browse(thing).check_access("write")
        try:
            two["h.thing"].browse(thing).write({"owner_id": place.ids["bob"]})
            two.commit()
            moved = True
        except ConcurrencyError:
            two.rollback()  # SQLite lets nobody write what another one is reading
        if moved:
            with pytest.raises(ConcurrencyError):
                one["h.thing"].browse(thing).write({"num": 99})
            one.rollback()
            with pytest.raises(AccessError):
                one["h.thing"].browse(thing).write({"num": 99})
            one.rollback()
            assert place.num() != 99
        else:
            one["h.thing"].browse(thing).write({"num": 98})
            one.commit()
            assert place.num() == 98
    finally:
        one.close()
        two.close()
        with place.env(None) as env:
            env["h.thing"].browse(thing).write({"owner_id": place.ids["ann"]})


def test_what_a_rule_reads_elsewhere_is_guarded_too_where_the_transaction_is_serializable(
    place: Place,
) -> None:
    """A line is its thing's owner's. Another transaction gives the thing away: to the row of the line nothing happens,
    and only SERIALIZABLE notices. SQLite knows nothing else."""
    thing, line = place.ids["thing.ann"], place.ids["line.ann"]
    one, two = (place.env(login, isolation="SERIALIZABLE") for login in ("ann", None))
    ended = []
    try:
        one["h.line"].browse(line).check_access("write")
        try:
            _ = two["h.line"].browse(line).name
            two["h.thing"].browse(thing).write({"owner_id": place.ids["bob"]})
            two.commit()
            ended.append("given away")
        except ConcurrencyError:
            two.rollback()
        try:
            one["h.line"].browse(line).write({"name": "written"})
            one.commit()
            ended.append("written")
        except ConcurrencyError:
            one.rollback()
        assert len(ended) == 1
    finally:
        one.close()
        two.close()
        with place.env(None) as env:
            env["h.thing"].browse(thing).write({"owner_id": place.ids["ann"]})


def test_a_collision_says_what_to_do_and_holds_no_values(place: Place) -> None:
    if place.engine.dialect.name != "postgresql":
        pytest.skip("two transactions change a row on PostgreSQL only")
    thing = place.ids["thing.ann"]
    one, two = place.env("ann"), place.env("ann")
    try:
        _ = one["h.thing"].browse(thing).num
        two["h.thing"].browse(thing).write({"num": 5})
        two.commit()
        with pytest.raises(ConcurrencyError, match="do it again") as refused:
            one["h.thing"].browse(thing).write({"name": "marked text"})
        assert refused.value.__context__ is None
        # Whoever goes on all the same has written nothing of it.
        one.commit()
        assert place.num() == 5
    finally:
        one.close()
        two.close()


# ------------------------------------------------------------------------------------ units


def test_an_exception_that_is_swallowed_undoes_its_unit_and_no_other(memory: Place) -> None:
    with memory.env() as env:
        thing = env["h.thing"].browse(memory.ids["thing.ann"])
        with env.unit():
            thing.num = 1
            with pytest.raises(AccessError), env.unit():
                thing.num = 2
                with pytest.raises(ValueError, match="inner"), env.unit():
                    thing.num = 3
                    raise ValueError("inner")
                assert thing.num == 2
                env["h.thing"].browse(memory.ids["thing.bob"]).write({"num": 4})
            assert thing.num == 1
            thing.name = "after"
    assert memory.num() == 1
    assert memory.num("thing.bob") == 7


def test_nothing_is_committed_or_rolled_back_inside_a_unit(memory: Place) -> None:
    with memory.env() as env:
        thing = env["h.thing"].browse(memory.ids["thing.ann"])
        with pytest.raises(UserError, match="all or nothing"), env.unit():
            thing.num = 1
            env.commit()
        assert thing.num == 7
        with env.unit():
            thing.num = 2
            with pytest.raises(UserError, match="all or nothing"):
                env.rollback()
        assert thing.num == 2
    assert memory.num() == 2


def test_an_exception_rolls_back_what_the_whole_block_did(memory: Place) -> None:
    with pytest.raises(KeyError), memory.env() as env, env.unit():
        env["h.thing"].browse(memory.ids["thing.ann"]).num = 1
        raise KeyError("x")
    assert memory.num() == 7


def test_an_environment_is_not_used_after_its_end(memory: Place) -> None:
    with memory.env() as env:
        thing = env["h.thing"].browse(memory.ids["thing.ann"])
        assert thing.num == 7
    for use in (lambda: thing.num, lambda: thing.write({"num": 1}), lambda: env["h.thing"].search([])):
        with pytest.raises(UserError, match="closed"):
            use()
    assert memory.num() == 7


def test_a_database_in_memory_has_one_environment_at_a_time(memory: Place) -> None:
    with memory.env("ann") as one:
        one["h.thing"].browse(memory.ids["thing.ann"]).num = 1
        with pytest.raises(UserError, match="with_user"), memory.env("bob") as two:
            two["h.thing"].search([])
        one["h.thing"].browse(memory.ids["thing.ann"]).name = "still at work"
    assert memory.num() == 1


# ------------------------------------------------------------------------------------ somebody else's connection


@pytest.mark.parametrize("begun", ["nothing", "a read", "a write"])
def test_a_connection_that_is_given_stays_its_owners_to_end(place: Place, begun: str) -> None:
    with place.env(None) as env:
        env["h.thing"].browse(place.ids["thing.ann"]).num = 7
    with place.engine.connect() as connection:
        if begun == "a read":
            connection.execute(sa.text("SELECT id FROM h_thing")).all()
        elif begun == "a write":
            connection.execute(sa.text("UPDATE h_thing SET num = 8"))
        with Environment(connection, place.policy, user="ann") as env:
            env["h.thing"].browse(place.ids["thing.ann"]).write({"num": 9})
            with pytest.raises(AccessError):
                env["h.thing"].browse(place.ids["thing.bob"]).write({"num": 9})
        assert connection.execute(
            sa.text("SELECT num FROM h_thing WHERE id = :id"), {"id": place.ids["thing.ann"]}
        ).scalar() == 9  # fmt: skip
        connection.rollback()
    assert place.num() == 7


# ------------------------------------------------------------------------------------ interrupted


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RecursionError])
def test_what_is_interrupted_leaves_nothing(
    memory: Place, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    from ostiary.enforce.verbs import checks

    before = things.rows(memory.engine)
    asked = checks.check_rules
    calls = 0

    def interrupted(*args: Any, **more: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise error
        asked(*args, **more)

    monkeypatch.setattr(checks, "check_rules", interrupted)
    with memory.env() as env:
        with pytest.raises(error):  # after the row of the thing and the first of its lines
            env["h.thing"].create(
                {
                    "owner_id": memory.ids["ann"],
                    "line_ids": [(0, 0, {"name": "one"}), (0, 0, {"name": "two"})],
                }
            )
        assert calls == 2
        monkeypatch.undo()
        assert env["h.thing"].search_count([]) == 1
    assert things.rows(memory.engine) == before


def test_a_value_the_database_refuses_undoes_the_whole_operation(memory: Place) -> None:
    before = things.rows(memory.engine)
    with memory.env() as env, pytest.raises(ValidationError):
        env["h.thing"].browse(memory.ids["thing.ann"]).write({"num": 1, "tag_ids": [(4, 12345)]})
    assert things.rows(memory.engine) == before


def test_one_policy_serves_every_engine(memory: Place, tmp_path: Path) -> None:
    policy: Policy = memory.policy
    with on_sqlite(tmp_path / "other.db") as engine:
        other = things.install(engine, policy)
        assert [user.id for user in other.users] == [user.id for user in policy.users]
        with Environment(engine, policy, user="ann") as env:
            assert not env["h.thing"].search([])
        with memory.env() as env:
            assert len(env["h.thing"].search([])) == 1
