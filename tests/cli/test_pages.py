"""The page about the command line names every command and option, and is current."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from ostiary.cli import pages
from ostiary.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def section(name: str) -> str:
    found = re.search(rf"^## `ostiary {name}`$(.*?)(?=^## |\Z)", pages.page(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["pages", "--check"])
    assert pages.main() == 0


def test_a_page_that_is_not_current_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["pages", "--check"])
    assert pages.main() == 1
    assert "not current" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["pages"])
    assert pages.main() == 0
    monkeypatch.setattr("sys.argv", ["pages", "--check"])
    assert pages.main() == 0


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_documented(name: str) -> None:
    text = section(name)
    assert COMMANDS[name].help
    for parameter in COMMANDS[name].params:
        assert parameter.help, parameter.name
        for option in parameter.opts if parameter.param_type_name == "option" else [f"{parameter.metavar}`"]:
            assert f"`{option}" in text


def test_the_commands_are_those_that_were_promised() -> None:
    assert set(COMMANDS) == {
        "audit", "prove", "diff", "explain", "who", "matrix", "decisions", "snapshot", "checks", "test", "shell",
        "rls", "routes", "rpc", "vet",
    }  # fmt: skip
