"""The policy of enforce_shop in casbin, Cedar and Tryton, as far as each can express it."""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from enforce_shop import LIMIT, LOGIN, Order, Person, condition, followers, newest, person
from made_up import ORDER

from ostiary.enforce import Environment
from ostiary.policy import Policy

LINE = "{:<12} {:<24} {:<34} {:>10} {:>8}"
SAMPLE = 2_000
"""Rows that a library which decides one record at a time is asked about; the whole table is worked out from it."""

Row = dict[str, Any]
Decide = Callable[[Sequence[Row]], list[bool]]

# What a library can't do of what `Environment` does with the same rules.
CANNOT = {
    "ostiary": "filtered_access of all at once, values read from the database; a list is one query, see above",
    "at hand": "has_access of one record after the other, of values that Ostiary has read already",
    "casbin": "no queries: each row is loaded and asked about; child_of is a comparison of paths the application makes",
    "cedarpy": "no queries: each row is loaded and sent as an entity; ancestors have to be sent along",
    "tryton": "its rules' domains decided in memory, as its client does; the application loads links",
}


def peers(engine: sa.Engine, policy: Policy, rows: int) -> None:
    """Ask each about the same rows, and hold its answers against those of SQL; the first two are Ostiary."""
    with engine.connect() as connection:
        who = person(connection)
        sample = loaded(connection, who, min(rows, SAMPLE))
        inside = sa.select(Order.id).where(condition(who, engine.dialect.name))
        expected = set(
            connection.execute(inside.where(Order.id.in_([row["id"] for row in sample]))).scalars()
        )
        start = time.perf_counter()
        connection.execute(newest(sa.select(Order.id)).where(condition(who, engine.dialect.name))).all()
        print(LINE.format("by SQL", "list of 80", "the rules in the query",
                          f"{(time.perf_counter() - start) * 1e3:.1f} ms", ""))  # fmt: skip
        measure("ostiary", from_rows(engine, policy), sample, expected, rows)
        with Environment(engine, policy, user=LOGIN) as env:
            measure("at hand", at_hand(env), sample, expected, rows)
        for name, make in (("casbin", casbin), ("cedarpy", cedar), ("tryton", tryton)):
            if importlib.util.find_spec("trytond" if name == "tryton" else name) is None:
                print(LINE.format(name, "", "not installed, not measured", "", ""))
                continue
            measure(name, make(who), sample, expected, rows)


def loaded(connection: sa.Connection, who: Person, count: int) -> list[Row]:
    """The newest orders with all that the rules ask of them: what filtering in Python has to load first. The user's
    own are among them."""
    path = sa.text("(SELECT parent_path FROM res_partner WHERE id = bench_order.partner_id) AS path")
    of_row = sa.select(Order.id, Order.partner_id, Order.user_id, Order.company_id, Order.state, path)
    latest = of_row.order_by(Order.date_order.desc(), Order.id.desc()).limit(count)
    own = of_row.where(condition(who, connection.dialect.name)).limit(200)
    start = time.perf_counter()
    rows = {row["id"]: dict(row) for row in connection.execute(latest).mappings()}
    spent = time.perf_counter() - start
    rows |= {row["id"]: dict(row) for row in connection.execute(own).mappings()}
    linked = connection.execute(
        sa.select(followers.c.order_id, followers.c.partner_id).where(followers.c.order_id.in_(list(rows)))
    )
    for row in rows.values():
        row["followers"] = []
    for order, partner in linked:
        rows[order]["followers"].append(partner)
    print(LINE.format("in Python", "loading", f"{count:,} of the rows", f"{spent * 1e3:.0f} ms", ""))
    return list(rows.values())


def measure(name: str, decide: Decide, sample: list[Row], expected: set[int], rows: int) -> None:
    """Decisions a second, the list of 80 that follows from it, and that the answers are the same."""
    spent = []
    answers: list[bool] = []
    for _ in range(3):
        start = time.process_time()
        answers = decide(sample)
        spent.append(time.process_time() - start)
    found = {row["id"] for row, passes in zip(sample, answers, strict=True) if passes}
    if found != expected:
        raise SystemExit(f"{name} does not agree: {len(found)} records instead of {len(expected)}")
    each = statistics.median(spent) / len(sample)
    print(LINE.format(name, "decisions a second", f"of {len(sample):,} rows", f"{1 / each:,.0f}", ""))
    print(LINE.format(name, "one decision", "", f"{each * 1e6:.1f} µs", ""))
    print(LINE.format(name, f"list of {LIMIT}", f"all {rows:,} rows, worked out", f"{each * rows:.0f} s", ""))
    print(f"             {name}: {CANNOT[name]}", flush=True)


def at_hand(env: Environment) -> Decide:
    """`has_access` of each record, of values that were read before, as the others are given theirs."""

    def decide(rows: Sequence[Row]) -> list[bool]:
        return [order.has_access("read") for order in env[ORDER].browse([row["id"] for row in rows])]

    return decide


def from_rows(engine: sa.Engine, policy: Policy) -> Decide:
    """All records at once, in an Environment that has read nothing yet."""

    def decide(rows: Sequence[Row]) -> list[bool]:
        with Environment(engine, policy, user=LOGIN) as env:
            orders = env[ORDER].browse([row["id"] for row in rows])
            passing = set(orders.filtered_access("read").ids)
            return [one in passing for one in orders.ids]

    return decide


MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = group, act, condition
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = p.group in r.sub.groups and r.act == p.act and r.obj.in_company(r.sub) and eval(p.condition)
"""
CONDITIONS = (
    "r.obj.path.startswith(r.sub.path)",
    "r.obj.user_id == r.sub.user or r.sub.partner in r.obj.followers",
)


def casbin(who: Person) -> Decide:
    """Attributes in a matcher; each rule is a line of the policy, and one that passes is enough."""
    library = import_module("casbin")
    model = library.model.Model()
    model.load_model_from_text(MODEL)
    enforcer = library.Enforcer(model)
    for text in CONDITIONS:
        enforcer.add_policy("portal", "read", text)
    subject = _Subject(who)
    return lambda rows: [enforcer.enforce(subject, _Object(row), "read") for row in rows]


class _Subject:
    def __init__(self, who: Person) -> None:
        self.user, self.partner, self.path = who.user, who.partner, who.path
        self.companies = (None, *who.companies)
        self.groups = ("portal",)


class _Object:
    def __init__(self, row: Row) -> None:
        self.path, self.user_id, self.company_id = row["path"], row["user_id"], row["company_id"]
        self.followers = row["followers"]

    def in_company(self, subject: _Subject) -> bool:
        return self.company_id in subject.companies


CEDAR = """
permit (principal in Group::"portal", action == Action::"read", resource)
when { resource.partner in principal.commercial };
permit (principal in Group::"portal", action == Action::"read", resource)
when { resource.user == principal || resource.followers.contains(principal.partner) };
forbid (principal, action == Action::"read", resource)
when { resource has company && !principal.companies.contains(resource.company) };
"""


def cedar(who: Person) -> Decide:
    """Rules of groups as permits, the global one as a forbid; partners in a tree of entities. Rows go in batches."""
    library = import_module("cedarpy")
    policies = library.PolicySet.from_str(CEDAR)

    def decide(rows: Sequence[Row]) -> list[bool]:
        answers: list[bool] = []
        for begin in range(0, len(rows), 1_000):
            part = rows[begin : begin + 1_000]
            entities = library.Entities.from_json_str(json.dumps(_entities(who, part)))
            requests = [
                {
                    "principal": f'User::"{who.user}"',
                    "action": 'Action::"read"',
                    "resource": f'Order::"{row["id"]}"',
                    "context": {},
                }
                for row in part
            ]
            found = library.is_authorized_batch(requests, policies, entities)
            answers += [one.decision == library.Decision.Allow for one in found]
        return answers

    return decide


def _entity(kind: str, id: object) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": str(id)}}


def _entities(who: Person, rows: Sequence[Row]) -> list[dict[str, Any]]:
    root = who.path.strip("/").rpartition("/")[2]
    paths = {row["path"] for row in rows} | {f"{who.path}{who.partner}/"}
    partners: dict[str, str | None] = {}
    for path in paths:
        ids = path.strip("/").split("/")
        partners |= {one: above for above, one in zip([None, *ids], ids, strict=False)}
    user = {
        "uid": _entity("User", who.user),
        "attrs": {
            "partner": _entity("Partner", who.partner),
            "commercial": _entity("Partner", root),
            "companies": [_entity("Company", one) for one in who.companies],
        },
        "parents": [_entity("Group", "portal")],
    }
    tree = [
        {"uid": _entity("Partner", one), "attrs": {}, "parents": [_entity("Partner", above)] if above else []}
        for one, above in partners.items()
    ]
    return [user, *tree, *[_order(row) for row in rows]]


def _order(row: Row) -> dict[str, Any]:
    attrs = {
        "partner": _entity("Partner", row["partner_id"]),
        "user": _entity("User", row["user_id"]),
        "followers": [_entity("Partner", one) for one in row["followers"]],
    }
    if row["company_id"] is not None:
        attrs["company"] = _entity("Company", row["company_id"])
    return {"uid": _entity("Order", row["id"]), "attrs": attrs, "parents": []}


def tryton(who: Person) -> Decide:
    """The domains of its rules with the user's values in them, evaluated on the values of each record."""
    pyson = import_module("trytond.pyson")
    eval_domain = import_module("trytond.tools.domain_inversion").eval_domain
    rules = [
        "AND",
        ["OR", ("company", "=", None), ("company", "in", pyson.Eval("companies", []))],
        [
            "OR",
            ("path", "like", pyson.Eval("below")),
            ("user", "=", pyson.Eval("user")),
            ("followers", "=", pyson.Eval("partner")),
        ],
    ]
    given = {
        "companies": list(who.companies), "below": f"{who.path}%", "user": who.user, "partner": who.partner,
    }  # fmt: skip
    domain = pyson.PYSONDecoder(given).decode(pyson.PYSONEncoder().encode(rules))
    names = {"user": "user_id", "company": "company_id", "path": "path", "followers": "followers"}
    return lambda rows: [
        bool(eval_domain(domain, {name: row[key] for name, key in names.items()})) for row in rows
    ]
