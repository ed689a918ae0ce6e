"""Summaries, rules that fail, terms that Python searches and values that could not be read: all unknown."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.policy import (
    Decision,
    Effective,
    Origin,
    Policy,
    Question,
    Subject,
    Verdict,
    decide,
    effective,
    matrix,
    may,
    who,
)
from ostiary.policy.faults import searched_by_python
from ostiary.policy.paths import Missing, Step, known_in_full, walk
from policy.build import BASE, READ, field, groups, model, module, policy, reasons, right, rule

USER, PORTAL, SYSTEM = "base.group_user", "base.group_portal", "base.group_system"
SUMMARY = "Only a summary of module lib was read; give --addons-path."
SOME, NONE, ALL = "[('name','=','x')]", "[(0,'=',1)]", "[(1,'=',1)]"


def found(made: Policy, group: str = USER, name: str = "zz.thing") -> Effective:
    return effective(made, Subject.of_group(made, group), name, READ)


def verdict(made: Policy, group: str = USER, name: str = "zz.thing") -> Verdict:
    answer = found(made, group, name).verdict
    decision = asked(made, group, name)
    assert decision.verdict is answer
    assert matrix(made, [Subject.of_group(made, group)], [name])[0].verdicts[READ] is answer
    assert answer is not Verdict.UNKNOWN or decision.caveats
    return answer


def asked(made: Policy, group: str = USER, name: str = "zz.thing") -> Decision:
    return decide(made, Subject.of_group(made, group), Question(READ, name))


# ------------------------------------------------------------------------------------ summaries


def summarized(**parts: object) -> Policy:
    modules = {"lib": msgspec.structs.replace(module("lib"), facts=True), "zz": module("zz", "lib")}
    models = [
        model("lib.thing", [field("name")], modules=("lib", "zz"), partial=True),
        model("zz.thing", [field("name")], modules=("zz",), partial=True),
    ]
    return policy(modules=modules, models=models, **parts)


def test_what_a_summary_does_not_list_is_not_denied() -> None:
    made = summarized()
    assert verdict(made, name="lib.thing") is Verdict.UNKNOWN
    assert verdict(made) is Verdict.DENIED
    assert asked(made, name="lib.thing").caveats == (SUMMARY,)
    assert may(made, Subject.of_group(made, USER), "lib.thing", READ) is None
    assert {one.verdict for one in who(made, Question(READ, "lib.thing"))} == {Verdict.UNKNOWN}


@pytest.mark.parametrize("rules,expected", [
    ([], Verdict.UNKNOWN),
    ([rule("zz.a", "lib.thing", SOME)], Verdict.FILTERED),
    ([rule("zz.a", "lib.thing", SOME, [USER])], Verdict.FILTERED),
    ([rule("zz.a", "lib.thing", NONE)], Verdict.DENIED),
    ([rule("zz.a", "lib.thing", NONE, [USER])], Verdict.UNKNOWN),
    ([rule("zz.a", "lib.thing", ALL)], Verdict.UNKNOWN),
])  # fmt: skip
def test_a_right_on_a_summarized_model_allows_no_more_than_its_rules_are_known_to(
    rules: list[object], expected: Verdict
) -> None:
    made = summarized(rights=[right("zz.r", "lib.thing", USER)], rules=rules)
    assert verdict(made, name="lib.thing") is expected
    decision = asked(made, name="lib.thing")
    assert decision.caveats == (() if expected is Verdict.DENIED else (SUMMARY,))
    assert (decision.domain is not None) is (expected is Verdict.FILTERED)


def test_a_summarized_model_is_not_said_to_let_every_record_through() -> None:
    made = summarized(rights=[right("zz.r", "lib.thing", USER)])
    said = [one for one in reasons(asked(made, name="lib.thing").reason) if one.kind == "record-rules"]
    assert [(one.verdict, one.text) for one in said] == [
        (None, "No record rule that was read certainly binds an internal user here.")
    ]


def test_a_custom_model_is_complete_beside_a_summary() -> None:
    assert verdict(summarized(rights=[right("zz.r", "zz.thing", USER)])) is Verdict.ALLOWED


# ------------------------------------------------------------------------------------ rules


def known(*rules: object, **parts: object) -> Policy:
    """`zz.thing` and `res.users`, read in full."""
    links = [
        field("name"),
        field("owner_id", "many2one", comodel="res.users"),
        field("found", "boolean", search="_search_found", compute="_c", store=False),
        field("message_is_follower", "boolean", search="_s", compute="_c", store=False),
        field("short", related="owner_id.login", search="_s", store=False),
        field("kept", search="_s", compute="_c"),
    ]
    models = [
        model("zz.thing", links, modules=("zz",), **parts),
        model("res.users", [field("login")], modules=("base",)),
    ]
    return policy(
        modules={"zz": module("zz"), "base": module("base")}, models=models, rules=list(rules),
        rights=[right("zz.r", "zz.thing", USER)],
    )  # fmt: skip


@pytest.mark.parametrize("text", [
    "[('id', 'in', user.env['x'].search([]).ids)]", "[('id', 'in', user.get_ids())]",
    "['|', ('name', '=', 'x'), ('owner_id', 'any', [('id', 'in', user.get_ids())])]",
])  # fmt: skip
def test_a_value_that_only_code_knows(text: str) -> None:
    made = known(rule("zz.a", "zz.thing", text))
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED
    assert [(one.kind, one.name) for one in found(made).unknowns] == [("opaque", "zz.a")]


@pytest.mark.parametrize("text,what", [
    ("[('gone', '=', 1)]", "gone names a field gone, which zz.thing doesn't have"),
    ("[('owner_id.gone', '=', 1)]", "owner_id.gone names a field gone, which res.users doesn't have"),
    ("[('owner_id', 'any', [('gone', '=', 1)])]", "gone names a field gone, which res.users doesn't have"),
    ("[('name', '=', user.gone)]", "user.gone names a field gone, which res.users doesn't have"),
    ("[('name', '=', uid)]", "the name 'uid' is not known in a record rule in Odoo 18 (use user.id)"),
    ("[('name', 'resembles', 'x')]", "`('name', 'resembles', 'x')`: 'resembles' is not an operator of terms"),
])  # fmt: skip
def test_a_rule_that_odoo_fails_on(text: str, what: str) -> None:
    made = known(rule("zz.a", "zz.thing", text))
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED
    said = f"Record rule zz.a: {what}. Odoo raises an error for everybody this rule binds."
    assert said in asked(made).caveats
    assert next(one.verdict for one in who(made, Question(READ, "zz.thing"))) is Verdict.UNKNOWN
    told = [one for one in reasons(asked(made).reason) if one.kind == "record-rule"]
    assert told[0].verdict is None
    assert told[0].text == f"Record rule zz.a raises an error for everybody it binds: {what}."


def test_a_rule_that_fails_is_no_matter_to_those_it_does_not_bind() -> None:
    broken = rule("zz.a", "zz.thing", "[('gone','=',1)]", [SYSTEM])
    assert verdict(known(broken)) is Verdict.ALLOWED
    assert verdict(known(broken), SYSTEM) is Verdict.UNKNOWN
    assert verdict(known(broken, rule("zz.b", "zz.thing", ALL, [USER])), SYSTEM) is Verdict.ALLOWED
    unreadable = rule("zz.a", "zz.thing", "[('name','=',uid)]", [SYSTEM])
    assert verdict(known(unreadable, rule("zz.b", "zz.thing", ALL, [USER])), SYSTEM) is Verdict.UNKNOWN


@pytest.mark.parametrize("text", [
    "[('create_uid', '=', user.id)]", "[('x_mine', '=', 1)]", "[('owner_id.login', '=', user.login)]",
    "[('id', 'in', user.ids)]", "[('name', '=', 'x')]", "[('name', '=', user.login.lower())]",
    "[('name', '>', time.strftime('%Y'))]",
])  # fmt: skip
def test_a_rule_that_works(text: str) -> None:
    assert verdict(known(rule("zz.a", "zz.thing", text))) is Verdict.FILTERED


@pytest.mark.parametrize("how", [{"partial": True}, {"code_unread": True}])
def test_a_field_is_only_missing_where_all_are_known(how: dict[str, bool]) -> None:
    made = known(rule("zz.a", "zz.thing", "[('gone','=',1)]"), **how)
    assert verdict(made) is (Verdict.FILTERED if "partial" in how else Verdict.UNKNOWN)


def test_walking_a_path() -> None:
    made = known()
    assert [type(one) for one in walk(made, "zz.thing", "owner_id.login")] == [Step, Step]
    assert list(walk(made, "zz.thing", "name.gone"))[1:] == [Missing("zz.thing", "name.gone")]
    assert len(list(walk(made, "zz.thing", "name.upper", python=True))) == 1
    assert known_in_full(made, "zz.thing")
    assert not known_in_full(made, "zz.unheard_of")


@pytest.mark.parametrize("name,expected", [
    ("found", Verdict.UNKNOWN), ("owner_id.gone_or_not", Verdict.UNKNOWN), ("message_is_follower", Verdict.FILTERED),
    ("short", Verdict.FILTERED), ("kept", Verdict.FILTERED),
])  # fmt: skip
def test_a_field_that_python_searches(name: str, expected: Verdict) -> None:
    made = known(rule("zz.a", "zz.thing", f"[('{name}', '=', True)]"))
    assert verdict(made) is expected
    if name == "found":
        assert asked(made).caveats == (
            "Record rule zz.a: field found of model zz.thing is searched by Python: what it selects is not known.",
        )


@pytest.mark.parametrize("name,module_,expected", [
    ("is_member", "mail", False), ("is_member", "zz", True), ("website_published", "website", False),
    ("website_published", "zz", True), ("is_visible", "website", True),
])  # fmt: skip
def test_what_some_fields_of_odoo_select_is_known(name: str, module_: str, expected: bool) -> None:
    there = Origin(path=f"{module_}/models.py", line=1, module=module_)
    made = msgspec.structs.replace(field(name, search="_s", store=False), origin=there)
    assert searched_by_python(known(), "zz.thing", made) is expected


def test_a_delegated_field_is_searched_as_the_parents_is() -> None:
    parent = model("zz.top", [field("found", search="_s", compute="_c", store=False)], modules=("zz",))
    child = model("zz.low", [field("found", inherited=True, related="top_id.found", store=False)],
                  inherits={"zz.top": "top_id"}, modules=("zz",))  # fmt: skip
    made = policy(modules={"zz": module("zz")}, models=[parent, child])
    assert searched_by_python(made, "zz.low", child.fields["found"]) is True


def test_a_field_that_python_searches_does_not_matter_where_something_else_decides() -> None:
    searched = rule("zz.a", "zz.thing", "[('found','=',True)]")
    assert verdict(known(searched, rule("zz.b", "zz.thing", NONE))) is Verdict.DENIED
    mine = rule("zz.a", "zz.thing", "[('found','=',True)]", [USER])
    assert verdict(known(mine, rule("zz.b", "zz.thing", ALL, [USER]))) is Verdict.ALLOWED


# ------------------------------------------------------------------------------------ who


def test_who_names_every_group_that_may_and_what_it_follows() -> None:
    made = policy(
        groups=groups({"zz.a": [], "zz.b": ["zz.a"], "zz.c": ["zz.b"], "zz.other": [], **BASE}),
        models=[model("zz.thing")], rights=[right("zz.r", "zz.thing", "zz.a")],
    )  # fmt: skip
    answers = {one.subject.name: (one.verdict, one.follows) for one in who(made, Question(READ, "zz.thing"))}
    assert answers == {
        **dict.fromkeys((USER, PORTAL, "base.group_public"), (Verdict.DENIED, None)),
        "zz.a": (Verdict.ALLOWED, None), "zz.b": (Verdict.ALLOWED, "zz.a"), "zz.c": (Verdict.ALLOWED, "zz.a"),
    }  # fmt: skip


def test_who_names_every_group_where_anybody_may() -> None:
    made = policy(models=[model("zz.thing")], rights=[right("zz.r", "zz.thing", None)])
    assert {one.subject.name for one in who(made, Question(READ, "zz.thing"))} == set(made.groups)


# ------------------------------------------------------------------------------------ unreadable values


@pytest.mark.parametrize("active,modes,group", [
    (True, "r", USER), (True, "r", None), (True, "c", SYSTEM), (False, "r", USER),
])  # fmt: skip
def test_an_uncertain_right_may_grant_or_not(active: bool, modes: str, group: str | None) -> None:
    row = msgspec.structs.replace(right("zz.r", "zz.thing", group, modes, active), uncertain=True)
    made = policy(models=[model("zz.thing")], rights=[row])
    assert verdict(made) is Verdict.UNKNOWN
    assert may(made, Subject.of_group(made, USER), "zz.thing", READ) is None
    text = "Access right zz.r may give read on zz.thing: a value in it could not be read."
    assert asked(made).caveats == (text,)
    sure = policy(models=[model("zz.thing")], rights=[row, right("zz.s", "zz.thing", USER)])
    assert verdict(sure) is Verdict.ALLOWED


def test_an_uncertain_group_may_imply_more() -> None:
    table = groups({"zz.mine": [], **BASE})
    table["zz.mine"].uncertain = True
    made = policy(groups=table, models=[model("zz.thing")], rights=[right("zz.r", "zz.thing", SYSTEM)])
    assert verdict(made, "zz.mine") is Verdict.UNKNOWN
    assert verdict(made) is Verdict.DENIED
    assert "zz.mine" in {one.subject.name for one in who(made, Question(READ, "zz.thing"))}


@pytest.mark.parametrize("text", [SOME, NONE, ALL])
@pytest.mark.parametrize("group", [(), (USER,), (SYSTEM,)])
@pytest.mark.parametrize("active,modes", [(True, "r"), (True, "c"), (False, "r")])
def test_an_uncertain_rule_may_apply_or_not(
    text: str, group: tuple[str, ...], active: bool, modes: str
) -> None:
    made = known(rule("zz.a", "zz.thing", text, group, modes, active=active, uncertain=True))
    assert verdict(made) is Verdict.UNKNOWN
    assert verdict(made, PORTAL) is Verdict.DENIED
    shut = known(*made.rules, rule("zz.b", "zz.thing", NONE))
    assert verdict(shut) is Verdict.DENIED


def test_a_rule_whose_groups_are_not_all_known_does_not_deny() -> None:
    assert verdict(known(rule("zz.a", "zz.thing", NONE, groups_uncertain=True))) is Verdict.UNKNOWN
