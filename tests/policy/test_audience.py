"""Which share users a definition reaches."""

from __future__ import annotations

import pytest

from ostiary.policy import Audience, audience_chain, audience_of, share_groups
from policy.build import BASE, groups, policy

GRAPH = {
    **BASE,
    "base.group_portal": ["zz.through_portal"],
    "zz.through_portal": ["zz.deep"],
    "zz.partner": ["base.group_portal", "zz.partner_only"],
    "zz.visitor": ["base.group_public"],
    "zz.employee": ["base.group_user", "base.group_portal"],
    "zz.staff": [],
}
MADE = policy(groups=groups(GRAPH))


def test_share_groups() -> None:
    assert share_groups(MADE) == ("base.group_portal", "base.group_public", "zz.partner", "zz.visitor")
    assert share_groups(policy(groups={})) == ("base.group_portal", "base.group_public")


@pytest.mark.parametrize("group,labels,reached", [
    ("base.group_portal", ("portal",), ("base.group_portal", "zz.partner")),
    ("zz.deep", ("portal",), ("base.group_portal", "zz.partner")),
    ("base.group_public", ("public",), ("base.group_public", "zz.visitor")),
    ("zz.partner", ("zz.partner",), ("zz.partner",)),
    ("zz.partner_only", ("zz.partner",), ("zz.partner",)),
    ("zz.staff", (), ()), ("base.group_user", (), ()), ("x.unknown", (), ()),
])  # fmt: skip
def test_audience_of_a_group(group: str, labels: tuple[str, ...], reached: tuple[str, ...]) -> None:
    found = audience_of(MADE, group)
    assert found == Audience(labels, reached)
    assert bool(found) is bool(labels)


def test_a_groupless_definition_reaches_everyone() -> None:
    found = audience_of(MADE, None)
    assert found.everyone
    assert found.labels == ("everyone",)
    assert found.groups == share_groups(MADE)


def test_share_groups_that_imply_each_other_have_one_label() -> None:
    made = policy(
        groups=groups(
            {**BASE, "zz.a": ["zz.b", "base.group_portal"], "zz.b": ["zz.a"], "base.group_portal": []}
        )
    )
    assert audience_of(made, "zz.b").labels == ("zz.a",)


def test_audience_chain() -> None:
    steps = audience_chain(MADE, "portal", "zz.deep")
    assert steps is not None
    assert [link.group for link in steps] == ["zz.through_portal", "zz.deep"]
    assert audience_chain(MADE, "base.group_portal", "zz.deep") == steps
    assert audience_chain(MADE, "public", "zz.deep") is None
    assert audience_chain(MADE, "zz.partner", "zz.partner") == ()
