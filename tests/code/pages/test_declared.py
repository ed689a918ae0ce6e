"""The templates that a data file declares."""

from __future__ import annotations

import pytest

from ostiary.code.pages import TemplateDecl, templates


def declared(arch: str, module: str = "library") -> list[TemplateDecl]:
    return templates(f"<odoo>\n{arch}\n</odoo>".encode(), module, "views.xml")


def test_a_template_is_known_by_its_external_id_and_place() -> None:
    (one,) = declared('<template\n   id="page"\n   name="Page"><p/></template>')
    assert (one.xmlid, one.module, one.path, one.line) == ("library.page", "library", "views.xml", 2)
    assert (one.inherit, one.mode, one.priority, one.active, one.raw) == ("", "", 16, None, False)


def test_what_an_inheriting_template_says() -> None:
    (one,) = declared(
        '<template id="more" inherit_id="page" priority="20" active="False" primary="True" groups="base.group_user"/>'
    )
    assert one.inherit == "library.page"
    assert (one.priority, one.active, one.mode, one.groups) == (20, False, "primary", "base.group_user")


def test_a_record_of_a_view_declares_one_too() -> None:
    view = """<data><record id="page" model="ir.ui.view">
    <field name="type">qweb</field><field name="key">library.other</field>
    <field name="arch" type="xml"><t t-raw="x"/></field></record></data>"""
    (one,) = declared(view)
    assert (one.xmlid, one.key, one.arch, one.raw) == ("library.page", "library.other", True, True)


def test_a_record_may_only_change_one() -> None:
    (one,) = declared(
        '<record id="portal.page" model="ir.ui.view"><field name="active" eval="False"/></record>'
    )
    assert (one.xmlid, one.active, one.arch) == ("portal.page", False, False)


@pytest.mark.parametrize(
    "arch",
    [
        '<record id="form" model="ir.ui.view"><field name="model">library.loan</field><field name="arch"/></record>',
        '<record id="form" model="ir.ui.view"><field name="type">form</field><field name="arch"/></record>',
        '<record id="page" model="ir.cron"><field name="name">qweb</field></record>',
        "<template><p/></template>",
        "<p",
    ],
)
def test_what_declares_none(arch: str) -> None:
    assert declared(arch) == []


def test_a_theme_declares_none_that_is_rendered() -> None:
    assert declared('<template id="page"/>', module="theme_paper") == []


@pytest.mark.parametrize("coding", ["utf-16", "utf-32", "utf-8-sig"])
def test_any_encoding_that_the_parser_reads(coding: str) -> None:
    (one,) = templates(
        '<odoo><template id="page"><t t-raw="x"/></template></odoo>'.encode(coding), "library", "x.xml"
    )
    assert one.raw


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        ('<t t-raw="x"/>', True),
        ('<t t-out="Markup(x)"/>', True),
        ("<t t-out=\"x\" t-options=\"{'widget': 'html'}\"/>", True),
        ('<t t-out="x" t-options-widget="\'html\'"/>', True),
        ('<a t-attf-onclick="go(#{x})"/>', True),
        ('<t t-out="x"/>', False),
        ("<t t-out=\"x\" t-options=\"{'widget': 'text'}\"/>", False),
    ],
)
def test_what_may_put_something_out_as_it_is(body: str, raw: bool) -> None:
    (one,) = declared(f'<template id="page">{body}</template>')
    assert one.raw is raw
