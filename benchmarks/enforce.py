"""What enforcing costs, beside the same written by hand and beside other access libraries, in one run.

    python benchmarks/enforce.py [list] [check] [tests] [peers] [--quick] [--runs N] [--postgres URL]

`list`: a portal user's list, the newest 80 of a million orders, through `Environment` and `secure`, against SQLAlchemy
by hand with the same conditions, on SQLite and PostgreSQL: in an open transaction, and as a request that finds out
first who asks. `check`: `check_access` of one record whose values are at hand. `tests`: ten thousand expectations.
`peers`: the same policy in casbin, Cedar and Tryton's rules, as far as they can express it, where they are installed
(`pip install casbin cedarpy trytond`).

The definitions are made up here, as are the rows, which go away. A PostgreSQL is started where no URL is given. Figures
are medians: of wall time where a database answers, of processor time where only Python works (`check`, `peers`). Those
of a list are measured in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from enforce_shop import ASKED, FIELDS, LIMIT, LOGIN, Base, Order, Person, condition, fill, newest, person
from filter_rows import engines
from made_up import ORDER, median
from sqlalchemy.orm import Session

from ostiary.enforce import Environment, secure
from ostiary.enforce.orm import policy_for
from ostiary.policy import Policy

LINE = "{:<12} {:<24} {:<34} {:>10} {:>8}"
NEWEST = "date_order desc, id desc"
ROWS = 1_000_000
Way = Callable[[], Any]


def lists(engine: sa.Engine, policy: Policy, runs: int) -> None:
    """The list of 80 in each way, in turn."""
    own = policy_for(Base, policy)
    user = policy.user_by_login[LOGIN]
    companies = [one.id for one in policy.companies if one.xmlid in user.companies and one.id is not None]
    dialect = engine.dialect.name

    def by_core(connection: sa.Connection, who: Person | None = None) -> list[dict[str, Any]]:
        wanted = newest(sa.select(*(getattr(Order, name) for name in ("id", *FIELDS))))
        wanted = wanted.where(condition(who or person(connection), dialect))
        return [dict(row) for row in connection.execute(wanted).mappings()]

    def by_orm(session: Session, who: Person | None = None) -> list[dict[str, Any]]:
        who = who or person(session.connection())
        return values(session.scalars(newest(sa.select(Order)).where(condition(who, dialect))))

    def by_secured(session: Session) -> list[dict[str, Any]]:
        return values(session.scalars(newest(sa.select(Order))))

    def by_read(env: Environment) -> list[dict[str, Any]]:
        return env[ORDER].search(ASKED, order=NEWEST, limit=LIMIT).read(FIELDS)

    def by_search_read(env: Environment) -> list[dict[str, Any]]:
        return env[ORDER].search_read(ASKED, FIELDS, order=NEWEST, limit=LIMIT)

    def opened(ask: Callable[[Environment], Any]) -> Any:
        with Environment(engine, policy, user=LOGIN) as env:
            return ask(env)

    def secured(session: Session) -> Session:
        return secure(session, own, user, companies=companies)

    def in_session(
        ask: Callable[[Session], Any], make: Callable[[Session], Session] = lambda one: one
    ) -> Any:
        with Session(engine) as session:
            return ask(make(session))

    def connected() -> Any:
        with engine.connect() as connection:
            return by_core(connection)

    requests: dict[str, Way] = {
        "by hand, Core": connected,
        "Environment, search_read": lambda: opened(by_search_read),
        "Environment, search and read": lambda: opened(by_read),
        "by hand, ORM": lambda: in_session(by_orm),
        "secure(session)": lambda: in_session(by_secured, secured),
    }
    show(dialect, "a request", requests, runs)
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(engine.connect())
        session = stack.enter_context(Session(engine))
        guarded = secured(stack.enter_context(Session(engine)))
        env = stack.enter_context(Environment(engine, policy, user=LOGIN))
        who = person(connection)
        inside: dict[str, Way] = {
            "by hand, Core": lambda: by_core(connection, who),
            "Environment, search_read": lambda: by_search_read(env),
            "Environment, search and read": lambda: by_read(env),
            "by hand, ORM": lambda: afresh(session, lambda one: by_orm(one, who)),
            "secure(session)": lambda: afresh(guarded, by_secured),
        }
        show(dialect, "in a transaction", inside, runs)


def values(orders: Any) -> list[dict[str, Any]]:
    return [{name: getattr(order, name) for name in ("id", *FIELDS)} for order in orders]


def afresh(session: Session, ask: Callable[[Session], Any]) -> Any:
    """With no object at hand, so that all of them are made."""
    session.expunge_all()
    return ask(session)


def show(dialect: str, where: str, ways: Mapping[str, Way], runs: int) -> None:
    """Measure each in turn, the other way round every other time, and print the medians and the ratios."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, list[int]] = {}
    for turn in range(runs + 1):
        for name, way in list(ways.items())[:: -1 if turn % 2 else 1]:
            start = time.perf_counter()
            rows = way()
            if turn:
                taken[name].append(time.perf_counter() - start)
            found[name] = [row["id"] for row in rows]
    if len({tuple(ids) for ids in found.values()}) != 1 or len(next(iter(found.values()))) != LIMIT:
        raise SystemExit(f"the ways do not agree: { ({name: len(ids) for name, ids in found.items()}) }")
    hand = 0.0
    for name, spent in taken.items():
        middle = statistics.median(spent)
        hand = middle if name.startswith("by hand") else hand
        ratio = "" if name.startswith("by hand") else f"{middle / hand:.2f}"
        print(LINE.format(dialect, where, name, f"{middle * 1e3:.2f}", ratio), flush=True)


def checks(engine: sa.Engine, policy: Policy) -> None:
    """`check_access` of one record, asked again, and of a record that was not read yet."""
    with Environment(engine, policy, user=LOGIN) as env:
        orders = env[ORDER].search(ASKED, order=NEWEST, limit=LIMIT)
        one = orders[:1]

        def again() -> None:
            for _ in range(1_000):
                one.check_access("read")

        def has() -> None:
            for _ in range(1_000):
                one.has_access("read")

        for name, way in (("check_access", again), ("has_access", has)):
            way()
            print(LINE.format(engine.dialect.name, name, "one record, values at hand",
                              f"{median(way, 9, time.process_time) * 1e3:.1f} µs", "<= 25"))  # fmt: skip

    def first() -> None:
        with Environment(engine, policy, user=LOGIN) as fresh:
            fresh[ORDER].browse(one.id).check_access("read")

    print(LINE.format(engine.dialect.name, "check_access", "a request for one record",
                      f"{median(first, 15) * 1e6:.0f} µs", ""))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", default=[], help="list, check, tests, peers; all by default")
    parser.add_argument("--quick", action="store_true", help="10,000 rows and fewer runs")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--postgres", help="URL of a server on which a database may be made")
    options = parser.parse_args()
    what = set(options.what) or {"list", "check", "tests", "peers"}
    rows, runs = (10_000, 5) if options.quick else (ROWS, options.runs)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, "
          f"SQLAlchemy {sa.__version__}, SQLite {sqlite3.sqlite_version}")  # fmt: skip
    if what & {"list", "check", "peers"}:
        print(LINE.format("", f"{rows:,} rows", "", "ms", "ratio"))
        with contextlib.ExitStack() as stack:
            for bare in engines(stack, options.postgres):
                engine = sa.create_engine(bare.url)  # with a pool, as an application has one
                start = time.perf_counter()
                policy = fill(engine, rows)
                print(f"{engine.dialect.name}: filled in {time.perf_counter() - start:.1f} s", flush=True)
                if "list" in what:
                    lists(engine, policy, runs)
                if "check" in what:
                    checks(engine, policy)
                if "peers" in what and engine.dialect.name == "sqlite":
                    from enforce_peers import peers

                    peers(engine, policy, rows)
                engine.dispose()
                bare.dispose()
    if "tests" in what:
        from enforce_tests import expectations

        expectations(1_000 if options.quick else 10_000)


if __name__ == "__main__":
    main()
