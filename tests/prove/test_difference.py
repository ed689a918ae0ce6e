"""What a change newly grants, and what it takes away."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ostiary.policy import Mode, Policy
from ostiary.prove.difference import default_audiences, differences
from ostiary.prove.verdict import Change, Difference
from prove.corpus import Case

FIELDS = {
    "partner_id": "many2one res.partner",
    "user_id": "many2one res.users",
    "company_id": "many2one res.company",
    "state": "selection",
    "score": "integer compute=_compute_score search=_search_score",
}
MINE = "('partner_id', '=', user.partner_id.id)"
ENTITY = "('partner_id', 'child_of', user.commercial_partner_id.id)"


def policy(*rules: Any, **more: Any) -> Policy:
    case = {
        "name": "-",
        "why": "-",
        "verdict": "open",
        "fields": FIELDS,
        "rules": [f"[{one}]" if isinstance(one, str) else one for one in rules],
        **more,
    }
    return msgspec.convert(case, Case).policy


def changes(old: Policy, new: Policy, **more: Any) -> list[Difference]:
    return list(differences(old, new, audiences=["portal"], modes=[Mode.READ], **more))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (MINE, MINE),
        (MINE, "('partner_id', 'in', [user.partner_id.id])"),
        (ENTITY, ENTITY.replace(".id)", ".ids)")),
        (f"'|', {MINE}, ('state', '=', 'sent')", f"'|', ('state', '=', 'sent'), {MINE}"),
        (f"'!', '&', '!', {MINE}, ('state', '!=', 'sent')", f"'|', {MINE}, ('state', '=', 'sent')"),
        ("('state', 'in', ['a', 'b'])", "'|', ('state', '=', 'a'), ('state', '=', 'b')"),
        ("('score', '>', 5)", "('score', '>', 5)"),
    ],
)  # fmt: skip
def test_another_way_to_say_it_is_no_difference(old: str, new: str) -> None:
    assert changes(policy(old), policy(new)) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (MINE, ENTITY, Change.MORE),
        (ENTITY, MINE, Change.LESS),
        (MINE, f"{MINE}, ('state', '=', 'sent')", Change.LESS),
        (MINE, "('user_id', '=', user.id)", Change.INCOMPARABLE),
        (MINE, f"'|', {MINE}, ('partner_id', '=', False)", Change.MORE),
        (MINE, "('company_id', 'in', company_ids)", Change.INCOMPARABLE),
        (MINE, f"{MINE}, ('score', '>', 5)", Change.UNKNOWN),
    ],
)
def test_what_it_comes_to(old: str, new: str, change: Change) -> None:
    (found,) = changes(policy(old), policy(new), cross_check=True)
    assert found.change is change, found
    assert found.defect == ""
    assert found.causes == ("x.rule_1",)
    assert (found.gained is not None) is (change in (Change.MORE, Change.INCOMPARABLE))
    assert (found.lost is not None) is (change in (Change.LESS, Change.INCOMPARABLE))
    assert all(one.reproduced for one in (found.gained, found.lost) if one)
    assert bool(found.unknown) is (change is Change.UNKNOWN)
    assert found.wider is (change in (Change.MORE, Change.INCOMPARABLE))


def test_a_right_that_is_new_is_the_cause_and_not_the_rule_that_came_to_bind() -> None:
    right = {"model": "x.thing", "group": "base.group_portal", "modes": "r"}
    old = policy(MINE, rights=[{**right, "active": False}])
    (found,) = changes(old, policy(MINE, rights=[right]))
    assert (found.change, found.causes) == (Change.MORE, ("x.right_1",))


def test_a_group_that_comes_to_be_implied() -> None:
    rules = [
        {"domain": "[(1, '=', 1)]", "groups": ["x.all"]},
        {"domain": f"[{MINE}]", "groups": ["base.group_portal"]},
    ]
    old = policy(*rules, groups={"x.all": []})
    new = policy(*rules, groups={"x.all": [], "base.group_portal": ["x.all"]})
    (found,) = changes(old, new)
    assert (found.change, found.causes) == (Change.MORE, ("x.rule_1",))


def test_a_model_that_is_gone_and_one_that_is_new() -> None:
    empty = policy(MINE, rights=[])
    assert [one.change for one in changes(empty, policy(MINE))] == [Change.MORE]
    assert [one.change for one in changes(policy(MINE), empty)] == [Change.LESS]


def test_those_a_changed_definition_is_about_are_compared_by_default() -> None:
    rule = {"domain": f"[{MINE}]", "groups": ["x.staff"]}
    old, new = policy(rule, groups={"x.staff": []}), policy(groups={"x.staff": []})
    assert default_audiences(old, new)[:3] == ["portal", "public", "base.group_user"]
    assert "x.staff" in default_audiences(old, new)
