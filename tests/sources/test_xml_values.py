"""Values of fields in XML files, menus and templates."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy import Policy
from ostiary.sources.addons.ops import RecordOp
from ostiary.sources.addons.values import fold_eval
from ostiary.sources.addons.xml_data import read_xml
from sources.build import BOOK, MakeAddon, ReadAddon, data, problems, right, rule


@pytest.fixture
def load(addon: MakeAddon, read: ReadAddon) -> Any:
    def make(body: str, series: str = "18.0") -> Policy:
        addon("lib", python=BOOK, files={"security.xml": data(body)})
        return read(odoo=series)

    return make


def access(field: str) -> str:
    return f'<record id="x" model="ir.model.access"><field name="model_id" ref="model_lib_book"/>{field}</record>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<field name='perm_read'>1</field>", True),
        ("<field name='perm_read'>True</field>", True),
        ("<field name='perm_read'>0</field>", False),
        ("<field name='perm_read'>False</field>", False),
        ("<field name='perm_read'>off</field>", False),
        ("<field name='perm_read'>OFF</field>", False),
        ("<field name='perm_read'>no</field>", True),
        ("<field name='perm_read'> 0 </field>", True),
        ("<field name='perm_read'> 1 </field>", True),
        ("<field name='perm_read'/>", True),
        ("<field name='perm_read' eval='1'/>", True),
        ("<field name='perm_read' eval='0'/>", False),
        ("<field name='perm_read' eval='None'/>", False),
        ("<field name='perm_read' eval='not False'/>", True),
        ("<field name='perm_read' eval=\"'0'\"/>", False),
        ("<field name='perm_read' eval=''>0</field>", False),
        ("<field name='perm_read' type='int'> 0 </field>", False),
        ("", False),
    ],
)
def test_booleans(load: Any, value: str, expected: bool) -> None:
    policy = load(access(value))
    assert bool(right(policy, "lib.x").modes) is expected and policy.problems == []


def test_a_boolean_that_needs_code_is_said(load: Any) -> None:
    policy = load(access("<field name='perm_read' eval='foo()'/>"))
    assert right(policy, "lib.x").modes == ()
    assert [item.kind for item in problems(policy)] == ["unreadable-value"]


def test_a_rule_is_about_all_modes_unless_it_says_less(load: Any) -> None:
    body = '<record id="{}" model="ir.rule"><field name="model_id" ref="model_lib_book"/>{}</record>'
    policy = load(body.format("all", "") + body.format("less", '<field name="perm_unlink" eval="False"/>'))
    assert [mode.value for mode in rule(policy, "lib.all").modes] == ["read", "write", "create", "unlink"]
    assert [mode.value for mode in rule(policy, "lib.less").modes] == ["read", "write", "create"]


@pytest.mark.parametrize(
    "value",
    [
        'ref="model_lib_book"',
        'ref="lib.model_lib_book"',
        "eval=\"ref('model_lib_book')\"",
        "search=\"[('model', '=', 'lib.book')]\"",
        "model=\"ir.model\" search=\"[('model','=','lib.book')]\"",
        "search=\"[('model', '=', 'lib.book')]\" ref=\"nothing\"",
        'ref="model_lib_book" eval="nothing()"',
    ],
)
def test_ways_to_name_a_model(load: Any, value: str) -> None:
    policy = load(f'<record id="r" model="ir.rule"><field name="model_id" {value}/></record>')
    assert rule(policy, "lib.r").model == "lib.book" and policy.problems == []


def test_an_empty_reference_is_no_group(load: Any) -> None:
    assert right(load(access("<field name='group_id'/>")), "lib.x").group is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<field name='domain_force'> [('id', '=', user.id)]\n</field>", "[('id', '=', user.id)]"),
        ("<field name='domain_force'>[('a', '=', 1)]<!-- why --></field>", "[('a', '=', 1)]"),
        ("<field name='domain_force'><![CDATA[[('a', '<', 1)]]]></field>", "[('a', '<', 1)]"),
        ("<field name='domain_force'>[('a', '&lt;', 1)]</field>", "[('a', '<', 1)]"),
        ("<field name='domain_force'>[('a', '=', &one;)]</field>", "[('a', '=', 1)]"),
        ("<field name='domain_force'/>", ""),
        ("<field name='domain_force' eval='False'/>", ""),
        ("<field name='domain_force' eval=\"'[(1, \\'=\\', 1)]'\"/>", "[(1, '=', 1)]"),
    ],
)
def test_domains(addon: MakeAddon, read: ReadAddon, value: str, text: str) -> None:
    body = data(
        f'<record id="r" model="ir.rule"><field name="model_id" ref="model_lib_book"/>{value}</record>'
    )
    addon("lib", python=BOOK, files={"s.xml": '<!DOCTYPE odoo [<!ENTITY one "1">]>\n' + body})
    policy = read()
    assert rule(policy, "lib.r").domain_force == text and policy.problems == []


def test_a_domain_written_as_a_list_means_the_same(load: Any) -> None:
    body = '<record id="{}" model="ir.rule"><field name="model_id" ref="model_lib_book"/><field name="domain_force" {}'
    policy = load(
        body.format("a", "eval=\"[('id', '=', 1), ('title', 'in', ('x', 'y'))]\"/></record>")
        + body.format("b", ">[('id', '=', 1), ('title', 'in', ('x', 'y'))]</field></record>")
    )
    assert rule(policy, "lib.a").domain == rule(policy, "lib.b").domain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ref('x')", {"$ref": "lib.x"}),
        ("ref('m.x', raise_if_not_found=False)", {"$ref": "m.x"}),
        (" [1, 'a', None, -2.5, {'k': (1, 2)}]", [1, "a", None, -2.5, {"k": [1, 2]}]),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("str(5) + 'x'", "5x"),
        ("int('7')", 7),
        ("not ref('x')", {"$code": "not ref('x')"}),
        ("Command.update(ref('x'), {'a': 1})", [1, {"$ref": "lib.x"}, {"a": 1}]),
        ("Command.create({'a': time.time()})", [0, 0, {"a": {"$code": "time.time()"}}]),
        ("time.strftime('%Y')", {"$code": "time.strftime('%Y')"}),
        ("{'$ref': 'base.group_system'}", {"$code": "{'$ref': 'base.group_system'}"}),
        ("(1", {"$code": "(1"}),
        ("9" * 30, {"$code": "9" * 30}),
        ("1e999", {"$code": "1e999"}),
        ("'a\\d'", "a\\d"),
    ],
)
def test_folding(text: str, value: Any) -> None:
    assert fold_eval(text, "lib") == value


def test_menus(load: Any) -> None:
    policy = load(
        """<record id="act" model="ir.actions.act_window"><field name="name">Books</field>
        <field name="res_model">lib.book</field></record>
        <menuitem id="top" name="Top" groups="base.group_user,base.group_system" sequence="5">
            <menuitem id="sub" action="act"><menuitem id="leaf" name="Leaf" active="False"/></menuitem>
        </menuitem>
        <menuitem id="side" parent="top" action="lib.act" name="Side"/>
        <menuitem id="top" groups="-base.group_system"/>"""
    )
    menus = policy.menus
    assert [link.group for link in menus["lib.top"].groups] == ["base.group_user"]
    assert (menus["lib.sub"].parent, menus["lib.sub"].name, menus["lib.sub"].action) == (
        "lib.top",
        "Books",
        "lib.act",
    )
    assert (menus["lib.leaf"].parent, menus["lib.leaf"].active) == ("lib.sub", False)
    assert menus["lib.side"].parent == "lib.top" and policy.actions["lib.act"].model == "lib.book"


def test_templates(load: Any) -> None:
    policy = load(
        """<template id="page" groups="base.group_user, base.group_portal" active="False"><p/></template>
        <template id="more" inherit_id="page" name="More" active="nonsense"><p/></template>
        <template t-name="named"><t/></template>"""
    )
    page, more = policy.views["lib.page"], policy.views["lib.more"]
    assert [link.group for link in page.groups] == ["base.group_user", "base.group_portal"]
    assert (page.active, page.type) == (False, "qweb") and "lib.named" in policy.views
    assert (more.active, more.inherit, more.name) == (True, "lib.page", "More")


def test_names_of_odoo_19(load: Any) -> None:
    policy = load(
        """<record id="p" model="res.groups.privilege"><field name="name">P</field></record>
        <record id="g" model="res.groups"><field name="name">G</field><field name="privilege_id" ref="p"/>
          <field name="implied_by_ids" eval="[(4, ref('base.group_system'))]"/>
          <field name="user_ids" eval="[(4, ref('base.user_admin'))]"/></record>
        <record id="m" model="ir.ui.menu"><field name="name">M</field>
          <field name="group_ids" eval="[(4, ref('g'))]"/></record>
        <record id="u" model="res.users"><field name="login">u</field>
          <field name="group_ids" eval="[Command.set([ref('g')])]"/></record>""",
        "19.0",
    )
    assert "lib.g" in [link.group for link in policy.groups["base.group_system"].implies]
    assert [link.group for link in policy.menus["lib.m"].groups] == ["lib.g"]
    assert [[link.group for link in user.groups] for user in policy.users if user.login == "u"] == [["lib.g"]]
    admin = next(user for user in policy.users if user.xmlid == "base.user_admin")
    assert "lib.g" in [link.group for link in admin.groups] and policy.groups["lib.g"].category == "lib.p"


def test_rights_written_inside_a_group_or_a_model(load: Any) -> None:
    policy = load(
        """<record id="g" model="res.groups"><field name="name">G</field><field name="model_access">
            <record id="inner" model="ir.model.access"><field name="model_id" ref="model_lib_book"/>
              <field name="perm_read" eval="1"/></record></field></record>
        <record id="h" model="res.groups"><field name="name">H</field>
          <field name="model_access" eval="[(0, 0, {'name': 'l', 'model_id': ref('model_lib_book'),
            'perm_write': True})]"/></record>"""
    )
    assert right(policy, "lib.inner").group == "lib.g"
    assert [item.group for item in policy.rights if [mode.value for mode in item.modes] == ["write"]] == [
        "lib.h"
    ]


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"<odoo>\n<record>\n</odoo>", "malformed", 3),
        (b"", "malformed", 0),
        (b"<odoo>\xff</odoo>", "malformed", 1),
        (b"\n<html/>", "root tag is <html>", 2),
        (b"<odoo>\n<record id='x'/></odoo>", "no model attribute", 2),
        (b"<odoo>\n<record model='ir.rule'>\n<field/></record></odoo>", "no name attribute", 3),
        (b"<odoo>\n<menuitem/></odoo>", "no id attribute", 2),
        (b"<odoo>\n<template/></odoo>", "no id attribute", 2),
    ],
)
def test_a_malformed_file(content: bytes, message: str, line: int) -> None:
    _, found = read_xml(content, "lib", "x.xml")
    assert len(found) == 1 and message in found[0].message
    assert found[0].fatal and (found[0].line == line or not line)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16"])
def test_a_file_in_another_encoding_that_says_so(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><odoo><record id='g'\n model='res.groups'>"
    text += "<field name='name'>é</field></record></odoo>"
    ops, found = read_xml(text.encode(encoding), "lib", "x.xml")
    assert found == [] and isinstance(ops[0], RecordOp) and ops[0].values[0].value == "é"
