"""What a page puts out without escaping it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ostiary.policy.code import Given, Passed

Library = Callable[[], Any]
LOAN = Passed(name="loan", model="library.loan")
WORDS = Passed(name="words", given=(Given("parameter", "words"),), exact=True)
KW = Passed(name="kw", given=(Given("parameter"),))
RESULTS = Passed(name="results", given=(Given("parameter", "words"), Given("parameter", "order")))
OTHER = Passed(name="other")


@pytest.mark.parametrize(
    ("body", "how", "what"),
    [
        ('<p t-raw="loan.note"/>', "t-raw", "library.loan.note"),
        ("<p t-raw=\"loan.parent_id.name or ''\"/>", "t-raw", "library.loan.name"),
        ("<p t-raw=\"'&lt;b&gt;' + loan.note\"/>", "t-raw", "library.loan.note"),
        ("<p t-raw=\"loan.note.replace('a', 'b')\"/>", "t-raw", "library.loan.note"),
        ('<p t-raw="loan.script"/>', "t-raw", "library.loan.script"),
        ('<p t-out="loan.script"/>', "t-out", "library.loan.script"),
        ('<p t-field="loan.script"/>', "t-field", "library.loan.script"),
        ('<p t-out="Markup(loan.note)"/>', "Markup", "library.loan.note"),
        ('<p t-out="Markup(loan.note) + loan.name"/>', "Markup", "library.loan.note"),
        ("<p t-out=\"loan.note\" t-options=\"{'widget': 'html'}\"/>", "widget html", "library.loan.note"),
        ('<p t-raw="words"/>', "t-raw", "parameter words"),
        ("<p t-raw=\"kw.get('title')\"/>", "t-raw", "parameter title"),
        ("<p t-raw=\"kw['title']\"/>", "t-raw", "parameter title"),
        ("<p t-raw=\"request.params.get('title')\"/>", "t-raw", "parameter title"),
        ("<p t-raw=\"request.httprequest.args['title']\"/>", "t-raw", "parameter title"),
        ('<p t-raw="request.httprequest.path"/>', "t-raw", "url"),
        ('<t t-set="one" t-value="words"/><p t-raw="one"/>', "t-raw", "parameter words"),
        ('<p t-raw="shorten(words)"/>', "t-raw, through shorten()", "parameter words"),
        ('<p t-raw="other"/>', "t-raw", "other"),
        ('<p t-foreach="results" t-as="one" t-raw="one[\'name\']"/>', "t-raw", "results"),
        ("<p t-raw=\"results['name']\"/>", "t-raw", "results"),
        ("<a t-attf-onclick=\"go('#{words}')\"/>", "t-attf-onclick", "parameter words"),
        ('<a t-att-onclick="loan.note"/>', "t-att-onclick", "library.loan.note"),
    ],
)
def test_what_comes_out_as_it_is(library: Library, body: str, how: str, what: str) -> None:
    (one,) = library().page(body, LOAN, WORDS, KW, RESULTS, OTHER).raw
    said = f"{one.model}.{one.field}" if one.model else " ".join(map(str, one.given)) or one.root
    assert (one.how, said) == (how, what)


@pytest.mark.parametrize(
    "body",
    [
        '<p t-out="loan.note"/><p t-esc="words"/><p t-field="loan.note"/>',
        '<p t-raw="loan.fee"/><p t-raw="loan.id"/><p t-raw="len(words)"/><p t-raw="loan.fee &gt; 1"/>',
        '<p t-raw="loan.page"/><p t-out="loan.page"/><p t-field="loan.page"/><p t-out="Markup(loan.page)"/>',
        '<p t-raw="0"/><p t-out="0"/><p t-raw="\'&lt;br/&gt;\'"/>',
        '<t t-set="one"><b t-out="words"/></t><p t-raw="one"/>',
        "<p t-out=\"Markup('&lt;b&gt;%s&lt;/b&gt;') % words\"/><p t-out=\"Markup('{}').format(words)\"/>",
        "<p t-out=\"Markup('&lt;b&gt;') + words\"/>",
        '<p t-raw="escape(words)"/><p t-raw="json.dumps(kw)"/><p t-raw="quote_plus(words)"/>',
        "<p t-raw=\"env['ir.qweb.field.text'].value_to_html(loan.note, None)\"/>",
        "<p t-raw=\"loan.note\" t-options=\"{'widget': 'text'}\"/>",
        '<a t-attf-href="/#{words}" t-att-title="words" t-attf-onclick="go(#{loan.id})"/>',
        '<p t-if="False" t-raw="words"/>',
    ],
)
def test_what_does_not(library: Library, body: str) -> None:
    assert library().page(body, LOAN, WORDS, KW).raw == ()


def test_what_nothing_renders_is_told_too(library: Library) -> None:
    found = library().add(
        """<template id="page"><p t-raw="loan.note"/></template>
        <template id="more" inherit_id="page"><p position="after"><i t-raw="loan.name"/></p></template>
        <template id="alone"><p t-raw="doc.text"/><p t-out="doc.text"/><t t-call="library.page"/></template>
        <template id="alone_more" inherit_id="alone"><p position="after"><i t-raw="doc.more"/></p></template>
        <template id="off" inherit_id="alone" active="False"><p position="after"><i t-raw="doc.off"/></p></template>"""
    )
    pages = found.render("library.page").pages()
    assert {name: [one.text for one in page.raw] for name, page in pages.items()} == {
        "library.page": ["loan.note", "loan.name"],
        "library.alone": ["doc.text"],
        "library.alone_more": ["doc.more"],
    }
    assert [page.unread for page in pages.values()] == [(), (), ()]
    assert [page.entries for page in pages.values()] == [("library.Main.page",), (), ()]


def test_what_was_marked_as_html_in_python_comes_out_as_it_is(library: Library) -> None:
    text = Passed(name="text", given=(Given("parameter", "text"),), exact=True, raw="Markup")
    (one,) = library().page('<p t-out="text"/>', text).raw
    assert (one.how, one.given) == ("Markup", (Given("parameter", "text"),))


def test_the_values_may_be_the_parameters_themselves(library: Library) -> None:
    """`request.render(template, {"loan": loan, **kw})`."""
    sent = Passed(name="*", given=(Given("parameter"),))
    (one,) = library().page('<p t-raw="title"/><p t-raw="loan.fee"/>', LOAN, sent).raw
    assert one.given == (Given("parameter", "title"),)


def test_what_was_only_made_of_what_the_caller_sent_is_not_known(library: Library) -> None:
    (one,) = (
        library().page('<p t-raw="found"/>', Passed(name="found", given=(Given("parameter", "words"),))).raw
    )
    assert (one.given, one.root) == ((), "found")
