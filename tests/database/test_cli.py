"""The commands on a database, run as a person runs them; what they print holds no credential."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from cli.warm import variables, warm
from database.server import Server

Make = Callable[..., str]
Run = Callable[..., Ran]


@pytest.fixture
def ostiary(tmp_path: Path, server: Server) -> Run:
    def run(*arguments: str, **more: str) -> Ran:
        code, out, err = warm().run(arguments, tmp_path, {**variables(tmp_path), **more})
        assert server.password not in out + err
        return Ran(code, out, err)

    return run


def test_explain(ostiary: Run, make: Make) -> None:
    done = ostiary("explain", make("18.0"), "--as", "ada", "--can", "write library.book")
    assert done.code == 0, done.err
    assert "user ada" in done.out
    assert "ir_model_access:2" in done.out
    assert "ir_rule:1" in done.out


def test_who_and_matrix(ostiary: Run, make: Make) -> None:
    url = make("19.0")
    who = ostiary("who", url, "read", "library.book", "--format", "json")
    assert who.code == 0, who.err
    assert "library.group_librarian" in who.out
    shown = ostiary("matrix", url, "--as", "ada,visitor", "--model", "library.*")
    assert shown.code == 0, shown.err
    assert "library.book" in shown.out


@pytest.mark.parametrize("format_", ["terminal", "json", "sarif", "html"])
def test_an_audit_shows_the_database_and_no_credential(
    ostiary: Run, make: Make, server: Server, format_: str
) -> None:
    url = make("17.0")
    done = ostiary("audit", url, "--format", format_, "--fail-on", "never")
    assert done.code == 0, done.err
    assert server.shown(url.rpartition("/")[2]) in done.out
    assert "postgres:" not in done.out


def test_a_snapshot_answers_as_the_database_does(
    ostiary: Run, make: Make, server: Server, tmp_path: Path
) -> None:
    url = make("18.0")
    assert ostiary("snapshot", url, "-o", "saved.json").code == 0
    assert server.password not in (tmp_path / "saved.json").read_text()
    said = [
        json.loads(ostiary("audit", target, "--format", "json", "--fail-on", "never").out)
        for target in (url, "saved.json")
    ]
    assert said[0]["findings"] == said[1]["findings"]
    assert said[0]["targets"] == [server.shown(url.rpartition("/")[2])]


def test_an_error_is_one_sentence_and_the_code_2(ostiary: Run, server: Server) -> None:
    for debug in ("", "1"):
        done = ostiary("audit", server.url("postgres"), OSTIARY_DEBUG=debug)
        assert (done.code, done.out) == (2, "")
        said = (
            f"ostiary: {server.shown('postgres')} is not an Odoo database: it has no table ir_module_module."
        )
        assert done.err.split() == said.split()
