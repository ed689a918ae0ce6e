"""How long decisions about records take, beside a target and what Odoo itself takes.

    python benchmarks/decide.py [check] [domains] [filter] [--quick] [--database URL] [--postgres URL]

`check`: one record checked in memory, with 1, 10 and 100 rules. `domains`: the rules evaluated for each user, model and
mode, of `--database` (an Odoo's, which is only read) or of a policy of that size made up here. `filter`: a million rows
filtered in PostgreSQL and SQLite, against the same WHERE written by hand, the two measured in turn.

PostgreSQL is `--postgres`, where a database is made and dropped, or else that of the tests. All figures are medians,
those of `check` of processor time. Odoo's are of 18.0 on two cores in a single process.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import platform
import time
from itertools import cycle

import sqlalchemy as sa
from filter_rows import filter_rows
from made_up import HERE, ORDER, STAFF, field, median, model, people

from ostiary.policy import (
    AccessRight,
    GroupLink,
    Mode,
    Policy,
    RecordRule,
)
from ostiary.records.access import Access
from ostiary.records.create import create_tables
from ostiary.records.errors import RecordsError
from ostiary.records.memory import Reader, Rows, compile_domain
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store

MODES = tuple(Mode)
LINE = "{:<44} {:>12} {:>12} {:>24}"


def make_people(connection: sa.Connection, schema: Schema) -> None:
    table = {name: schema.model(name).table for name in ("res.company", "res.partner", "res.users")}
    connection.execute(sa.insert(table["res.company"]), [{"id": one} for one in (1, 2)])
    rows = [
        {"id": user.id, "login": user.login, "partner_id": user.id, "company_id": 1}
        for user in schema.policy.users
    ]
    partners = [{"id": row["id"], "commercial_partner_id": row["id"]} for row in rows]
    connection.execute(sa.insert(table["res.partner"]), partners)
    connection.execute(sa.insert(table["res.users"]), rows)
    connection.commit()


def show(what: str, figure: str, target: str, odoo: str = "") -> None:
    print(LINE.format(what, figure, target, odoo), flush=True)


# -- one record ----------------------------------------------------------------------------------------------


def order_policy(rules: int) -> Policy:
    """Orders that are open to their user, their team ... by group rules, and limited by companies: `rules` in all."""
    fields = [field("user_id", "many2one", "res.users"), field("company_id", "many2one", "res.company")]
    fields += [field("amount", "float"), field("state", "char")]
    given = people(3)
    given["models"][ORDER] = model(ORDER, *fields)
    texts: list[tuple[str, tuple[str, ...]]] = [
        (f"[('user_id', '=', {one + 1})]", (STAFF,)) for one in range(rules)
    ]
    if rules > 1:
        texts[0] = ("[('user_id', '=', user.id)]", (STAFF,))
        texts[-1] = ("['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]", ())
    made = [
        RecordRule(
            origin=HERE, xmlid=f"bench.rule_{index}", model=ORDER, domain_force=text,
            groups=tuple(GroupLink(group, HERE) for group in groups), modes=MODES,
        )
        for index, (text, groups) in enumerate(texts)
    ]  # fmt: skip
    right = AccessRight(origin=HERE, xmlid="bench.right", model=ORDER, group=STAFF, modes=MODES)
    return Policy(**given, rights=[right], rules=made)


def check(quick: bool) -> None:
    calls = 2_000 if quick else 20_000
    odoo = {1: "1,219 us (sale.order)"}
    for rules in (1, 10, 100):
        schema = Schema(order_policy(rules))
        with sa.create_engine("sqlite://").connect() as connection:
            create_tables(schema, connection)
            make_people(connection, schema)
            # All pass: the last of the ORed rules is the one that does.
            row = {"user_id": max(rules - 1, 1), "company_id": 1, "amount": 1.0, "state": "draft"}
            data = {ORDER: dict.fromkeys(range(1, 5001), row)}
            data["res.users"] = {user.id or 0: {"partner_id": user.id} for user in schema.policy.users}
            table = schema.model(ORDER).table
            connection.execute(sa.insert(table), [{"id": one} | row for one in data[ORDER]])
            for source, kind in (
                (Rows(schema, data), "dicts"),
                (Reader(Store(schema, connection)), "tables"),
            ):
                access = Access(Store(schema, connection), source)  # type: ignore[arg-type]
                checked(
                    access, f"{rules} rules, {kind}", calls, odoo.get(rules, "") if kind == "tables" else ""
                )


def checked(access: Access, what: str, calls: int, odoo: str) -> None:
    session = access.session_of("u1")
    ids = list(range(1, 5_001))
    domain = access.rule_domain(session, ORDER, Mode.READ)
    test = compile_domain(access.reader, access, session.sudo(), ORDER, domain)

    def one_by_one() -> None:
        given = cycle(ids)
        for _ in range(calls):
            access.check(session, ORDER, Mode.READ, [next(given)])

    def bare() -> None:
        given = cycle(ids)
        for _ in range(calls):
            test(next(given))

    one_by_one()
    show(
        f"check, {what}", f"{median(one_by_one, 5, time.process_time) / calls * 1e6:.1f} us", "<= 10 us", odoo
    )
    show("  its test alone", f"{median(bare, 5, time.process_time) / calls * 1e6:.2f} us", "")


# -- all domains ---------------------------------------------------------------------------------------------


def large_policy() -> Policy:
    """45 users, 570 models, 4 modes; 400 rules of the usual sorts, on two thirds of the models."""
    given = people(45)
    fields = [
        field("user_id", "many2one", "res.users"),
        field("partner_id", "many2one", "res.partner"),
        field("company_id", "many2one", "res.company"),
    ]
    names = [f"bench.model_{one}" for one in range(567)]
    given["models"] |= {name: model(name, *fields) for name in names}
    texts = [
        "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]",
        "[('user_id', '=', user.id)]",
        "[('partner_id', 'child_of', user.partner_id.commercial_partner_id.id)]",
        "[(1, '=', 1)]",
        "['|', ('user_id', '=', user.id), ('partner_id', '=', user.partner_id.id)]",
    ]
    rules = [
        RecordRule(
            origin=HERE, xmlid=f"bench.rule_{one}", model=names[one % 370], domain_force=texts[one % len(texts)],
            groups=() if one % len(texts) == 0 else (GroupLink(f"bench.group_{one % 20}", HERE),), modes=MODES,
        )
        for one in range(400)
    ]  # fmt: skip
    rights = [
        AccessRight(
            origin=HERE, xmlid=f"bench.right_{one}_{index}", model=name,
            group=STAFF if one % 3 else f"bench.group_{(one + index) % 20}", modes=MODES,
        )
        for one, name in enumerate(names)
        for index in range(2)
    ]  # fmt: skip
    return Policy(**given, rights=rights, rules=rules)


def domains(url: str | None, runs: int) -> None:
    with contextlib.ExitStack() as stack:
        if url:
            policy, schema, connection = opened(stack, url)
        else:
            policy = large_policy()
            schema = Schema(policy)
            connection = stack.enter_context(sa.create_engine("sqlite://").connect())
            create_tables(schema, connection, ["res.company", "res.partner", "res.users"])
            make_people(connection, schema)
        users = [user for user in policy.users if user.active and user.id is not None]
        found: dict[str, int] = {}

        def cold() -> None:
            store = Store(schema, connection)
            access = Access(store, Reader(store))
            found.update(dict.fromkeys(("domains", "no right", "not decided"), 0))
            for user in users:
                session = access.session_of(user)
                for name in policy.models:
                    for mode in MODES:
                        found[ground(access, session, name, mode)] += 1

        # What was worked out about the policy itself is kept with it: the first run is the cold one.
        start, busy = time.perf_counter(), time.process_time()
        cold()
        first, busy = time.perf_counter() - start, time.process_time() - busy
        again = median(cold, runs)
        total = len(users) * len(policy.models) * len(MODES)
        where_from = "database" if url else "made up"
        show(f"domains of {total:,} ({where_from}), cold", f"{first:.2f} s", "<= 1 s", "32.5 s (102,600)")
        show("  processor time of that", f"{busy:.2f} s", "")
        show("  the same, policy already asked", f"{again:.2f} s", "")
        show("  one of them", f"{first / total * 1e6:.1f} us", "", "558 us cold, 9.8 us warm")
        print("  " + ", ".join(f"{count:,} {what}" for what, count in found.items()))


def ground(access: Access, session: Session, name: str, mode: Mode) -> str:
    try:
        selection = access.selection(session, name, mode)
        if selection is None:
            return "no right"
        access.rules.ground(session, selection)
    except RecordsError:
        return "not decided"
    return "domains"


def opened(stack: contextlib.ExitStack, url: str) -> tuple[Policy, Schema, sa.Connection]:
    from ostiary.records.schema import read_catalog
    from ostiary.sources import open_policy

    found = open_policy([url])
    policy: Policy = getattr(found, "policy", found)
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    connection = stack.enter_context(engine.connect())
    connection.execute(sa.text("SET TRANSACTION READ ONLY"))
    return policy, Schema(policy, read_catalog(connection)), connection


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("check", "domains", "filter")
    parser.add_argument("part", nargs="*", metavar="part", help=f"some of {', '.join(parts)} (all)")
    parser.add_argument("--quick", action="store_true", help="fewer calls, and 10,000 rows")
    parser.add_argument("--database", help="an Odoo database, for domains")
    parser.add_argument("--postgres", help="a server to make a database on, for filter")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    wanted = options.part or parts
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.runs} runs, medians")
    if {"check", "domains"} & set(wanted):
        print(LINE.format("what", "here", "target", "Odoo"))
    gc.freeze()
    if "check" in wanted:
        check(options.quick)
    if "domains" in wanted:
        domains(options.database, min(options.runs, 3))
    if "filter" in wanted:
        filter_rows(options.postgres, options.quick, options.runs)


if __name__ == "__main__":
    main()
