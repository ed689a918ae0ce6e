"""The terminal report, held against snapshots. `UPDATE_SNAPSHOTS=1` writes them anew."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from ostiary.audit import Severity
from ostiary.report import terminal
from report.samples import HOSTILE, finding, findings, garden, problem, result

SNAPSHOTS = Path(__file__).with_name("snapshots")


def same_as(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("width", [80, 120])
def test_findings(width: int) -> None:
    audited = result(*findings(), problems=(problem(),))
    text = terminal.as_text(audited, garden(), targets=["garden"], width=width)
    same_as(f"findings-{width}.txt", text)


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_found(width: int) -> None:
    same_as(f"nothing-{width}.txt", terminal.as_text(result(), garden(), targets=["garden"], width=width))


def test_nothing_found_says_what_was_not_examined() -> None:
    text = terminal.as_text(result(), garden())
    assert "greenhouse" in text
    assert "No findings" in text
    assert "not everything could be" in text
    whole = terminal.as_text(result(unresolved=()), garden())
    assert "Examined is what was read" in whole
    assert "not everything" not in whole


def test_what_was_left_out_is_said() -> None:
    text = terminal.as_text(result(unresolved=()), garden(), least=Severity.HIGH)
    assert "None of the checks found anything high or graver. Findings below high were left out." in text
    assert "Findings below low were left out" in terminal.as_text(
        result(*findings()), garden(), least=Severity.LOW
    )
    assert "left out" not in terminal.as_text(result(*findings()), garden(), least=Severity.INFO)


def test_no_line_of_prose_is_wider_than_the_terminal() -> None:
    text = terminal.as_text(result(*findings()), garden(), width=80)
    wide = [each for each in text.splitlines() if len(each) > 80]
    assert all("<field" in each for each in wide)
    assert all(each == each.rstrip() for each in text.splitlines())


def test_hostile_names_are_shown_and_command_nothing() -> None:
    found = [
        finding(message=each, model=each, path=each, fix=each, subject=each, fingerprint=str(at))
        for at, each in enumerate(HOSTILE)
    ]
    out = io.StringIO()
    terminal.render(
        result(*found), garden(), Console(file=out, force_terminal=True, color_system="truecolor", width=80)
    )
    text = out.getvalue()
    assert "\x1b[31mred" not in text
    assert "\\x1b[31mred" in text
    assert "\u202e" not in text
    assert "[bold red]markup[/]" in text
    assert "\x1b]8" not in text


def test_colours_only_where_wished() -> None:
    assert "\x1b" not in terminal.as_text(result(*findings()), garden())
