"""What could not be read is said: nothing vanishes, and nothing read is no clean result."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.policy import Question, Subject, Verdict, closure, decide
from ostiary.sources import UnreadableTarget
from sources.build import BOOK, MakeAddon, ReadAddon, write_addon

HIDDEN = """<odoo><record id="base.group_portal" model="res.groups">
    <field name="implied_ids" eval="[(0, 0, {'name': 'x', 'implied_ids': [(4, ref('base.group_user'))]})]"/>
</record></odoo>"""
CODE = HIDDEN.replace("{'name': 'x', 'implied_ids': [(4, ref('base.group_user'))]}", "vals()")


def test_a_link_in_a_circle_hides_nothing_but_itself(tmp_path: Path, read: ReadAddon) -> None:
    write_addon(tmp_path / "addons/a", "lib", python=BOOK)
    (tmp_path / "addons/a/self").symlink_to("self")
    policy = read()
    assert "lib" in policy.modules
    assert [note.origin.path.rpartition("/")[2] for note in policy.notes if note.kind == "unread-folder"] == [
        "self"
    ]


def test_a_folder_too_deep_is_said(tmp_path: Path, read: ReadAddon) -> None:
    write_addon(tmp_path / "addons", "lib", python=BOOK)
    write_addon(tmp_path / "addons/1/2/3/4/5/6/7", "deep", python=BOOK)
    policy = read()
    assert "deep" not in policy.modules
    assert any(note.kind == "unread-folder" for note in policy.notes)


def test_a_target_of_which_nothing_is_installable_is_no_clean_result(
    addon: MakeAddon, read: ReadAddon
) -> None:
    addon("lib", python=BOOK, manifest={"installable": False})
    with pytest.raises(UnreadableTarget, match="lib says in its manifest that it is not installable"):
        read()
    addon("other")
    assert [note.message for note in read().notes if note.kind == "uninstallable"] == [
        "The module lib says that it is not installable, and was not read."
    ]


def test_a_group_made_inside_another_ones_value_is_implied(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", files={"groups.xml": HIDDEN})
    assert "base.group_user" in closure(read(), ["base.group_portal"])


def test_a_group_that_only_code_knows_is_a_problem(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", files={"groups.xml": CODE})
    assert [problem.kind for problem in read().problems] == ["unreadable-value"]


def test_a_series_that_is_not_known_and_a_mixture_are_said(addon: MakeAddon, read: ReadAddon) -> None:
    addon("old", manifest={"version": "16.0.1.0.0"})
    assert [(note.kind, "16.0" in note.message) for note in read().notes] == [("version-assumed", True)]
    addon("a", manifest={"version": "17.0.1.0.0"})
    addon("b", manifest={"version": "17.0.1.0.0"})
    addon("c", manifest={"version": "18.0.1.0.0"})
    policy = read()
    assert policy.odoo == "17.0"
    assert [(note.kind, "18.0" in note.message) for note in policy.notes] == [("version-mixed", True)]


def test_a_module_of_another_series_beside_an_odoo_is_said(
    addon: MakeAddon, read: ReadAddon, tmp_path: Path
) -> None:
    for number in range(6):
        addon(f"m{number}", manifest={"version": f"{19 if number else 18}.0.1.0.0", "depends": []})
    addon("desk", manifest={"version": "18.0.1.0.0", "depends": ["m1"]})
    (note,) = read(tmp_path / "addons" / "desk", addons_path=[tmp_path / "addons"]).notes
    assert note.kind == "version-mixed" and note.origin.module == "desk"
    assert note.message == (
        "Modules for another Odoo were read as 18.0: m1 (Odoo 19.0). Read each series on its own."
    )
    policy = read(addons_path=[tmp_path / "addons"], modules=["m0", "desk"])
    assert policy.odoo == "19.0"
    (note,) = policy.notes
    assert "read as 19.0: desk, m0 (Odoo 18.0)" in note.message
    assert read(odoo="18.0").notes == []


def test_many_modules_of_another_series_are_not_all_listed(addon: MakeAddon, read: ReadAddon) -> None:
    for number in range(11):
        addon(f"m{number:02}", manifest={"version": f"{18 if number < 6 else 17}.0.1.0.0"})
    (note,) = read().notes
    assert "m06, m07, m08 and 2 more (Odoo 17.0)" in note.message


RIGHTS = """<odoo>
    <record id="some" model="ir.model.access">
        <field name="name">some</field><field name="model_id" ref="model_lib_book"/>
        <field name="group_id" ref="base.group_user"/><field name="perm_read" eval="1"/>
        <field name="perm_write" eval="foo()"/>
    </record>
    <record id="whose" model="ir.model.access">
        <field name="name">whose</field><field name="model_id" ref="model_lib_book"/>
        <field name="group_id" eval="foo()"/><field name="perm_read" eval="1"/>
    </record>
    <record id="when" model="ir.rule">
        <field name="name">when</field><field name="model_id" ref="model_lib_book"/>
        <field name="domain_force">[(1, '=', 1)]</field><field name="active" eval="foo()"/>
    </record>
    <record id="implies" model="res.groups">
        <field name="name">implies</field><field name="implied_ids" eval="foo()"/>
    </record>
</odoo>"""


def test_what_only_code_knows_is_uncertain_and_no_refusal(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", python=BOOK, files={"rights.xml": RIGHTS})
    policy = read()
    assert {right.xmlid: right.uncertain for right in policy.rights if right.model == "lib.book"} == {
        "lib.some": True,
        "lib.whose": False,
    }
    assert policy.groups["lib.group_only_code_knows"].unresolved
    assert [rule.uncertain for rule in policy.rules if rule.model == "lib.book"] == [True]
    assert policy.groups["lib.implies"].uncertain
    asked = Question.parse("read lib.book", policy)
    assert decide(policy, Subject.find(policy, "portal"), asked).verdict is Verdict.UNKNOWN
