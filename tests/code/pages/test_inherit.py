"""Templates with the views that inherit from them applied, as Odoo does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ostiary.code.pages.inherit import FROM, MAX_STEPS, SET, cost

BASE = '<template id="page"><div class="o_a o_b" name="one"><p id="x">text</p></div><span/></template>'


def text(library: Any, xmlid: str = "library.page") -> str:
    """The tree in few words: `t(div#one(p) span)`."""

    def word(node: Any) -> str:
        name = node.get("name") or node.get("id") or ""
        inner = " ".join(word(child) for child in node if isinstance(child.tag, str))
        return f"{node.tag}{'#' + name if name else ''}{f'({inner})' if inner else ''}"

    return word(library.templates.tree(xmlid).root)


def more(spec: str, **attributes: str) -> str:
    said = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f'<template id="{attributes.pop("id", "more")}" inherit_id="page" {said}>{spec}</template>'


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ('<xpath expr="//p" position="after"><b/><i/></xpath>', "t(div#one(p#x b i) span)"),
        ('<xpath expr="//p" position="before"><b/><i/></xpath>', "t(div#one(b i p#x) span)"),
        ('<xpath expr="//div" position="inside"><b/></xpath>', "t(div#one(p#x b) span)"),
        ('<xpath expr="//div"><b/></xpath>', "t(div#one(p#x b) span)"),
        ('<xpath expr="//p" position="replace"><b/><i/></xpath>', "t(div#one(b i) span)"),
        ('<xpath expr="//p" position="replace"/>', "t(div#one span)"),
        ('<xpath expr="//p" position="replace"><b>$0</b></xpath>', "t(div#one(b(p#x)) span)"),
        ('<xpath expr="//div" position="replace" mode="inner"><b/></xpath>', "t(div#one(b) span)"),
        ('<xpath expr="//div[hasclass(\'o_b\')]" position="inside"><b/></xpath>', "t(div#one(p#x b) span)"),
        ('<div name="one" position="inside"><b/></div>', "t(div#one(p#x b) span)"),
        ('<span position="before"><p id="x" position="move"/></span>', "t(div#one p#x span)"),
        (
            '<xpath expr="//p" position="attributes"><attribute name="id">y</attribute></xpath>',
            "t(div#one(p#y) span)",
        ),
        ('<xpath expr="." position="inside"><b/></xpath>', "t(div#one(p#x) span b)"),
        ('<data><span position="before"><b/></span></data>', "t(div#one(p#x) b span)"),
    ],
)
def test_positions(library: Callable[[], Any], spec: str, expected: str) -> None:
    found = library().add(BASE + more(spec))
    assert text(found) == expected
    assert found.templates.tree("library.page").unread == []


@pytest.mark.parametrize(
    "spec",
    [
        '<xpath expr="//table" position="after"><b/></xpath>',
        '<xpath expr="//p[" position="after"><b/></xpath>',
        '<xpath expr="string(//p)" position="after"><b/></xpath>',
        '<xpath expr="//p" position="beside"><b/></xpath>',
        '<xpath expr="/t" position="after"><b/></xpath>',
        '<form position="inside"><b/></form>',
    ],
)
def test_what_can_not_be_applied_is_said(library: Callable[[], Any], spec: str) -> None:
    found = library().add(BASE + more(spec + '<span position="after"><em/></span>'))
    (said,) = found.templates.tree("library.page").unread
    assert said.startswith("library.more is not applied in full: ")
    assert text(found) == "t(div#one(p#x) span em)"


def test_attributes_are_added_to(library: Callable[[], Any]) -> None:
    spec = """<div position="attributes"><attribute name="class" add="o_c" remove="o_a" separator=" "/>
        <attribute name="t-if" add="x" separator="or"/></div>"""
    base = '<template id="page"><div class="o_a o_b" t-if="y"/></template>'
    (node,) = library().add(base + more(spec)).templates.tree("library.page").root
    assert (node.get("class"), node.get("t-if")) == ("o_b o_c", "(y) or (x)")


def test_views_are_applied_by_priority_and_then_in_the_order_of_loading(library: Callable[[], Any]) -> None:
    spec = '<xpath expr="." position="inside"><{}/></xpath>'
    views = [("late", "i", 20), ("first", "b", 16), ("second", "u", 16), ("early", "em", 1)]
    found = library().add('<template id="page"/>')
    found.add(
        "".join(
            f'<template id="{name}" inherit_id="library.page" priority="{priority}">{spec.format(tag)}</template>'
            for name, tag, priority in views
        ),
        module="shelf",
    )
    assert text(found) == "t(em b u i)"


def test_a_view_is_followed_by_those_that_inherit_from_it(library: Callable[[], Any]) -> None:
    spec = '<xpath expr="{}" position="after"><{}/></xpath>'
    found = library().add(
        '<template id="page"><p/></template>'
        f'<template id="one" inherit_id="page">{spec.format("//p", "b")}</template>'
        f'<template id="two" inherit_id="page">{spec.format("//b", "u")}</template>'
        f'<template id="below" inherit_id="one">{spec.format("//b", "i")}</template>'
    )
    # `below` comes before `two`, which therefore stands next to the <b>.
    assert text(found) == "t(p b u i)"


def test_a_view_in_mode_primary_is_a_copy(library: Callable[[], Any]) -> None:
    found = library().add(
        BASE
        + more('<span position="after"><b/></span>')
        + '<template id="copy" inherit_id="page" primary="True"><p position="replace"/></template>'
        + '<template id="copy_more" inherit_id="copy"><span position="after"><u/></span></template>'
    )
    assert text(found) == "t(div#one(p#x) span b)"
    assert text(found, "library.copy") == "t(div#one span u b)"


def test_a_view_that_is_not_active_changes_nothing(library: Callable[[], Any]) -> None:
    found = library().add(
        BASE
        + more('<span position="after"><b/></span>', active="False")
        + '<template id="off" inherit_id="page"><span position="after"><i/></span></template>'
    )
    found.add(
        '<record id="library.off" model="ir.ui.view"><field name="active" eval="False"/></record>',
        module="shelf",
    )
    assert text(found) == "t(div#one(p#x) span)"


def test_a_later_module_may_write_a_template_anew(library: Callable[[], Any]) -> None:
    found = library().add(BASE).add('<template id="library.page"><i/></template>', module="shelf")
    assert text(found) == "t(i)"


def test_every_element_knows_where_it_was_written(library: Callable[[], Any]) -> None:
    found = library().add(BASE)
    found.add(
        '<template id="more" inherit_id="library.page">\n'
        '<xpath expr="//p" position="after">\n<b\n  t-out="loan.name"/></xpath>\n'
        '<xpath expr="//p" position="attributes"><attribute name="t-out">loan.note</attribute></xpath></template>',
        module="shelf",
    )
    templates = found.templates
    tree = templates.tree("library.page")
    assert str(templates.origin(tree, tree.root.find(".//b"))) == "shelf/views.xml:4"
    assert str(templates.origin(tree, tree.root.find(".//b"), "t-out")) == "shelf/views.xml:5"
    assert str(templates.origin(tree, tree.root.find(".//p"))) == "library/views.xml:2"
    assert str(templates.origin(tree, tree.root.find(".//p"), "t-out")) == "shelf/views.xml:6"


def test_a_file_can_not_say_where_it_was_written(library: Callable[[], Any]) -> None:
    found = library().add(f'<template id="page"><p {FROM}="1" {SET}="id=1:9"/></template>')
    found.add(
        '<template id="m" inherit_id="library.page"><p position="after"><b/></p></template>', module="shelf"
    )
    tree = found.templates.tree("library.page")
    assert str(found.templates.origin(tree, tree.root[0], "id")) == "library/views.xml:2"
    assert str(found.templates.origin(tree, tree.root[1])) == "shelf/views.xml:2"


def test_what_is_moved_was_written_where_it_was(library: Callable[[], Any]) -> None:
    found = library().add('<template id="page"><div/></template>')
    found.add(
        '<template id="m" inherit_id="library.page"><div position="after"><u><p/></u></div></template>',
        "shelf",
    )
    found.add(
        '<template id="n" inherit_id="library.page"><div><i/><p position="move"/></div></template>', "desk"
    )
    tree = found.templates.tree("library.page")
    places = {node.tag: found.templates.origin(tree, node).module for node in tree.root.iter()}
    assert places == {"t": "library", "div": "library", "u": "shelf", "i": "desk", "p": "shelf"}


def test_a_template_that_was_not_read_is_said(library: Callable[[], Any]) -> None:
    found = library().add('<template id="copy" inherit_id="portal.page" primary="True"/>')
    tree = found.templates.tree("library.copy")
    assert tree.root is None
    assert tree.unread == ["the template portal.page was not read"]


@pytest.mark.parametrize(
    ("text", "dear"),
    [
        ("//div//p", False),
        ("//form[.//input[@name='x']]", False),
        ("//a[contains(@href, '//x//y//z')]/../..", False),
        ("//*[//*[//*[//*]]]", True),
        ("//*[descendant::*[descendant::*]]", True),
        ("//*[//* = //*]", True),
        ("//*" * 30, True),
    ],
)
def test_an_xpath_that_would_take_long_is_not_tried(text: str, dear: bool) -> None:
    assert (cost(text, 1_000) > MAX_STEPS) is dear


def test_views_that_double_a_page_are_given_up(library: Callable[[], Any]) -> None:
    spec = '<xpath expr="//div" position="replace"><div><i>$0</i><i>$0</i></div></xpath>'
    views = "".join(f'<template id="v{number}" inherit_id="page">{spec}</template>' for number in range(40))
    tree = library().add(f'<template id="page"><div/></template>{views}').templates.tree("library.page")
    assert tree.size < 300_000
    assert "library.page has too many inheriting views to put together" in tree.unread


def test_a_view_that_doubles_a_page_is_given_up(library: Callable[[], Any]) -> None:
    spec = '<xpath expr="//div" position="replace"><div><i>$0</i><i>$0</i></div></xpath>'
    tree = (
        library()
        .add(f'<template id="page"><div/></template>{more(spec * 40)}')
        .templates.tree("library.page")
    )
    assert tree.size < 300_000
    assert "library.more is not applied in full: the page is too large to put together" in tree.unread


def test_views_that_inherit_from_each_other_end(library: Callable[[], Any]) -> None:
    found = library().add('<template id="a" inherit_id="b"/><template id="b" inherit_id="a"/>')
    assert found.templates.tree("library.a").root is None
