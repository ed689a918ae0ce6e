"""A million rows filtered in PostgreSQL and SQLite, against the same WHERE written by hand; see decide.py."""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from made_up import ORDER, field, median, model, people

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from ostiary.domain import from_python
from ostiary.policy import Policy, Subject
from ostiary.records.access_protocol import NoAccess
from ostiary.records.create import create_tables
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.sql import where
from ostiary.records.store import Store


def rows_policy() -> Policy:
    given = people(0)
    partner = model(
        "res.partner",
        field("country_id", "integer"),
        field("parent_id", "many2one", "res.partner"),
        field("parent_path", "char"),
        parent_store=True,
    )
    team = model("bench.team", field("leader", "integer"))
    line = model("bench.line", field("order_id", "many2one", ORDER), field("product", "integer"))
    order = model(
        ORDER,
        field("partner_id", "many2one", "res.partner"),
        field("team_id", "many2one", "bench.team"),
        field("user_id", "many2one", "res.users"),
        field("company_id", "many2one", "res.company"),
        field("line_ids", "one2many", "bench.line", inverse="order_id"),
    )
    given["models"] |= {one.name: one for one in (partner, team, line, order)}
    return Policy(**given)


PARTNERS = 50_000  # of a million orders
FILL = """
INSERT INTO res_partner (id, country_id, parent_id, parent_path)
    SELECT x, x % 500, CASE WHEN x > 50 THEN (x - 1) % 50 + 1 END,
           CASE WHEN x > 50 THEN CAST((x - 1) % 50 + 1 AS TEXT) || '/' ELSE '' END || CAST(x AS TEXT) || '/'
    FROM (WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < {partners}) SELECT x FROM g) AS n;
INSERT INTO bench_team (id, leader)
    SELECT x, x % 100
    FROM (WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < 1000) SELECT x FROM g) AS n;
INSERT INTO bench_order (id, partner_id, team_id, user_id, company_id)
    SELECT x, x * 7 % {partners} + 1, x * 11 % 1000 + 1, x * 13 % 1000 + 1, CASE WHEN x % 20 > 0 THEN x % 10 + 1 END
    FROM (WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < {rows}) SELECT x FROM g) AS n;
INSERT INTO bench_line (id, order_id, product)
    SELECT x, x * 3 % {rows} + 1, x % 10000
    FROM (WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < {rows}) SELECT x FROM g) AS n
"""

ORDERS_WHERE = "SELECT id FROM bench_order WHERE"
PARTNER_IDS = "SELECT id FROM res_partner WHERE country_id = 7"
TEAM_IDS = "SELECT id FROM bench_team WHERE leader = 3"
LINE_ORDERS = "SELECT order_id FROM bench_line WHERE product = 7 AND order_id IS NOT NULL"
BELOW_5 = "SELECT id FROM res_partner WHERE parent_path LIKE '5/%'"
IN_OR = {
    "IN": f"o.partner_id IN ({PARTNER_IDS}) OR o.user_id = 3",
    "ANY": f"o.partner_id = ANY (ARRAY({PARTNER_IDS})) OR o.user_id = 3",
    "UNION": f"o.id IN ({ORDERS_WHERE} partner_id IN ({PARTNER_IDS}) UNION {ORDERS_WHERE} user_id = 3)",
}  # fmt: skip
IN_OR_IN = {
    "IN": f"o.partner_id IN ({PARTNER_IDS}) OR o.team_id IN ({TEAM_IDS})",
    "ANY": f"o.partner_id = ANY (ARRAY({PARTNER_IDS})) OR o.team_id = ANY (ARRAY({TEAM_IDS}))",
    "UNION": f"o.id IN ({ORDERS_WHERE} partner_id IN ({PARTNER_IDS}) UNION {ORDERS_WHERE} team_id IN ({TEAM_IDS}))",
}  # fmt: skip
# Each shape: the domain, which of the texts is the same WHERE (on PostgreSQL, on SQLite), and the texts.
SHAPES: dict[str, tuple[list[Any], tuple[str, str], dict[str, str]]] = {
    "IN subquery": (
        [("partner_id.country_id", "=", 7)], ("IN", "IN"),
        {"IN": f"o.partner_id IN ({PARTNER_IDS})", "ANY": f"o.partner_id = ANY (ARRAY({PARTNER_IDS}))",
         "EXISTS": "EXISTS (SELECT 1 FROM res_partner p WHERE p.id = o.partner_id AND p.country_id = 7)"},
    ),
    "IN subquery OR user_id": (
        ["|", ("partner_id.country_id", "=", 7), ("user_id", "=", 3)], ("ANY", "IN"), IN_OR,
    ),
    "IN OR IN": (
        ["|", ("partner_id.country_id", "=", 7), ("team_id.leader", "=", 3)], ("ANY", "IN"), IN_OR_IN,
    ),
    "x2many any": (
        [("line_ids", "any", [("product", "=", 7)])], ("IN", "IN"),
        {"IN": f"o.id IN ({LINE_ORDERS})", "ANY": f"o.id = ANY (ARRAY({LINE_ORDERS}))",
         "EXISTS": "EXISTS (SELECT 1 FROM bench_line l WHERE l.order_id = o.id AND l.product = 7)"},
    ),
    "company in list or null": (
        [("company_id", "in", [1, 2, False])], ("ANY", "IN"),
        {"IN": "o.company_id IN (1, 2) OR o.company_id IS NULL",
         "ANY": "o.company_id = ANY (ARRAY[1, 2]) OR o.company_id IS NULL"},
    ),
    "child_of by parent_path": (
        [("partner_id", "child_of", 5)], ("IN", "IN"),
        {"IN": f"o.partner_id IN ({BELOW_5})", "ANY": f"o.partner_id = ANY (ARRAY({BELOW_5}))"},
    ),
}  # fmt: skip
NOT_IN_SQLITE = ("ANY (", "ARRAY")
SLOW = 10.0  # seconds; what takes longer once is not measured again


def filter_rows(postgres: str | None, quick: bool, runs: int) -> None:
    rows = 10_000 if quick else 1_000_000
    print(
        f"{rows:,} rows; ms of SELECT count(*), ours against the same by hand, and the best of the other ways"
    )
    form = "{:<12} {:<26} {:>9} {:>9} {:>7} {:>16} {:>7} {:>9}"
    print(form.format("", "shape", "ours ms", "hand ms", "ratio", "best other ms", "ratio", "build ms"))
    with contextlib.ExitStack() as stack:
        for engine in engines(stack, postgres):
            schema = Schema(rows_policy())
            with engine.connect() as connection:
                fill(connection, schema, rows)
                for shape in SHAPES:
                    print(
                        form.format(engine.dialect.name, *compare(Store(schema, connection), shape, runs)),
                        flush=True,
                    )
            engine.dispose()


def compare(store: Store, shape: str, runs: int) -> Sequence[str]:
    tokens, same, texts = SHAPES[shape]
    hand = same[store.dialect == "sqlite"]
    asking = Session(Subject("superuser", frozenset(), None, True, "superuser"), 1, 1, (1,), superuser=True)
    table = store.schema.model(ORDER).table
    domain = from_python(tokens)
    build = median(lambda: where(store, NoAccess(), asking, ORDER, domain), 5)
    condition = where(store, NoAccess(), asking, ORDER, domain)
    ours = sa.select(sa.func.count()).select_from(table).where(condition)
    ways: dict[str, sa.Executable] = {"ours": ours}
    for name, text in texts.items():
        if store.dialect != "sqlite" or not any(word in text for word in NOT_IN_SQLITE):
            ways[name] = sa.text(f"SELECT count(*) FROM bench_order o WHERE {text}")  # noqa: S608
    counts: dict[str, Any] = {}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        # Each in turn, and the other way round the next time.
        for name, statement in list(ways.items())[:: -1 if turn % 2 else 1]:
            start = time.perf_counter()
            counts[name] = store.connection.execute(statement).scalar()
            spent = time.perf_counter() - start
            if turn or spent > SLOW:
                taken[name].append(spent)
            if spent > SLOW and name not in ("ours", hand):
                del ways[name]
    if len(set(counts.values())) != 1:
        raise SystemExit(f"{shape}: the ways do not agree: {counts}")
    medians = {name: statistics.median(spent) * 1e3 for name, spent in taken.items()}
    mine, his = medians["ours"], medians[hand]
    best = min((name for name in medians if name != "ours"), key=medians.__getitem__)
    return (
        shape, f"{mine:.2f}", f"{his:.2f}", f"{mine / his:.2f}",
        f"{best} {medians[best]:.2f}", f"{mine / medians[best]:.2f}", f"{build * 1e3:.2f}",
    )  # fmt: skip


def fill(connection: sa.Connection, schema: Schema, rows: int) -> None:
    create_tables(schema, connection, ["res.partner", "bench.team", "bench.line", ORDER])
    sized = FILL.format(rows=rows, partners=max(rows * PARTNERS // 1_000_000, 100))
    for statement in sized.split(";"):
        connection.execute(sa.text(statement))
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.text("VACUUM ANALYZE"))
    else:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()


def engines(stack: contextlib.ExitStack, postgres: str | None) -> Iterator[sa.Engine]:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    yield sa.create_engine(f"sqlite:///{folder}/rows.sqlite")
    name = f"ostiary_bench_{os.getpid()}"
    if postgres is None:
        from postgres import start, stop

        server = start()
        stack.callback(stop, server)
        postgres = server.url("postgres")
    url = sa.make_url(postgres).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield sa.create_engine(url.set(database=name), poolclass=sa.NullPool)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
