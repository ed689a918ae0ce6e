"""What was not read, or not understood, comes out as unknown: never as allowed and never as denied."""

from __future__ import annotations

import pytest

from ostiary.policy import (
    Group,
    Implication,
    Kind,
    Origin,
    Policy,
    Question,
    Subject,
    Verdict,
    decide,
    effective,
    holds,
    may,
    may_use,
)
from policy.build import BASE, CREATE, READ, field, groups, model, module, policy, reasons, right, rule, user

USER, PORTAL = "base.group_user", "base.group_portal"
OPAQUE = "some_function(user)"
OPEN = [right("zz.r", "zz.thing", USER, "rwcu")]
PLACE = Origin(path="zz/security.xml", line=5, module="zz")


def thing(**parts: object) -> Policy:
    parts.setdefault("models", [model("zz.thing", [field("name")])])
    parts.setdefault("rights", OPEN)
    return policy(**parts)


def verdict(made: Policy, group: str = USER, model_: str = "zz.thing") -> Verdict:
    return effective(made, Subject.of_group(made, group), model_, READ).verdict


# ------------------------------------------------------------------------------------ domains


@pytest.mark.parametrize("texts,expected", [
    ([OPAQUE], Verdict.UNKNOWN),
    ([f"['|', ('x','=',1), *{OPAQUE}]"], Verdict.UNKNOWN),
    ([OPAQUE, "[('x','=',1)]"], Verdict.UNKNOWN),
    ([OPAQUE, "[(0,'=',1)]"], Verdict.DENIED),
    (["[('x','=',1)]"], Verdict.FILTERED),
])  # fmt: skip
def test_an_opaque_global_rule(texts: list[str], expected: Verdict) -> None:
    made = thing(rules=[rule(f"zz.g{n}", "zz.thing", text) for n, text in enumerate(texts)])
    assert verdict(made) is expected


@pytest.mark.parametrize("other,expected", [
    ("[(1,'=',1)]", Verdict.ALLOWED), ("[(0,'=',1)]", Verdict.UNKNOWN), ("[('x','=',1)]", Verdict.UNKNOWN),
])  # fmt: skip
def test_an_opaque_group_rule_counts_unless_another_lets_everything_through(
    other: str, expected: Verdict
) -> None:
    made = thing(rules=[rule("zz.a", "zz.thing", OPAQUE, [USER]), rule("zz.b", "zz.thing", other, [USER])])
    assert verdict(made) is expected


def test_an_opaque_rule_of_a_group_the_subject_lacks_is_no_matter() -> None:
    made = thing(rules=[rule("zz.a", "zz.thing", OPAQUE, ["base.group_system"])])
    assert verdict(made) is Verdict.ALLOWED


def test_an_opaque_rule_is_named_with_its_place() -> None:
    made = thing(rules=[rule("zz.a", "zz.thing", OPAQUE)])
    found = effective(made, Subject.of_group(made, USER), "zz.thing", READ)
    assert [(one.kind, one.name, one.origin) for one in found.unknowns] == [("opaque", "zz.a", PLACE)]
    decision = decide(made, Subject.of_group(made, USER), Question(READ, "zz.thing"))
    assert decision.reason.verdict is None
    assert len(decision.caveats) == 1
    assert decision.caveats[0].startswith("A record rule's domain could not be understood: ")


def test_an_opaque_rule_of_a_parent_counts() -> None:
    made = thing(
        models=[model("zz.top"), model("zz.thing", inherits={"zz.top": "top_id"})],
        rules=[rule("zz.a", "zz.top", OPAQUE)],
    )
    assert verdict(made) is Verdict.UNKNOWN


def test_a_rule_whose_groups_could_not_be_read() -> None:
    made = thing(
        rules=[rule("zz.a", "zz.thing", "[('x','=',1)]", ["base.group_system"], groups_uncertain=True)]
    )
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED


# ------------------------------------------------------------------------------------ models


def test_a_model_that_was_not_read_is_unknown_with_and_without_a_right() -> None:
    made = thing(models=[model("zz.thing", unresolved=True)])
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.UNKNOWN
    assert may(made, Subject.of_group(made, USER), "zz.thing", READ) is True
    assert may(made, Subject.of_group(made, PORTAL), "zz.thing", READ) is None
    assert may(made, Subject.of_group(made, PORTAL), "zz.never_heard_of", READ) is None
    assert verdict(made, PORTAL, "zz.never_heard_of") is Verdict.UNKNOWN


def test_a_parent_that_was_not_read_makes_the_rules_unknown_but_not_the_denial() -> None:
    made = thing(models=[model("zz.thing", inherits={"res.partner": "partner_id"})])
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED


def test_what_is_unknown_of_a_parents_parent_counts() -> None:
    far = {"zz.middle": "middle_id"}
    middle = model("zz.middle", inherits={"zz.top": "top_id"})
    assert verdict(thing(models=[model("zz.thing", inherits=far), middle])) is Verdict.UNKNOWN
    uncertain = rule("zz.a", "zz.top", "[('x','=',1)]", ["base.group_system"], groups_uncertain=True)
    models = [model("zz.thing", inherits=far), middle, model("zz.top")]
    assert verdict(thing(models=models, rules=[uncertain])) is Verdict.UNKNOWN
    assert verdict(thing(models=models)) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "related,expected", [("top_id.gone", Verdict.UNKNOWN), ("top_id.name", Verdict.ALLOWED)]
)
def test_a_field_related_to_one_that_was_not_read(related: str, expected: Verdict) -> None:
    models = [
        model("zz.top", [field("name")]),
        model("zz.thing", [field("top_id", "many2one", comodel="zz.top"), field("it", related=related)]),
    ]
    made = thing(models=models)
    assert decide(made, Subject.of_group(made, USER), Question(READ, "zz.thing", "it")).verdict is expected


def test_a_field_of_a_model_that_was_not_read() -> None:
    made = thing(models=[model("zz.thing", unresolved=True)])
    decision = decide(made, Subject.of_group(made, USER), Question(READ, "zz.thing", "name"))
    assert decision.verdict is Verdict.UNKNOWN
    assert "Field name of zz.thing was not read, so its groups are not known." in [
        one.text for one in reasons(decision.reason)
    ]


# ------------------------------------------------------------------------------------ groups


def unread(*links: str, **parts: object) -> Policy:
    """`zz.mine` implies `lib.boss`, of a module that was not read; module zz depends on lib, other does not."""
    table = groups({"zz.mine": ["lib.boss"], "zz.more": [], "other.group": [], "other.staff": [USER], **BASE})
    table["lib.boss"] = Group(origin=PLACE, xmlid="lib.boss", unresolved=True)
    for name in links:
        table["zz.mine"].implies += (Implication(name, PLACE),)
    return thing(groups=table, modules={"zz": module("zz", "mid"), "mid": module("mid", "lib")}, **parts)


@pytest.mark.parametrize("name,expected", [
    ("zz.mine", True), ("lib.boss", True), ("lib.other", None), ("other.group", None), ("base.group_user", None),
    ("zz.more", False), ("zz.unheard_of", False),
])  # fmt: skip
def test_what_an_unread_group_may_imply(name: str, expected: bool | None) -> None:
    made = unread()
    assert holds(made, Subject.of_group(made, "zz.mine"), name) is expected


def test_a_portal_user_cannot_also_be_internal_through_an_unread_group() -> None:
    made = unread(PORTAL)
    assert holds(made, Subject.of_group(made, "zz.mine"), USER) is False
    assert holds(made, Subject.of_group(made, "zz.mine"), "other.staff") is False
    assert holds(made, Subject.of_group(made, "zz.mine"), "other.group") is None


def test_a_stored_closure_leaves_nothing_open() -> None:
    made = unread(users=[user("ann", "zz.mine", "lib.boss", closed=True), user("bob", "zz.mine")])
    assert holds(made, Subject.of_user(made, "ann"), "other.group") is False
    assert holds(made, Subject.of_user(made, "bob"), "other.group") is None


def test_a_right_that_an_unread_group_may_bring() -> None:
    made = unread()
    assert verdict(made, "zz.mine") is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED
    assert verdict(unread(rights=[right("zz.r", "zz.thing", "zz.more")]), "zz.mine") is Verdict.DENIED
    decision = decide(made, Subject.of_group(made, "zz.mine"), Question(READ, "zz.thing"))
    assert decision.caveats == (
        "Access right zz.r gives read to base.group_user, which a user who holds only zz.mine may hold: "
        "what lib.boss implies is not known.",
    )


def test_a_rule_that_an_unread_group_may_bring() -> None:
    rights = [right("zz.r", "zz.thing", None)]
    made = unread(rights=rights, rules=[rule("zz.a", "zz.thing", "[('x','=',1)]", ["other.group"])])
    assert verdict(made, "zz.mine") is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.ALLOWED
    asks = "[('x','=',1)] if user.has_group('other.group') else [(1,'=',1)]"
    asking = unread(rights=rights, rules=[rule("zz.a", "zz.thing", asks)])
    assert verdict(asking, "zz.mine") is Verdict.UNKNOWN
    assert verdict(asking, PORTAL) is Verdict.ALLOWED


@pytest.mark.parametrize("spec,expected", [
    ("other.group", None), ("zz.more", False), ("zz.more,other.group", None), ("zz.mine,other.group", True),
    ("!other.group", None), ("!zz.mine,other.group", False), ("zz.mine,!other.group", None), ("!zz.more", True),
])  # fmt: skip
def test_a_field_for_a_group_that_may_be_held(spec: str, expected: bool | None) -> None:
    made = unread(models=[model("zz.thing", [field("name", groups=spec)])])
    assert may_use(made, Subject.of_group(made, "zz.mine"), "zz.thing", "name") is expected


# ------------------------------------------------------------------------------------ caveats


def test_what_python_decides_is_a_caveat_with_its_place() -> None:
    place = Origin(path="zz/models.py", line=40)
    made = thing(models=[model("zz.thing", overrides={"_search": place, "_check_access": place})])
    decision = decide(made, Subject.of_group(made, USER), Question(READ, "zz.thing"))
    assert decision.verdict is Verdict.ALLOWED
    named = [(one.name, one.origin) for one in decision.reason.children if one.kind == "python-access"]
    assert named == [("zz.thing._check_access", place), ("zz.thing._search", place)]
    assert len(decision.caveats) == 2


def test_two_user_types_and_an_abstract_model_are_caveats() -> None:
    made = thing(
        models=[model("zz.thing", kind=Kind.ABSTRACT)], users=[user("odd", USER, PORTAL)],
    )  # fmt: skip
    decision = decide(made, Subject.of_user(made, "odd"), Question(CREATE, "zz.thing"))
    assert decision.caveats == (
        "User odd holds base.group_user and base.group_portal, which Odoo refuses on one user.",
        "zz.thing is abstract: it has no records of its own.",
    )
