"""What was read can't command a terminal, reorder a line or hide in it."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.policy import Origin
from ostiary.report import text
from report.samples import HOSTILE


def hidden(shown: str) -> list[str]:
    kept = {"\u200c", "\u200d", "\n"}
    return [
        char
        for char in shown
        if char not in kept and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_stays_hidden(given_text: str) -> None:
    assert hidden(text.line(given_text)) == []
    assert hidden(text.block(given_text)) == []
    assert "\n" not in text.line(given_text)


@pytest.mark.parametrize("given_text", HOSTILE)
def test_escapes_are_written_out(given_text: str) -> None:
    assert hidden(text.name(given_text)) == []
    assert len(text.name(given_text)) < 600


def test_what_is_shown_of_an_escape() -> None:
    assert text.line("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\u202ec"
    assert text.line("Ünïcode · 東京 🇧🇪 नमस्ते") == "Ünïcode · 東京 🇧🇪 नमस्ते"


def test_a_long_name_says_how_long_it_is() -> None:
    assert text.name("x" * 10_000).endswith("… (10,000 characters)")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_json_escapes_change_no_meaning(given_text: str) -> None:
    written = text.ascii_escapes(json.dumps(given_text, ensure_ascii=False))
    assert json.loads(written) == given_text
    assert hidden(written) == []


def test_a_way_to_mend_is_prose_and_code() -> None:
    assert text.fix_parts("Do this:\n<record>\n    <field/>\n</record>") == [
        ("text", "Do this:"),
        ("code", "<record>\n    <field/>\n</record>"),
    ]
    python = "secret = record.token\nif not secret:\n    raise NotFound()"
    assert text.fix_parts(f"Compare (in constant time):\n{python}\nor take\nit out.") == [
        ("text", "Compare (in constant time):"),
        ("code", python),
        ("text", "or take it out."),
    ]
    assert text.fix_parts("from odoo.tools import consteq\nThe rules let all pass:\n<x>\n</x>") == [
        ("code", "from odoo.tools import consteq"),
        ("text", "The rules let all pass:"),
        ("code", "<x>\n</x>"),
    ]
    assert text.fix_parts("<field/>") == [("code", "<field/>")]
    assert text.fix_parts("One\nsentence.") == [("text", "One sentence.")]
    assert text.fix_parts("") == []


def test_ostiarys_own_facts_are_named_as_such() -> None:
    assert text.place(Origin("ostiary:facts/base.toml", 12)) == "Ostiary's own facts about base"
    assert text.place(Origin("a/b.xml", 12)) == "a/b.xml:12"
    assert text.place(Origin("")) == "(no file)"
