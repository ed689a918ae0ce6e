"""Small made-up definitions that the benchmarks of records share."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from ostiary.policy import Company, Field, Group, GroupLink, Model, Module, Origin, User

HERE = Origin(module="bench", path="benchmarks/made_up.py", line=1)
STAFF = "bench.staff"
ORDER = "bench.order"


def field(name: str, type_: str, comodel: str | None = None, **more: Any) -> Field:
    return Field(origin=HERE, name=name, type=type_, comodel=comodel, module="bench", **more)


def model(name: str, *fields: Field, **more: Any) -> Model:
    return Model(origin=HERE, name=name, modules=("bench",), fields={one.name: one for one in fields}, **more)


def median(run: Callable[[], object], runs: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of a call."""
    taken = []
    for _ in range(runs):
        start = clock()
        run()
        taken.append(clock() - start)
    return statistics.median(taken)


def people(count: int) -> dict[str, Any]:
    """Users, the models they are records of, and one group that all of them hold."""
    company = field("company_id", "many2one", "res.company")
    companies = field("company_ids", "many2many", "res.company")
    models = [
        model("res.company", field("name", "char"), field("parent_id", "many2one", "res.company")),
        model("res.partner", field("name", "char"), field("commercial_partner_id", "many2one", "res.partner")),
        model("res.users", field("login", "char"), field("partner_id", "many2one", "res.partner"), company, companies),
    ]  # fmt: skip
    groups = [Group(origin=HERE, xmlid=STAFF, name="staff")]
    groups += [Group(origin=HERE, xmlid=f"bench.group_{one}", name=str(one)) for one in range(20)]
    users = []
    for one in range(1, count + 1):
        held = (STAFF, f"bench.group_{one % 20}", f"bench.group_{one % 7}")
        links = tuple(GroupLink(group, HERE) for group in dict.fromkeys(held))
        both = ("bench.c1", "bench.c2")
        users.append(
            User(origin=HERE, login=f"u{one}", id=one + 10, groups=links, company=both[0], companies=both)
        )
    return {
        "odoo": "18.0",
        "modules": {"bench": Module(origin=HERE, name="bench")},
        "models": {one.name: one for one in models},
        "groups": {one.xmlid: one for one in groups},
        "companies": [Company(origin=HERE, xmlid=f"bench.c{one}", name=str(one), id=one) for one in (1, 2)],
        "users": users,
    }
