"""`ostiary decisions`: lines of JSON from a database, streamed; what a source tree can say of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run
from database import odoo
from database.conftest import server
from database.server import Server

__all__ = ["server"]

MORE = """
ALTER TABLE library_book ADD active bool, ADD x_price float, ADD lend_ids int;
INSERT INTO library_book (id, create_uid, active) VALUES (1, 2, true), (2, 1, true), (3, 2, false);
"""


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    with server.database("decisions") as name:
        with server.connect(name) as connection:
            odoo.build(connection, "18.0")
            connection.execute(MORE)
        yield server.url(name)


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_decisions_of_a_database(ostiary_alone: Run, url: str) -> None:
    ran = ostiary_alone("decisions", url, "--user", "ada", "--model", "library.book")
    assert ran.code == 0, ran.err
    rows = read(ran.out)
    assert [row["mode"] for row in rows] == ["read", "write", "create", "unlink"]
    assert {(row["user"], row["uid"], row["model"]) for row in rows} == {("ada", 2, "library.book")}
    assert rows[0]["acl"] is True
    assert rows[0]["ids"] == [1, 3]  # a rule of hers, archived ones too
    assert rows[0]["domain"] == [["create_uid", "=", 2]]
    assert "source" in ran.err
    assert ran.err.count("\n") == 1


def test_some_modes_and_models(ostiary: Run, url: str) -> None:
    ran = ostiary("decisions", url, "--model", "library.*", "--mode", "write", "--mode", "unlink")
    assert ran.code == 0, ran.err
    rows = read(ran.out)
    assert {row["mode"] for row in rows} == {"write", "unlink"}
    assert {row["user"] for row in rows} == {"ada", "visitor"}  # not the superuser
    assert "library.book" in {row["model"] for row in rows}
    assert all(row["ids"] == [] for row in rows if row["user"] == "visitor" and row["acl"] is False)


def test_rows_that_a_query_makes_are_undecided(ostiary: Run, url: str) -> None:
    ran = ostiary("decisions", url, "--user", "ada", "--model", "library.query", "--mode", "read")
    (row,) = read(ran.out)
    assert (row["acl"], row["ids"], row["search_ids"]) == (True, None, None)
    assert row["undecided"].startswith("cannot be decided")


def test_a_choice_of_companies(ostiary: Run, url: str) -> None:
    for company in ("2", "base.main_company"):
        ran = ostiary(
            "decisions",
            url,
            "--user",
            "ada",
            "--model",
            "library.book",
            "--mode",
            "read",
            "--company",
            company,
        )
        assert ran.code == 0, ran.err
        assert read(ran.out)[0]["ids"] == [1, 3]
    ran = ostiary(
        "decisions", url, "--user", "visitor", "--model", "library.book", "--mode", "read", "--company", "1"
    )
    assert read(ran.out)[0]["acl"] is False


def test_it_is_the_same_twice_and_in_a_file(ostiary: Run, ostiary_again: Run, url: str, here: Path) -> None:
    first = ostiary("decisions", url, "--model", "library.book")
    second = ostiary_again("decisions", url, "--model", "library.book", "-o", "d.jsonl")
    assert second.out == ""
    assert (here / "d.jsonl").read_text(encoding="utf-8") == first.out
    assert stat.S_IMODE((here / "d.jsonl").stat().st_mode) == 0o666 & ~_umask()
    assert not [each for each in here.iterdir() if each.name.startswith(".d.jsonl")]


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def test_a_source_tree_has_no_rows(ostiary: Run) -> None:
    ran = ostiary("decisions", "open", "--user", "portal", "--model", "garden.plant", "--mode", "read")
    assert ran.code == 0, ran.err
    (row,) = read(ran.out)
    assert (row["user"], row["ids"]) == ("base.group_portal", None)
    assert isinstance(row["acl"], bool)
    assert "no rows" in row["undecided"]
    assert "no rows" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--user", "ad"], "did you mean ada"),
        (["--model", "library.bok"], "did you mean library.book"),
        (["--mode", "fly"], "fly"),
        (["--company", "base.main_compny"], "did you mean base.main_company"),
        (["--odoo", "17.0"], "is Odoo 18.0, not 17.0"),
        (["-o", "no/such.jsonl"], "there is no folder no"),
        (["-o", "/dev/full"], "No space left on device"),
    ],
)
def test_what_goes_wrong_is_one_sentence(ostiary: Run, url: str, arguments: list[str], says: str) -> None:
    ran = ostiary("decisions", url, *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err.splitlines()[-1]
    assert ran.err.splitlines()[-1].startswith("ostiary: ")
    assert "postgres:" not in ran.err


def test_no_database_there(ostiary: Run) -> None:
    ran = ostiary("decisions", "postgresql://localhost:1/nothing")
    assert ran.code == 2
    assert "can't be reached" in ran.err


def test_an_error_leaves_the_old_file(ostiary: Run, url: str, here: Path) -> None:
    (here / "d.jsonl").write_text("before", encoding="utf-8")
    ran = ostiary("decisions", url, "--user", "nobody", "-o", "d.jsonl")
    assert ran.code == 2
    assert (here / "d.jsonl").read_text(encoding="utf-8") == "before"


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str], url: str, here: Path) -> None:
    script = (
        f"set -o pipefail; {sys.executable} -m ostiary decisions '{url}' | head -c 1; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", script], cwd=here, env=environment, capture_output=True, timeout=120)
    assert done.returncode in (0, 141)
    assert b"Traceback" not in done.stderr
