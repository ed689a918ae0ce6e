"""Decisions and their trees of reasons, as text beside this file.

`OSTIARY_UPDATE_SNAPSHOTS=1 pytest tests/policy/test_decide.py` writes the snapshots anew: read what changed.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import msgspec
import pytest

from ostiary.policy import GroupLink, Policy, Question, Subject, Verdict, decide, effective, who
from policy.build import (
    BASE,
    action,
    at,
    dump,
    field,
    groups,
    menu,
    model,
    policy,
    reasons,
    right,
    rule,
    user,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "OSTIARY_UPDATE_SNAPSHOTS"
OWN = "[('partner_id','child_of',[user.commercial_partner_id.id])]"
COMPANY = "['|',('company_id','=',False),('company_id','in',company_ids)]"


@cache
def estate(version: str = "18.0") -> Policy:
    """A small addon with one of everything."""
    return policy(
        version,
        groups=groups({"estate.agent": ["base.group_user"], "estate.manager": ["estate.agent"],
                       "estate.client": ["base.group_portal"], **BASE}),
        models=[
            model("ir.ui.menu"),
            model("res.partner", [field("name"), field("vat", groups="base.group_system")]),
            model("estate.property", [
                field("name"), field("price", groups="estate.agent,!base.group_public"), field("secret", groups="."),
                field("owner_id", "many2one", comodel="res.partner"), field("owner_vat", related="owner_id.vat"),
            ]),
            model("estate.owner", [field("partner_id", "many2one", comodel="res.partner"),
                                   field("vat", inherited=True)], inherits={"res.partner": "partner_id"}),
        ],
        rights=[
            right("base.access_menu", "ir.ui.menu", "base.group_user", line=2),
            right("base.access_partner", "res.partner", "base.group_user", "r", line=3),
            right("estate.access_agent", "estate.property", "estate.agent", "rwc", line=2),
            right("estate.access_manager", "estate.property", "estate.manager", "rwcu", line=3),
            right("estate.access_portal", "estate.property", "base.group_portal", "r", line=4),
            right("estate.access_portal_all", "estate.property", "base.group_portal", "rwcu", active=False, line=5),
            right("estate.access_owner", "estate.owner", "estate.agent", "rc", line=6),
        ],
        rules=[
            rule("estate.rule_company", "estate.property", COMPANY, line=10),
            rule("estate.rule_agent", "estate.property", "[('user_id','=',user.id)]", ["estate.agent"], line=15),
            rule("estate.rule_manager", "estate.property", "[(1,'=',1)]", ["estate.manager"], line=20),
            rule("estate.rule_portal", "estate.property", OWN, ["base.group_portal"], modes="r", line=25,
                 domain_origin=at("estate.rule_portal", 27)),
            rule("base.rule_partner", "res.partner", "[('active','=',True)]", line=30),
        ],
        users=[user("ann", "estate.manager"), user("__system__", "base.group_user", xmlid="base.user_root")],
        menus=[
            menu("estate.menu_root", group=["estate.agent"]),
            menu("estate.menu_all", "estate.menu_root", "estate.action"),
            menu("estate.menu_debug", "estate.menu_root", "estate.action", group=["base.group_no_one"]),
        ],
        actions=[action("estate.action", "estate.property")],
    )  # fmt: skip


def ask(text: str, subject: str, version: str = "18.0", debug: bool = False):
    made = estate(version)
    return decide(made, Subject.find(made, subject), Question.parse(text, made), debug)


QUESTIONS = {
    "portal-read": ("read estate.property", "portal"),
    "portal-write": ("write estate.property", "portal"),
    "client-read": ("read estate.property", "estate.client"),
    "manager-unlink": ("unlink estate.property", "ann"),
    "agent-field": ("read estate.property.price", "estate.agent"),
    "internal-related-field": ("read estate.property.owner_vat", "internal"),
    "agent-closed-field": ("read estate.property.secret", "estate.agent"),
    "agent-delegated": ("create estate.owner", "estate.agent"),
    "superuser": ("read estate.property.secret", "__system__"),
    "agent-menu": ("see estate.menu_all", "estate.agent"),
    "internal-menu": ("see estate.menu_all", "internal"),
    "agent-debug-menu": ("see estate.menu_debug", "estate.agent"),
    "portal-menu": ("see estate.menu_root", "portal"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_snapshot(name: str) -> None:
    text = dump(ask(*QUESTIONS[name]))
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_snapshot_is_of_a_question() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(QUESTIONS)


@pytest.mark.parametrize("text,subject,expected", [
    ("read estate.property", "portal", Verdict.FILTERED), ("write estate.property", "portal", Verdict.DENIED),
    ("read estate.property", "public", Verdict.DENIED), ("read estate.property", "internal", Verdict.DENIED),
    ("read estate.property", "ann", Verdict.FILTERED), ("read res.partner", "ann", Verdict.FILTERED),
    ("read estate.property.price", "portal", Verdict.DENIED), ("read estate.property.price", "ann", Verdict.FILTERED),
    ("read estate.property.secret", "ann", Verdict.DENIED), ("read estate.property", "__system__", Verdict.ALLOWED),
    ("read estate.property.secret", "__system__", Verdict.ALLOWED), ("see estate.menu_all", "ann", Verdict.ALLOWED),
    ("see estate.menu_debug", "ann", Verdict.DENIED),
])  # fmt: skip
def test_verdicts(text: str, subject: str, expected: Verdict) -> None:
    decision = ask(text, subject)
    assert decision.verdict is expected
    assert decision.reason.verdict is {"allowed": True, "denied": False, "filtered": None}[expected]
    assert (decision.domain is not None) is (expected is Verdict.FILTERED)
    assert (decision.english is not None) is (expected is Verdict.FILTERED)


def test_debug_mode_shows_the_menu() -> None:
    assert ask("see estate.menu_debug", "ann", debug=True).verdict is Verdict.ALLOWED


@pytest.mark.parametrize("version,expected", [("17.0", True), ("18.0", True), ("19.0", False)])
def test_field_groups_bind_create_from_19_on(version: str, expected: bool) -> None:
    decision = ask("create estate.property.secret", "ann", version)
    assert (decision.verdict is not Verdict.DENIED) is expected


def test_a_right_through_a_group_names_every_link_and_its_place() -> None:
    decision = ask("read estate.property", "estate.client")
    chain = [one for one in reasons(decision.reason) if one.kind == "implication"]
    assert chain
    assert {(one.text, str(one.origin)) for one in chain} == {
        ("estate.client implies base.group_portal.", "estate/security.xml:6")
    }


@pytest.mark.parametrize("text,subject", [
    ("read estate.property", "portal"), ("read estate.property", "ann"), ("read estate.property", "estate.client"),
    ("create estate.owner", "estate.agent"), ("read res.partner", "ann"),
])  # fmt: skip
def test_every_definition_that_takes_part_is_in_the_tree(text: str, subject: str) -> None:
    made, decision = estate(), ask(text, subject)
    question = Question.parse(text, made)
    assert question.model is not None
    assert question.mode is not None
    took_part = effective(made, Subject.find(made, subject), question.model, question.mode).definitions
    assert len(took_part) > 1
    assert {one.xmlid for one in took_part} <= {one.name for one in reasons(decision.reason)}


def test_decisions_are_json_and_the_same_each_time() -> None:
    first, again = (
        msgspec.json.encode(ask("read estate.property", "ann"), order="deterministic") for _ in range(2)
    )
    assert first == again
    data = msgspec.json.decode(first)
    assert data["verdict"] == "filtered"
    assert data["reason"]["children"][0]["kind"] == "access-rights"


def test_membership_is_explained_with_its_place() -> None:
    made = policy(
        groups=groups({"zz.a": [], **BASE}),
        models=[model("zz.thing")],
        rights=[right("zz.r", "zz.thing", "zz.a")],
        users=[user("bob", "base.group_user")],
    )
    made.users[0].groups += (GroupLink("zz.a", at("bob.users", 8)),)
    decision = decide(made, Subject.of_user(made, "bob"), Question.parse("read zz.thing", made))
    member = [one for one in reasons(decision.reason) if one.kind == "membership"]
    assert [(one.text, str(one.origin)) for one in member] == [
        ("User bob is a member of zz.a.", "bob/security.xml:8")
    ]


# ------------------------------------------------------------------------------------ who


def found(text: str) -> dict[str, Verdict]:
    return {one.subject.name: one.verdict for one in who(estate(), Question.parse(text, estate()))}


def test_who_asks_the_user_types_and_the_groups_that_matter() -> None:
    assert found("unlink estate.property") == {
        "base.group_user": Verdict.DENIED, "base.group_portal": Verdict.DENIED, "base.group_public": Verdict.DENIED,
        "estate.agent": Verdict.DENIED, "estate.client": Verdict.DENIED, "estate.manager": Verdict.FILTERED,
    }  # fmt: skip


def test_who_says_which_groups_merely_imply_another() -> None:
    answers = {
        one.subject.name: one.follows
        for one in who(estate(), Question.parse("read estate.property", estate()))
    }
    assert answers["estate.client"] == "base.group_portal"
    assert answers["base.group_portal"] is None
    assert found("read estate.property")["base.group_portal"] is Verdict.FILTERED


def test_who_asks_field_groups_and_menu_groups_too() -> None:
    assert found("read res.partner.vat")["base.group_system"] is Verdict.FILTERED
    partners = {one.subject.name: one for one in who(estate(), Question.parse("read res.partner", estate()))}
    assert partners["base.group_system"].follows == "base.group_user"
    vats = {one.subject.name: one for one in who(estate(), Question.parse("read res.partner.vat", estate()))}
    assert vats["base.group_system"].follows is None
    menus = found("see estate.menu_all")
    assert (menus["estate.agent"], menus["base.group_user"]) == (Verdict.ALLOWED, Verdict.DENIED)


def test_who_finds_groups_that_only_together_have_a_right_and_a_menu() -> None:
    made = policy(
        groups=groups({"zz.a": ["base.group_user"], "zz.b": ["base.group_user"], "zz.ab": ["zz.a", "zz.b"], **BASE}),
        models=[model("zz.thing", [field("name", groups="zz.b")])], rights=[right("zz.r", "zz.thing", "zz.a")],
    )  # fmt: skip
    verdicts = {
        one.subject.name: one.verdict for one in who(made, Question.parse("read zz.thing.name", made))
    }
    assert (verdicts["zz.a"], verdicts["zz.b"], verdicts["zz.ab"]) == (
        Verdict.DENIED,
        Verdict.DENIED,
        Verdict.ALLOWED,
    )


def test_the_shortest_membership_is_told_and_a_stored_closure_needs_no_links() -> None:
    made = policy(
        groups=groups({"zz.far": ["zz.mid"], "zz.mid": ["zz.a"], "zz.near": ["zz.a"], **BASE}),
        models=[model("zz.thing")],
        rights=[right("zz.r", "zz.thing", "zz.a")],
        users=[
            user("bob", "zz.far", "zz.near"),
            user("eve", "zz.near", "zz.far"),
            user("stored", "zz.near", "zz.a", closed=True),
        ],
    )
    for login, told in (
        ("bob", ["zz.near", "zz.a"]),
        ("eve", ["zz.near", "zz.a"]),
        ("stored", ["zz.a"]),
    ):
        decision = decide(made, Subject.of_user(made, login), Question.parse("read zz.thing", made))
        steps = [one for one in reasons(decision.reason) if one.kind in ("membership", "implication")]
        assert [one.name for one in steps] == told, login


# ------------------------------------------------------------------------------------ fields kept elsewhere


def related(sudo: bool = False, store: bool = False, **parts: object) -> Policy:
    """`zz.thing.code` is `top_id.owner_id.code`, read with the user's own rights unless `sudo` or `store`."""
    models = [
        model("zz.owner", [field("code")], **parts),  # type: ignore[arg-type]
        model("zz.top", [field("owner_id", "many2one", comodel="zz.owner")]),
        model(
            "zz.thing",
            [
                field("top_id", "many2one", comodel="zz.top"),
                field("code", related="top_id.owner_id.code", related_sudo=sudo, store=store),
            ],
        ),
    ]
    return policy(
        models=models,
        rights=[right(f"{name}.r", name, "base.group_user") for name in ("zz.thing", "zz.top")]
        + [right("zz.o", "zz.owner", "base.group_system"), right("zz.p", "zz.thing", "base.group_portal")],
        rules=[rule("zz.x", "zz.owner", "[('x','=',1)]")],
    )


@pytest.mark.parametrize(
    "made,subject,expected,domain",
    [
        (related(), "internal", Verdict.DENIED, None),
        (related(sudo=True), "internal", Verdict.ALLOWED, None),
        (related(store=True), "internal", Verdict.ALLOWED, None),
        (related(), "base.group_system", Verdict.FILTERED, "[('top_id.owner_id', 'any', [('x', '=', 1)])]"),
        (
            related(unresolved=True),
            "base.group_system",
            Verdict.UNKNOWN,
            "[('top_id.owner_id', 'any', [('x', '=', 1)])]",
        ),
    ],
)
def test_a_related_field_without_sudo_needs_the_rights_and_rules_on_its_way(
    made: Policy, subject: str, expected: Verdict, domain: str | None
) -> None:
    decision = decide(made, Subject.find(made, subject), Question.parse("read zz.thing.code", made))
    assert (decision.verdict, decision.domain) == (expected, domain)


def test_a_delegated_fields_rules_are_not_told_twice() -> None:
    decision = ask("read estate.owner.vat", "estate.agent")
    assert decision.verdict is Verdict.DENIED
    name = decide(estate(), Subject.find(estate(), "ann"), Question.parse("read estate.owner.name", estate()))
    assert name.domain == "[('partner_id', 'any', [('active', '=', True)])]"
