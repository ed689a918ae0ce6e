"""How PostgreSQL runs a guarded query: what depends on who asks is worked out once, and an index is used
where one helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from enforce.rls.world import World, model, right, rule

NAME = model(1)
ROWS = 20_000


@pytest.fixture(scope="module")
def large(small: World) -> Iterator[World]:
    """Many rows, of which each user has few."""
    small.connection.execute(
        sa.text(
            "INSERT INTO zz_m01 (id, name, user_id, partner_id, company_id, tree_id, active)"
            " SELECT 10000 + n, 'x', 1000 + n % 5000, 1000 + n % 5000, 1000 + n % 100, 1000 + n % 5000, true"
            f" FROM generate_series(1, {ROWS}) n"
        )
    )
    small.connection.commit()
    small.connection.execute(sa.text("ANALYZE zz_m01"))
    small.connection.commit()
    yield small
    small.connection.rollback()
    small.connection.execute(sa.text("DELETE FROM zz_m01 WHERE id > 10000"))
    small.connection.commit()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def explained(
    made: World, domain: str, groups: tuple[str, ...] = (), query: str = ""
) -> list[dict[str, Any]]:
    """The plan's nodes for an agent, as it was run."""
    made.given([right(1, "zz.agent")], [rule(1, domain, groups)])
    with made.asking(made.session("agent")) as connection:
        made_so = connection.execute(
            sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query or 'SELECT id FROM zz_m01'}")
        )
        return list(nodes(made_so.scalar_one()[0]["Plan"]))


INDEXED = (
    "[('user_id', '=', user.id)]",
    "[('company_id', 'in', company_ids)]",
    "['|', ('user_id', '=', user.id), ('partner_id', '=', user.partner_id.id)]",
    "['|', ('tree_id.user_id', '=', user.id), ('user_id', '=', user.id)]",
    "[('partner_id', 'child_of', user.commercial_partner_id.id)]",
)


@pytest.mark.parametrize("domain", INDEXED)
@pytest.mark.parametrize("groups", [(), ("zz.agent",), ("base.group_user",)])
def test_few_of_many_rows_are_found_by_an_index(large: World, domain: str, groups: tuple[str, ...]) -> None:
    found = explained(large, domain, groups)
    assert not [
        one for one in found if one["Node Type"] == "Seq Scan" and one.get("Relation Name") == "zz_m01"
    ]
    assert [one for one in found if "Index" in one["Node Type"]]


@pytest.mark.parametrize(
    "domain", [*INDEXED, "[('tree_id.user_id', '=', user.id)]", "[('tree_id.user_id', '!=', user.id)]"]
)
def test_what_depends_on_who_asks_is_worked_out_once(large: World, domain: str) -> None:
    found = explained(large, domain)
    apart = [one for one in found if one.get("Parent Relationship") in ("InitPlan", "SubPlan")]
    assert apart
    assert all(one["Actual Loops"] <= 1 for one in apart)
    for one in found:
        for key in ("Filter", "Index Cond", "Recheck Cond", "One-Time Filter"):
            assert "ostiary." not in one.get(key, "")
            assert "&&" not in one.get(key, "")


def test_a_set_under_and_is_hashed_not_asked_for_each_row(large: World) -> None:
    found = explained(large, "[('tree_id.code', '=', 'x'), ('active', '=', True)]")
    assert any("hashed SubPlan" in one.get("Filter", "") for one in found)
    scans = [one for one in found if one["Node Type"] == "Function Scan"]
    assert [one["Actual Loops"] for one in scans] == [1]
