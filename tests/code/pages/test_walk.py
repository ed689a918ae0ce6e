"""What a page shows, gone through as QWeb goes through it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from ostiary.code.pages.expressions import parsed
from ostiary.policy.code import Actor, Given, Page, Passed, Shown

Library = Callable[[], Any]
BOOKS = Passed(name="books", model="library.book")
WORDS = Passed(name="words", given=(Given("parameter", "words"),), exact=True)
KW = Passed(name="kw", given=(Given("parameter"),))


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ('<p t-field="loan.name"/>', ["loan.name"]),
        ('<p t-out="loan.name"/>', ["loan.name"]),
        ('<p t-esc="loan.reader_id.email"/>', ["loan.reader_id.email"]),
        ('<p t-field="loan.reader_id"/>', ["loan.reader_id"]),
        ('<p t-att-title="loan.note"/>', ["loan.note"]),
        ('<p t-attf-title="a #{loan.note} {{ loan.name }}"/>', ["loan.note", "loan.name"]),
        ("<p t-att=\"{'title': loan.note}\"/>", ["loan.note"]),
        ('<p t-out="\'%s: %s\' % (loan.name, loan.fee)"/>', ["loan.name", "loan.fee"]),
        ("<p t-out=\"'{}'.format(loan.name)\"/>", ["loan.name"]),
        ("<p t-out=\"f'{loan.name}'\"/>", ["loan.name"]),
        ('<p t-out="loan.name or loan.note"/>', ["loan.name", "loan.note"]),
        ('<p t-out="loan.name if loan.fee else loan.note"/>', ["loan.name", "loan.note"]),
        ('<p t-out="loan[\'note\'].upper()"/>', ["loan.note"]),
        ('<p t-out="loan[0].with_context(x=1).exists().note"/>', ["loan.note"]),
        ('<p t-out="loan.sudo().note"/>', ["loan.sudo().note"]),
        ('<p t-out="loan.sudo(False).with_user(user_id).note"/>', ["loan.sudo(False).with_user().note"]),
        ("<p t-out=\"', '.join(loan.book_ids.mapped('name'))\"/>", ["loan.book_ids.name"]),
        ("<p t-out=\"loan.mapped('book_ids.loan_id.name')\"/>", ["loan.book_ids.loan_id.name"]),
        ('<p t-out="sum(loan.book_ids.mapped(lambda one: one.price))"/>', ["loan.book_ids.price"]),
        ('<p t-out="[one.name for one in loan.book_ids if one.price]"/>', ["loan.book_ids.name"]),
        ('<p t-out="loan.book_ids.filtered(lambda one: one.price).name"/>', ["loan.book_ids.filtered().name"]),
        (
            '<p t-out="loan.book_ids.filtered(lambda one: one.loan_id == user_id).name"/>',
            ["loan.book_ids.filtered(user).name"],
        ),
        ("<p t-out=\"getattr(loan, 'note')\"/>", ["loan.note"]),
        ("<p t-out=\"loan.read(['note', 'fee'])\"/>", ["loan.note", "loan.fee"]),
        ('<p t-out="(loan.parent_id | loan).note"/>', ["loan.parent_id.note", "loan.note"]),
        ('<p t-out="loan.id"/>', []),
        ('<p t-out="len(loan.book_ids)"/>', []),
        ('<p t-if="False" t-out="loan.note"/>', []),
        (
            "<p t-out=\"request.env['library.book'].sudo().search([]).price\"/>",
            ["env['library.book'].sudo().search().price"],
        ),
        ('<p t-out="env.user.name"/>', ["user_id.name"]),
        ('<p t-out="request.env.company.name"/>', ["res_company.name"]),
    ],
)  # fmt: skip
def test_expressions(library: Library, body: str, paths: list[str]) -> None:
    assert library().shown(body) == paths


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (
            '<t t-foreach="loan.book_ids" t-as="book"><p t-out="book.name"/></t>',
            ["loan.book_ids", "loan.book_ids.name"],
        ),
        ('<p t-foreach="books" t-as="book" t-out="book.name"/>', ["books.name"]),
        ('<p t-foreach="{1: books}" t-as="key" t-out="key_value.name"/>', ["books.name"]),
        ('<p t-foreach="books" t-as="book" t-out="book_index"/>', []),
        ('<t t-set="one" t-value="loan.reader_id"/><p t-out="one.email"/>', ["loan.reader_id.email"]),
        ('<t t-set="one" t-valuef="a #{loan.note}"/><p t-out="one"/>', ["loan.note"]),
        ('<t t-set="one"><b t-out="loan.note"/></t><p t-out="one"/>', ["loan.note"]),
        (
            '<t t-set="one" t-value="loan"/><t t-set="one" t-value="books"/><p t-out="one.name"/>',
            ["books.name"],
        ),
        (
            '<t t-set="one" t-value="loan"/><t t-if="x" t-set="one" t-value="books"/><p t-out="one.name"/>',
            ["loan.name", "books.name"],
        ),
        (
            '<t t-foreach="loan.book_ids" t-as="book"><t t-set="last" t-value="book"/></t><p t-out="last.name"/>',
            ["loan.book_ids", "loan.book_ids.name"],
        ),
    ],
)
def test_loops_and_names(library: Library, body: str, paths: list[str]) -> None:
    values = (Passed(name="loan", model="library.loan"), BOOKS)
    assert library().shown(body, *values) == paths


def test_a_call_has_the_names_of_the_caller_and_those_set_in_it(library: Library) -> None:
    found = library().add(
        '<template id="box"><p t-out="one.note"/><p t-out="loan.fee"/><t t-out="0"/></template>'
        '<template id="other"><p t-out="one.note"/></template>'
    )
    body = """<t t-call="library.box"><t t-set="one" t-value="loan.parent_id"/><i t-out="loan.name"/></t>
        <t t-call="library.other"/>"""
    assert found.shown(body) == ["loan.name", "loan.parent_id.note", "loan.fee"]


def test_from_19_on_a_call_has_attributes_for_values(library: Library) -> None:
    found = library().add('<template id="box"><p t-out="one.note"/></template>')
    assert found.shown('<t t-call="library.box" one="loan.parent_id"/>') == ["loan.parent_id.note"]


def test_a_template_that_calls_itself_ends(library: Library) -> None:
    found = library().add(
        """<template id="tree"><p t-out="loan.name"/>
        <t t-if="loan.parent_id" t-call="library.tree"><t t-set="loan" t-value="loan.parent_id"/></t></template>"""
    )
    page = found.page('<t t-call="library.tree"/>')
    assert [one.path for one in page.shown if one.as_ == "out"] == ["loan.name", "loan.parent_id.name"]
    assert page.unread == ()


def test_what_inheriting_views_add_is_shown(library: Library) -> None:
    found = library().add('<template id="page"><p/></template>')
    found.add(
        '<template id="m" inherit_id="library.page"><p position="after"><i t-out="loan.note"/></p></template>',
        "shelf",
    )
    (one,) = found.render("library.page").pages()["library.page"].shown
    assert (one.path, one.origin.path, one.origin.module) == ("loan.note", "shelf/views.xml", "shelf")


def test_what_is_the_same_on_every_page_is_a_page_of_its_own(library: Library) -> None:
    found = library().add(
        """<template id="layout"><p t-out="user_id.partner_id.email"/><t t-out="0"/></template>
        <template id="one"><t t-call="library.layout"><t t-set="title">One</t><p t-out="loan.name"/></t></template>
        <template id="two"><t t-call="library.layout"><p t-out="loan.note"/></t></template>"""
    )
    found.render("library.one", name="a").render("library.two", name="b")
    pages: dict[str, Page] = found.pages()
    assert list(pages) == ["library.one", "library.two", "library.layout"]
    assert [one.path for one in pages["library.one"].shown] == ["loan.name"]
    assert pages["library.layout"].entries == ("a", "b")
    assert [one.path for one in pages["library.layout"].shown] == ["user_id.partner_id.email"]


def test_each_way_in_which_the_values_differ_is_a_page(library: Library) -> None:
    found = library().add('<template id="page"><p t-out="loan.note"/></template>')
    for name, actor in (("a", Actor.SUPERUSER), ("b", Actor.CALLER), ("c", Actor.SUPERUSER)):
        found.render("library.page", Passed(name="loan", model="library.loan", actor=actor), name=name)
    found.pages()  # the same, however often it is asked
    from ostiary.code.pages import pages

    made = pages(found.policy, found.templates, found.entries)
    assert [(page.entries, page.values[0].actor) for page in made] == [
        (("a", "c"), Actor.SUPERUSER),
        (("b",), Actor.CALLER),
    ]


def test_what_a_method_returns_is_followed_and_not_run(library: Library) -> None:
    found = library()
    found.methods["library.loan", "_shown"] = (
        "def _shown(self, dear=False):\n"
        "    books = self.book_ids\n"
        "    if dear:\n        return books.filtered(lambda one: one.price)\n"
        "    raise SystemExit\n    return books\n"
    )
    found.methods["library.loan", "_box"] = "def _box(self):\n    return 'library.box'\n"
    found.methods["library.loan", "_again"] = "def _again(self):\n    return self._again()\n"
    found.add('<template id="box"><i t-out="loan.fee"/></template>')
    body = """<p t-foreach="loan._shown()" t-as="book" t-out="book.name"/><t t-call="{{loan._box()}}"/>
        <p t-out="loan._again()"/>"""
    page = found.page(body)
    assert [one.path for one in page.shown if one.as_ == "out"] == [
        "loan.book_ids.filtered().name",
        "loan.book_ids.name",
        "loan.fee",
    ]
    assert page.unread == ()


def test_a_field_that_is_shown_has_its_model_and_the_way_to_it(library: Library) -> None:
    (one,) = library().page('<p t-out="loan.reader_id.comment"/>').shown
    assert (one.model, one.field, one.root, one.through, one.raw) == (
        "res.partner", "comment", "loan", ("library.loan",), False,
    )  # fmt: skip
    assert str(one.origin) == "library/views.xml:2"


def test_what_is_only_looked_at_is_a_condition(library: Library) -> None:
    body = '<t t-if="loan.fee and not loan.note"><p t-out="loan.name if loan.parent_id.fee else 1"/></t>'
    assert {(one.path, one.as_) for one in library().page(body).shown} == {
        ("loan.fee", "condition"),
        ("loan.note", "condition"),
        ("loan.name", "out"),
        ("loan.parent_id.fee", "condition"),
    }


def groups(page: Page) -> list[str]:
    return [one.groups for one in page.shown if one.as_ == "out"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<p groups="base.group_user" t-out="loan.note"/>', "base.group_user"),
        ('<p t-groups="base.group_user"><i groups="a.b" t-out="loan.note"/></p>', "base.group_user;a.b"),
        ('<p t-if="request.env.user.has_group(\'a.b\')" t-out="loan.note"/>', "a.b"),
        ('<p t-if="user_has_groups(\'a.b,a.c\')" t-out="loan.note"/>', "a.b,a.c"),
        ('<p t-if="loan and env.user.has_group(\'a.b\')" t-out="loan.note"/>', "a.b"),
        ('<p t-if="loan.fee or env.user.has_group(\'a.b\')" t-out="loan.note"/>', ""),
        (
            "<p t-if=\"env.user.has_group('a.c') or env.user.has_group('a.b')\" t-out=\"loan.note\"/>",
            "a.c,a.b",
        ),
        ('<p t-if="not user_id.share" t-out="loan.note"/>', "base.group_user"),
        ('<p t-if="user_id._is_internal()" t-out="loan.note"/>', "base.group_user"),
        ('<p t-if="user_id.share" t-out="loan.note"/>', "!base.group_user"),
        ('<b t-if="user_id.share"/><p t-else="" t-out="loan.note"/>', "base.group_user"),
        ('<b t-if="user_id.share"/><b t-elif="x"/><p t-else="" t-out="loan.note"/>', "base.group_user"),
        ('<b t-if="user_id.share"/><b t-if="x"/><p t-else="" t-out="loan.note"/>', ""),
        (
            '<t t-set="staff" t-value="env.user.has_group(\'a.b\')"/><p t-if="staff" t-out="loan.note"/>',
            "a.b",
        ),
        ('<p t-if="editable" t-out="loan.note"/>', "base.group_user"),
    ],
)
def test_to_whom_an_element_is_shown(library: Library, body: str, expected: str) -> None:
    assert groups(library().page(body)) == [expected]


def test_the_groups_around_a_call_count_for_what_it_shows(library: Library) -> None:
    found = library().add(
        '<template id="box"><p t-out="loan.note"/><p groups="a.b" t-out="user_id.name"/></template>'
    )
    page = found.page('<t t-call="library.box" groups="base.group_user"/>')
    assert groups(page) == ["base.group_user", "base.group_user;a.b"]


def test_what_is_the_same_on_every_page_is_not_where_a_call_has_groups(library: Library) -> None:
    found = library().add('<template id="box"><p t-out="user_id.name"/></template>')
    page = found.page('<t t-call="library.box" groups="base.group_user"/>')
    assert groups(page) == ["base.group_user"]


def test_the_groups_of_a_template_count(library: Library) -> None:
    found = library().add('<template id="page" groups="base.group_user"><p t-out="loan.note"/></template>')
    assert groups(found.render("library.page").pages()["library.page"]) == ["base.group_user"]


def test_a_name_that_is_partly_made_at_run_time_may_be_any_that_fits(library: Library) -> None:
    found = library().add(
        """<template id="box_small"><p t-out="loan.name"/></template>
        <template id="box_large"><p t-out="loan.note"/></template>
        <template id="big_box"><p t-out="loan.fee"/></template>"""
    )
    page = found.page('<t t-call="library.box_#{size}"/>')
    assert ([one.path for one in page.shown], page.unread) == (["loan.name", "loan.note"], ())
    page = library().page('<t t-call="library.#{size}"/>')
    assert page.unread == ("it calls a template whose name is made at run time (library.#{size})",)


def test_what_a_call_that_is_made_at_run_time_shows_depends_on_the_page(library: Library) -> None:
    found = library().add(
        """<template id="frame"><t t-call="library.box_#{size}"/></template>
        <template id="box_small"><p t-out="loan.name"/></template>
        <template id="one"><t t-call="library.frame"/></template>
        <template id="two"><t t-set="loan" t-value="loan.parent_id"/><t t-call="library.frame"/></template>"""
    )
    pages = found.render("library.one", name="a").render("library.two", name="b").pages()
    assert {name: [one.path for one in page.shown] for name, page in pages.items()} == {
        "library.one": ["loan.name"],
        "library.two": ["loan.parent_id.name"],
    }


def test_what_could_not_be_followed_is_said(library: Library) -> None:
    path = "loan" + ".parent_id" * 50
    long = "loan or " * 2000
    body = f"""<t t-if="{long}loan"/><t t-call="portal.box"/><t t-call="#{{x}}"/><p t-out="loan..name"/>
        <p t-field="{path}.note"/>"""
    page = library().page(body)
    assert page.unread == (
        f"it has an expression that can't be followed ({long[:60]})",
        "it calls portal.box, which was not read",
        "it calls a template whose name is made at run time (#{x})",
        "it has an expression that can't be followed (loan..name)",
        f"it has an expression that can't be followed ({path[:60]})",
    )


def test_who_asks_is_not_who_the_page_says(library: Library) -> None:
    """`request` and `env` can't be replaced by a value of the page; `user_id` can."""
    values = (Passed(name="env", model="library.loan"), Passed(name="user_id", model="library.loan"))
    shown: list[Shown] = list(
        library().page('<p t-out="env.user.name"/><p t-out="user_id.note"/>', *values).shown
    )
    assert [(one.model, one.root) for one in shown] == [("res.users", "user_id"), ("library.loan", "user_id")]


@pytest.mark.parametrize("written", ["data['loan'].note", "data.loan.note", "data.get('loan').note"])
def test_records_in_a_mapping(library: Library, written: str) -> None:
    body = f'<p t-out="{written}"/>'
    value = Passed(name="data.loan", model="library.loan", actor=Actor.SUPERUSER)
    (one,) = library().page(body, Passed(name="data"), value).shown
    assert (one.path, one.root, one.model, one.field) == (
        "data['loan'].note",
        "data.loan",
        "library.loan",
        "note",
    )


@pytest.mark.parametrize(
    "text", ["a", "a.b.c", "is_x.in_", "match.x", "a.is", "not", "None.x", "ä.b", "a.b ", "a[0].b", "a\n.b"]
)
def test_a_path_is_parsed_as_python_does(text: str) -> None:
    tree = parsed(text)
    try:
        told = ast.dump(ast.parse(f"({text.strip()}\n)", mode="eval").body)
    except SyntaxError:
        assert tree is None
    else:
        assert tree is not None
        assert ast.dump(tree) == told
