"""What an HTML field is compared with: the value as Odoo cleans it, where that is known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from ostiary.domain import from_python
from ostiary.policy import Field, Module, Policy
from ostiary.records.access_protocol import NoAccess
from ostiary.records.create import create_tables, insert
from ostiary.records.errors import Undecided
from ostiary.records.schema import Schema
from ostiary.records.sql import search
from ostiary.records.sql.html import MAX_DEPTH, cleaned
from ostiary.records.store import Store
from records.memory_models import ORIGIN, SUPERUSER, field, model

USUAL = field("body", "html")
OTHER = field("body", "html", sanitize_usual=False)
RAW = field("body", "html", sanitize=False)

STAYS = [
    "<p>m</p>",
    "<p> m\n n</p>",
    "<h1>A</h1>\n<p>R&amp;D &lt; x&nbsp;</p>\n  ",
    '<div class="a b-c"><p>x<br>y</p><ul><li>one <b>two</b></li></ul></div>',
    "<div>a</div><div>b</div>",
    '<p style="margin-top:8px; color:#ff0000">x</p>',
    '<p><a href="https://example.com/a" target="_blank">x</a></p>',
    '<p><a href="mailto:a@example.com">x</a></p>',
    "<p></p>",
]
UNKNOWN = [
    "x<br>y",  # parsers differ on text outside of any element
    "<P>x</P>",
    "<div>x</div>",  # taken for the one that the parser adds
    "<p>x",
    "x</p>",
    "</p>",
    "<p>x</div>",
    "<p><p>x</p></p>",
    "<p>a & b</p>",
    "<p>a > b</p>",
    "<p>é&eacute;</p>",
    "<p>x\xa0y</p>",
    "<p>-- \nsignature</p>",
    "<p>\n&gt; quoted</p>",
    "<blockquote>x</blockquote>",
    '<div class="gmail_extra"><p>x</p></div>',
    '<p onclick="x">x</p>',
    "<p><script>x</script></p>",
    "<!-- x --><p>y</p>",
    '<p class="a" class="b">x</p>',
    '<p href="/a">x</p>',
    '<p><a href="javascript:x">x</a></p>',
    '<p><a href="/a">x<b><a href="/b">y</a></b></a></p>',
    '<p style="margin-top: 8px">x</p>',
    '<p style="background:url(x)">x</p>',
    "<ul>x</ul>",
    '<p>x<br class="a"/></p>',
    "a\nb",
    " m",
    " ",
    "a\rb",
    "a & b",
    "<div>" * (MAX_DEPTH + 1) + "</div>" * (MAX_DEPTH + 1),
]


@pytest.mark.parametrize("text", STAYS)
def test_what_odoo_writes_itself_stays(text: str) -> None:
    assert cleaned(USUAL, text) == text
    assert _written(text) == text


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_only_a_cleaner_tells_is_undecided(text: str) -> None:
    with pytest.raises(Undecided, match="cleans the value of an HTML field"):
        cleaned(USUAL, text)


def test_a_line_of_text_becomes_a_paragraph() -> None:
    assert cleaned(USUAL, "m") == "<p>m</p>"
    assert cleaned(USUAL, '15% – "é" \'s') == '<p>15% – "é" \'s</p>'
    assert cleaned(USUAL, "\n <p>x</p>\n") == "<p>x</p>\n"
    assert cleaned(USUAL, "") == ""


def test_a_field_that_is_not_cleaned_takes_anything() -> None:
    assert cleaned(RAW, "<P onclick=x>") == "<P onclick=x>"


@pytest.mark.parametrize("definition", [OTHER, None])
def test_what_an_unusual_cleaner_may_change_is_undecided(definition: Field | None) -> None:
    assert cleaned(definition, "<p>a <b>b</b></p>\n") == "<p>a <b>b</b></p>\n"
    for text in ("m", "\n<p>x</p>", '<p class="a">x</p>', "<p>x<br></p>", "<p></p>", "<ul></ul><p>x</p>"):
        with pytest.raises(Undecided):
            cleaned(definition, text)


PIECES = st.sampled_from([*"/ \n-&;ab", *STAYS, "<p>", "</p>", "<b>", "</b>", "<br>", "<div>", "</div>"])


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_stays_is_what_a_parser_writes(text: str) -> None:
    try:
        found = cleaned(USUAL, text)
    except Undecided:
        return
    if found == text:
        assert not text or _written(text) == text


def _written(text: str) -> str:
    """The text as Odoo parses and writes it, without the cleaning in between."""
    try:
        found = html.tostring(html.fromstring(text), encoding="unicode")
    except etree.ParserError:
        return ""
    if found.startswith("<div>") and found.endswith("</div>"):
        found = found[5:-6]
    return found.replace("\xa0", "&nbsp;")


@pytest.mark.parametrize("version", ["17", "18", "19"])
def test_a_column_of_html_is_compared_with_what_is_kept(version: str) -> None:
    models = {"zz.page": model("zz.page", USUAL, msgspec.structs.replace(RAW, name="raw"))}
    found = Policy(odoo=f"{version}.0", modules={"zz": Module(origin=ORIGIN, name="zz")}, models=models)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema = Schema(found)
        create_tables(schema, connection)
        store = Store(schema, connection)
        kept: list[dict[str, Any]] = [{"body": "<p>m</p>", "raw": "m"}, {"body": "<p>n</p>"}]
        ids = [insert(schema, connection, "zz.page", values) for values in kept]

        def matching(*term: Any) -> list[int]:
            rows = store.rows(search(store, NoAccess(), SUPERUSER, "zz.page", from_python([term])))
            return [ids.index(row[0]) for row in rows]

        cleans = version != "19"  # which takes the values of `=` and `in` as they are
        assert matching("body", "=", "m") == ([0] if cleans else [])
        assert matching("body", "in", ["n", "<p>m</p>"]) == ([0, 1] if cleans else [0])
        assert matching("body", "<=", "m") == [0]
        assert matching("body", "like", "<b") == []
        assert matching("raw", "=", "m") == [0]
        assert matching("body", "=", False) == []
        with pytest.raises(Undecided):
            matching("body", "in" if cleans else ">", ["m", "x<br>y"] if cleans else "x<br>y")
    engine.dispose()
