"""The commands on a database, run as a person runs them; what they print holds no credential."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from database.server import Server

ROOT = Path(__file__).parents[2]
Make = Callable[..., str]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ostiary(tmp_path: Path, server: Server) -> Run:
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
    }

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "ostiary", *arguments],
            cwd=tmp_path, env={**environment, **variables}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert server.password not in done.stdout + done.stderr
        return done

    return run


def test_explain(ostiary: Run, make: Make) -> None:
    done = ostiary("explain", make("18.0"), "--as", "ada", "--can", "write library.book")
    assert done.returncode == 0, done.stderr
    assert "user ada" in done.stdout
    assert "ir_model_access:2" in done.stdout
    assert "ir_rule:1" in done.stdout


def test_who_and_matrix(ostiary: Run, make: Make) -> None:
    url = make("19.0")
    who = ostiary("who", url, "read", "library.book", "--format", "json")
    assert who.returncode == 0, who.stderr
    assert "library.group_librarian" in who.stdout
    shown = ostiary("matrix", url, "--as", "ada,visitor", "--model", "library.*")
    assert shown.returncode == 0, shown.stderr
    assert "library.book" in shown.stdout


@pytest.mark.parametrize("format_", ["terminal", "json", "sarif", "html"])
def test_an_audit_shows_the_database_and_no_credential(
    ostiary: Run, make: Make, server: Server, format_: str
) -> None:
    url = make("17.0")
    done = ostiary("audit", url, "--format", format_, "--fail-on", "never")
    assert done.returncode == 0, done.stderr
    assert server.shown(url.rpartition("/")[2]) in done.stdout
    assert "postgres:" not in done.stdout


def test_a_snapshot_answers_as_the_database_does(
    ostiary: Run, make: Make, server: Server, tmp_path: Path
) -> None:
    url = make("18.0")
    assert ostiary("snapshot", url, "-o", "saved.json").returncode == 0
    assert server.password not in (tmp_path / "saved.json").read_text()
    said = [
        json.loads(ostiary("audit", target, "--format", "json", "--fail-on", "never").stdout)
        for target in (url, "saved.json")
    ]
    assert said[0]["findings"] == said[1]["findings"]
    assert said[0]["targets"] == [server.shown(url.rpartition("/")[2])]


def test_an_error_is_one_sentence_and_the_code_2(ostiary: Run, server: Server) -> None:
    for debug in ("", "1"):
        done = ostiary("audit", server.url("postgres"), OSTIARY_DEBUG=debug)
        assert (done.returncode, done.stdout) == (2, "")
        said = (
            f"ostiary: {server.shown('postgres')} is not an Odoo database: it has no table ir_module_module."
        )
        assert done.stderr.split() == said.split()
