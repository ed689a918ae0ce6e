"""Records of data files, in the order in which they are loaded: patches, links, deletes, calls."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy import Policy
from sources.build import BOOK, MakeAddon, ReadAddon, data, lines_of, problems, right, rule

GROUP = '<record id="{}" model="res.groups"><field name="name">G</field>{}</record>'
RULE = (
    '<record id="r" model="ir.rule"{}><field name="model_id" ref="model_lib_book"/>'
    '<field name="groups" eval="[(4, ref(\'a\'))]"/>{}</record>'
)


def links(policy: Policy, xmlid: str = "lib.r") -> list[str]:
    return [name.removeprefix("lib.") for name in rule(policy, xmlid).group_names]


@pytest.fixture
def library(addon: MakeAddon, read: ReadAddon) -> Any:
    """Read a module `lib` with groups a, b, c and a rule r on a; `more` is patched over it by the module `shop`."""

    def make(body: str = "", more: str = "", **parts: Any) -> Policy:
        groups = "".join(GROUP.format(name, "") for name in "abc")
        addon("lib", python=BOOK, files={"security.xml": data(groups + RULE.format("", "") + body)}, **parts)
        addon("shop", manifest={"depends": ["lib"]}, files={"data.xml": data(more)})
        return read()

    return make


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[(4, ref('b'))]", ["a", "b"]),
        ("[(4, ref('b'), 0), (3, ref('a'))]", ["b"]),
        ("[(2, ref('a'))]", []),
        ("[(5,), (4, ref('c'))]", ["c"]),
        ("[(6, 0, [ref('b'), ref('c')])]", ["b", "c"]),
        ("[(6, 0, [])]", []),
        ("[Command.link(ref('lib.b'))]", ["a", "b"]),
        ("[Command.unlink(ref('a'))]", []),
        ("[Command.clear()]", []),
        ("[Command.set([ref('c')])]", ["c"]),
        ("[Command.set(ids=[ref('c')]), Command.link(id=ref('b'))]", ["c", "b"]),
        ("[ref('b'), ref('c')]", ["b", "c"]),
        ("[(4, obj().env.ref('b').id)]", ["a", "b"]),
        ("False", []),
        ("[]", ["a"]),
        ("[(4, ref('a'))]", ["a"]),
    ],
)
def test_commands(library: Any, value: str, expected: list[str]) -> None:
    assert (
        links(library(f'<record id="r" model="ir.rule"><field name="groups" eval="{value}"/></record>'))
        == expected
    )


def test_a_command_that_needs_code_leaves_the_groups_uncertain(library: Any) -> None:
    policy = library('<record id="r" model="ir.rule"><field name="groups" eval="[(4, foo())]"/></record>')
    assert rule(policy, "lib.r").groups_uncertain and links(policy) == ["a"]
    assert [item.fatal for item in problems(policy, "unreadable-value")] == [False]


def test_a_later_module_patches_and_keeps_what_it_does_not_say(library: Any) -> None:
    policy = library(
        more='<record id="lib.r" model="ir.rule"><field name="active" eval="False"/>'
        "<field name=\"domain_force\">[('id', '=', 1)]</field></record>"
    )
    found = rule(policy, "lib.r")
    assert (found.active, found.domain_force, links(policy)) == (False, "[('id', '=', 1)]", ["a"])
    assert (found.origin.module, found.domain_origin and found.domain_origin.module) == ("lib", "shop")


def test_the_last_writer_wins_also_over_noupdate(library: Any) -> None:
    policy = library(
        '<data noupdate="1"><record id="n" model="res.groups"><field name="name">1</field></record></data>',
        '<record id="lib.n" model="res.groups"><field name="name">2</field></record>'
        '<data noupdate="1"><record id="lib.n" model="res.groups"><field name="name">3</field></record></data>',
    )
    assert (policy.groups["lib.n"].name, policy.groups["lib.n"].noupdate) == ("3", True)


def test_noupdate_is_taken_from_the_nearest_block_that_says_it(library: Any) -> None:
    policy = library(
        '<data noupdate="1"><data>' + GROUP.format("in1", "") + '</data><data noupdate="0">'
        + GROUP.format("in2", "") + "</data></data>" + GROUP.format("out", "")
    )  # fmt: skip
    assert [policy.groups[f"lib.{name}"].noupdate for name in ("in1", "in2", "out")] == [True, False, False]


@pytest.mark.parametrize(
    ("block", "force", "created", "stops"),
    [
        ("", "", False, True),
        ("", ' forcecreate="0"', False, True),
        ("", ' forcecreate="False"', False, True),
        ("", ' forcecreate="1"', True, False),
        ("", ' forcecreate="True"', True, False),
        ("", ' forcecreate=""', False, True),
        (' noupdate="1"', "", False, True),
        (' noupdate="1"', ' forcecreate="off"', False, False),
        (' noupdate="1"', ' forcecreate="1"', True, False),
    ],
)
def test_a_record_of_another_module_that_is_missing(
    library: Any, block: str, force: str, created: bool, stops: bool
) -> None:
    policy = library(
        more=f'<data{block}><record id="lib.new" model="res.groups"{force}><field name="name">N</field></record></data>'
    )
    assert ("lib.new" in policy.groups) is created
    assert [item.fatal for item in problems(policy, "unknown-reference")] == [True] * stops


def test_a_record_of_a_module_that_was_not_read_is_patched_as_far_as_it_is_known(library: Any) -> None:
    policy = library(
        more='<record id="sale.group_sale" model="res.groups"><field name="implied_ids" eval="[(4, ref(\'lib.a\'))]"/>'
        '</record><record id="sale.some_rule" model="ir.rule"><field name="active" eval="False"/></record>'
    )
    group = policy.groups["sale.group_sale"]
    assert group.unresolved and [link.group for link in group.implies] == ["lib.a"]
    assert {item.name for item in policy.unresolved} == {"sale.some_rule"} and not policy.problems


@pytest.mark.parametrize(("reference", "there"), [("a", True), ("gone", False), ("elsewhere.group", True)])
def test_a_record_that_need_not_be_is_skipped_where_a_reference_is_missing(
    library: Any, reference: str, there: bool
) -> None:
    policy = library(
        f'<record id="x" model="ir.model.access" forcecreate="0"><field name="model_id" ref="model_lib_book"/>'
        f'<field name="group_id" ref="{reference}"/></record>'
        '<record id="g" model="res.groups" forcecreate="0"><field name="category_id" ref="cat"/></record>'
    )
    assert any(item.xmlid == "lib.x" for item in policy.rights) is there
    assert not policy.problems and "lib.g" in policy.groups


def test_links_written_from_the_other_side(library: Any) -> None:
    policy = library(
        '<record id="u" model="res.users"><field name="login">u</field><field name="groups_id" eval="[(6, 0, [])]"/>'
        "</record>"
        + GROUP.format("d", '<field name="users" eval="[(4, ref(\'u\'))]"/>')
        + GROUP.format("e", "<field name=\"implied_by_ids\" eval=\"[(4, ref('a')), (4, ref('x.y'))]\"/>")
        + GROUP.format("f", '<field name="rule_groups" eval="[(4, ref(\'r\'))]"/>')
        + GROUP.format("g", '<field name="user_ids" eval="[(4, ref(\'u\'))]"/>')
    )
    user = next(item for item in policy.users if item.login == "u")
    assert [link.group for link in user.groups] == ["lib.d", "lib.g"]
    assert [link.group for link in policy.groups["lib.a"].implies] == ["lib.e"]
    assert [link.group for link in policy.groups["x.y"].implies] == ["lib.e"] and policy.groups[
        "x.y"
    ].unresolved
    assert links(policy) == ["a", "f"]


def test_setting_a_groups_users_leaves_its_rules_alone(library: Any) -> None:
    policy = library(more=GROUP.format("lib.a", '<field name="users" eval="[(6, 0, [])]"/>'))
    assert links(policy) == ["a"]


def test_a_link_may_come_before_the_record_it_names(library: Any) -> None:
    policy = library(
        GROUP.format("first", '<field name="users" eval="[(4, ref(\'later\'))]"/>')
        + '<record id="later" model="res.users"><field name="login">l</field>'
        '<field name="groups_id" eval="[(4, ref(\'b\'))]"/></record>'
    )
    user = next(item for item in policy.users if item.login == "l")
    assert {link.group for link in user.groups} == {"lib.first", "lib.b"}


@pytest.mark.parametrize(
    ("delete", "gone"),
    [
        ('<delete model="res.groups" id="a"/>', True),
        ('<delete model="res.groups" id="lib.a"/>', True),
        ('<delete model="res.groups" id="nothing"/>', False),
        ("<delete model=\"res.groups\" search=\"[('name', '=', 'Only')]\"/>", False),
        ("<delete model=\"res.groups\" search=\"[('name', '=', 'G')]\"/>", True),
        ("<delete model=\"res.groups\" search=\"[('name', 'in', ['G'])]\"/>", True),
    ],
)
def test_a_deleted_group_is_gone_from_what_it_was_linked_to(library: Any, delete: str, gone: bool) -> None:
    policy = library(delete)
    assert ("lib.a" not in policy.groups) is gone and links(policy) == ([] if gone else ["a"])
    assert not [note for note in policy.notes if note.kind == "delete"]


def test_a_delete_by_a_search_that_needs_code_is_noted(library: Any) -> None:
    policy = library("<delete model=\"ir.rule\" search=\"[('id', '=', foo())]\"/>")
    assert [note.kind for note in policy.notes] == ["delete"] and links(policy) == ["a"]


@pytest.mark.parametrize(
    ("call", "applied"),
    [
        ("<function model=\"ir.rule\" name=\"write\" eval=\"[[ref('r')], {'active': False}]\"/>", True),
        ("<function model=\"ir.rule\" name=\"write\"><value eval=\"[ref('r')]\"/>"
         "<value eval=\"{'active': False}\"/></function>", True),
        ("<function model=\"ir.rule\" name=\"write\" eval=\"[[ref('r')], {'active': foo()}]\"/>", False),
        ("<function model=\"ir.rule\" name=\"write\" eval=\"[[ref('r')], {'groups': [(4, foo())]}]\"/>", False),
        ("<function model=\"ir.rule\" name=\"write\"><function model=\"ir.rule\" name=\"search\"/>"
         "<value eval=\"{'active': False}\"/></function>", False),
        ("<function model=\"ir.rule\" name=\"toggle_active\" eval=\"[[ref('r')]]\"/>", False),
    ],
)  # fmt: skip
def test_a_call_is_carried_out_only_where_it_writes_constants(library: Any, call: str, applied: bool) -> None:
    policy = library(call)
    assert rule(policy, "lib.r").active is not applied
    assert [note.kind for note in policy.notes] == ([] if applied else ["function"])


def test_origins_are_the_lines_on_which_records_and_values_begin(addon: MakeAddon, read: ReadAddon) -> None:
    body = (
        '<!-- <record id="no"> -->\n<record\n  id="a"\n  model="res.groups">\n<field name="name">A</field></record>\n'
        '<record id="r"\n model="ir.rule">\n<field\n name="model_id"\n ref="model_lib_book"/>\n'
        "<field name='groups'\n eval=\"[(4,\n ref('a'))]\"/></record>"
    )
    module = addon("lib", python=BOOK, files={"s.xml": data(body)})
    policy = read()
    found = rule(policy, "lib.r")
    assert policy.groups["lib.a"].origin.line == lines_of(module / "s.xml", "<record")[1]
    assert found.origin.line == lines_of(module / "s.xml", "<record")[2]
    assert found.groups[0].origin.line == lines_of(module / "s.xml", "<field")[2]


def test_demo_data_is_read_on_request_and_never_updated(addon: MakeAddon, read: ReadAddon) -> None:
    addon(
        "lib",
        python=BOOK,
        manifest={"data": [], "demo": ["demo.xml", "ir.model.access.csv"]},
        files={
            "demo.xml": data(GROUP.format("d", "")),
            "ir.model.access.csv": "id,model_id:id,perm_read\nx,model_lib_book,1\n",
        },
    )
    assert "lib.d" not in read().groups
    policy = read(demo=True)
    assert policy.demo and policy.groups["lib.d"].noupdate and right(policy, "lib.x").noupdate
