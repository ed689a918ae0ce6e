"""Field groups, and which menus are visible in which version."""

from __future__ import annotations

import pytest

from ostiary.policy import (
    Policy,
    Question,
    Subject,
    UnknownField,
    Verdict,
    decide,
    field_access,
    field_groups,
    may_use,
    menu_visibility,
    shown_menus,
    visible_menus,
)
from ostiary.policy.menus import ancestors
from policy.build import BASE, VERSIONS, action, field, groups, menu, model, policy, right

USER, SYSTEM = "base.group_user", "base.group_system"


# ------------------------------------------------------------------------------------ fields


def with_fields() -> Policy:
    return policy(
        models=[
            model("zz.top", [field("code", groups=SYSTEM), field("open"), field("loop", related="child_id.loop"),
                             field("child_id", "many2one", comodel="zz.thing")]),
            model(
                "zz.thing",
                [
                    field("plain"), field("closed", groups="."), field("empty", groups=""),
                    field("debug", groups="base.group_no_one"), field("not_portal", groups="!base.group_portal"),
                    field("top_id", "many2one", comodel="zz.top"),
                    field("related", related="top_id.code"), field("far", related="top_id.child_id.related"),
                    field("own", related="top_id.code", groups=USER), field("harmless", related="top_id.open"),
                    field("loop", related="top_id.loop"), field("lost", related="top_id.gone"),
                    field("broken", related="gone_id.code"), field("code", inherited=True),
                ],
                inherits={"zz.top": "top_id"},
            ),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("name,internal,system", [
    ("plain", True, True), ("closed", False, False), ("empty", True, True), ("not_portal", True, True),
    ("related", False, True), ("far", False, True), ("own", True, True), ("harmless", True, True),
    ("code", False, True), ("loop", True, True), ("open", True, True), ("id", True, True), ("create_uid", True, True),
    ("debug", False, False),
])  # fmt: skip
def test_field_access(name: str, internal: bool, system: bool) -> None:
    made = with_fields()
    assert field_access(made, Subject.of_group(made, USER), "zz.thing", name) is internal
    assert field_access(made, Subject.of_group(made, SYSTEM), "zz.thing", name) is system
    assert field_access(made, Subject("su", frozenset(), superuser=True), "zz.thing", name) is True


def test_debug_and_portal() -> None:
    made = with_fields()
    assert field_access(made, Subject.of_group(made, USER), "zz.thing", "debug", debug=True)
    assert not field_access(made, Subject.of_group(made, "base.group_portal"), "zz.thing", "not_portal")


def test_field_groups_say_where_they_are_stated() -> None:
    made = with_fields()
    for name in ("related", "far", "code"):
        guard = field_groups(made, "zz.thing", name)
        assert (guard.spec, guard.owner, guard.field and guard.field.name) == (SYSTEM, "zz.top", "code")
    assert field_groups(made, "zz.thing", "own").owner == "zz.thing"


def test_a_field_related_to_what_was_not_read_is_unknown() -> None:
    made = with_fields()
    internal = Subject.of_group(made, USER)
    for name in ("lost", "broken"):
        assert field_groups(made, "zz.thing", name).known is False
        assert may_use(made, internal, "zz.thing", name) is None
        assert field_access(made, internal, "zz.thing", name) is False


def test_an_unknown_field_is_refused() -> None:
    made = with_fields()
    with pytest.raises(UnknownField, match=r"zz\.thing has no field nope"):
        field_access(made, Subject.of_group(made, USER), "zz.thing", "nope")
    with pytest.raises(UnknownField):
        field_groups(made, "zz.unread", "id")


# ------------------------------------------------------------------------------------ menus


def with_menus(version: str = "18.0", **more: object) -> Policy:
    return policy(
        version,
        groups=groups({"zz.special": [USER], **BASE}),
        models=[model("ir.ui.menu"), model("zz.open"), model("zz.shut")],
        rights=[
            right("base.menus", "ir.ui.menu", USER), right("zz.r", "zz.open", USER), right("zz.s", "zz.shut", SYSTEM),
            right("zz.w", "zz.shut", USER, "w"),
        ],
        actions=[
            action("zz.open", "zz.open"), action("zz.shut", "zz.shut"),
            action("zz.server", "zz.shut", "ir.actions.server"),
            action("zz.report", "zz.shut", "ir.actions.report"), action("zz.client", "zz.shut", "ir.actions.client"),
            action("zz.url", None, "ir.actions.act_url"),
        ],
        menus=[
            menu("m.root"), menu("m.folder", "m.root"), menu("m.open", "m.folder", "zz.open"),
            menu("m.shut", "m.folder", "zz.shut"), menu("m.server", "m.folder", "zz.server"),
            menu("m.report", "m.folder", "zz.report"), menu("m.client", "m.folder", "zz.client"),
            menu("m.url", "m.folder", "zz.url"),
            menu("m.empty", "m.root"), menu("m.hollow", "m.root"), menu("m.hollow_shut", "m.hollow", "zz.shut"),
            menu("m.off", "m.root", active=False), menu("m.under_off", "m.off", "zz.open"),
            menu("m.special", "m.root", group=["zz.special", SYSTEM]), menu("m.in_special", "m.special", "zz.open"),
            menu("m.debug", "m.root", group=["base.group_no_one"]), menu("m.in_debug", "m.debug", "zz.open"),
            menu("m.over"), menu("m.middle", "m.over", "zz.shut"), menu("m.below", "m.middle", "zz.open"),
            menu("m.app", None, "zz.shut"), menu("m.in_app", "m.app", "zz.open"),
        ],
        **more,
    )  # fmt: skip


PLAIN = {
    "m.root",
    "m.folder",
    "m.open",
    "m.client",
    "m.url",
    "m.under_off",
    "m.in_special",
    "m.in_debug",
    "m.in_app",
    "m.below",
}
SHUT = {"m.shut", "m.server", "m.report", "m.hollow", "m.hollow_shut", "m.app", "m.over", "m.middle"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("group,debug,more", [
    (USER, False, set()), (USER, True, {"m.debug"}), ("zz.special", False, {"m.special"}),
    (SYSTEM, False, SHUT | {"m.special"}),
])  # fmt: skip
def test_visible_menus(version: str, group: str, debug: bool, more: set[str]) -> None:
    made = with_menus(version)
    through = {"m.app", "m.middle", "m.over"} if version == "19.0" else set()
    assert visible_menus(made, Subject.of_group(made, group), debug) == PLAIN | more | through


def test_only_19_shows_a_menu_whose_own_action_is_not_allowed_for_what_is_below() -> None:
    shown = {
        version: shown_menus(with_menus(version), Subject.of_group(with_menus(version), USER))
        for version in VERSIONS
    }
    assert "m.in_app" not in shown["17.0"] | shown["18.0"]
    assert {"m.app", "m.in_app"} <= shown["19.0"]
    lost = {"m.under_off", "m.in_special", "m.in_debug", "m.in_app", "m.below"}
    assert shown["18.0"] == PLAIN - lost


def test_who_may_not_read_menus_sees_none_and_the_superuser_keeps_the_groups() -> None:
    made = with_menus()
    assert visible_menus(made, Subject.of_group(made, "base.group_portal")) == frozenset()
    assert visible_menus(made, Subject("su", frozenset({USER}), superuser=True)) == PLAIN | SHUT


def test_an_action_that_was_not_read_makes_menus_unknown() -> None:
    made = policy(
        models=[model("ir.ui.menu")],
        rights=[right("base.menus", "ir.ui.menu", USER)],
        menus=[menu("m.root"), menu("m.gone", "m.root", "other.action")],
    )
    found = menu_visibility(made, Subject.of_group(made, USER))
    assert (found.visible, found.unknown) == (frozenset(), {"m.root", "m.gone"})
    decision = decide(made, Subject.of_group(made, USER), Question.parse("see m.gone", made))
    assert decision.verdict is Verdict.UNKNOWN


def test_a_menu_under_a_hidden_one_is_not_seen() -> None:
    made = with_menus()
    for name, expected in (
        ("m.open", Verdict.ALLOWED),
        ("m.in_app", Verdict.DENIED),
        ("m.in_special", Verdict.DENIED),
    ):
        decision = decide(made, Subject.of_group(made, USER), Question.parse(f"see {name}", made))
        assert decision.verdict is expected, name


def test_ancestors_end_in_a_circle_and_at_an_unread_parent() -> None:
    made = policy(
        menus=[menu("m.a", "m.b"), menu("m.b", "m.a"), menu("m.c", "m.unread"), menu("m.self", "m.self")]
    )
    assert ancestors(made, "m.a") == ("m.b",)
    assert ancestors(made, "m.c") == ("m.unread",)
    assert ancestors(made, "m.self") == ()
