"""`explain`, `who` and `matrix` about real users and records of a database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

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
    with server.database("questions") as name:
        with server.connect(name) as connection:
            odoo.build(connection, "18.0")
            connection.execute(MORE)
        yield server.url(name)


def test_a_record_is_followed_to_the_term(ostiary: Run, url: str) -> None:
    ran = ostiary("explain", url, "--as", "ada", "--can", "read library.book:2")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("✗ DENIED  read library.book:2  as user ada\n")
    assert "✗ create_uid is 2 (Ada); here it is 1" in ran.out
    assert ran.out.rstrip().endswith("Nearest allow: create_uid is 2 (Ada)")


def test_a_promise_about_a_record(ostiary: Run, url: str) -> None:
    for record, verdict, code in ((1, "allowed", 0), (2, "allowed", 1), (2, "denied", 0)):
        ran = ostiary(
            "explain", url, "--as", "ada", "--can", f"read library.book:{record}", "--expect", verdict
        )
        assert ran.code == code, ran.err


def test_the_json_twin_says_what_is_nearest(ostiary: Run, url: str) -> None:
    ran = ostiary("explain", url, "--as", "ada", "--can", "read library.book:2", "-f", "json")
    document = json.loads(ran.out)
    assert document["question"] == "read library.book:2"
    assert document["verdict"] == "denied"
    assert document["nearest"] == "create_uid is 2 (Ada)"


def test_who_lists_users_with_the_reason(ostiary: Run, url: str) -> None:
    ran = ostiary("who", url, "read", "library.book:1")
    assert ran.code == 0, ran.err
    assert "✓ ada" in ran.out
    assert "accepts it" in ran.out
    assert "May not, no access right: visitor." in ran.out


def test_a_matrix_of_users_counts_records(ostiary: Run, url: str) -> None:
    ran = ostiary("matrix", url, "--as", "ada", "--model", "library.book")
    assert ran.code == 0, ran.err
    assert "read 2" in ran.out
    assert "of 3 records" in ran.out
    ran = ostiary("matrix", url, "--as", "ada", "--model", "library.book", "-f", "json")
    (row,) = json.loads(ran.out)["matrix"]
    assert row["records"]["total"] == 3
    assert row["records"]["read"] == 2
    ran = ostiary("matrix", url, "--as", "ada", "--model", "library.book", "-f", "csv")
    first = next(csv.DictReader(io.StringIO(ran.out)))
    assert (first["records"], first["of"]) == ("2", "3")


@pytest.mark.parametrize(
    ("can", "said"),
    [
        ("read library.book:99", "there is no library.book 99"),
        ("read library.book:x", "is not the id of a record"),
        ("create library.book.active:1", "is not created again"),
    ],
)
def test_a_question_that_has_no_answer_is_one_sentence(ostiary: Run, url: str, can: str, said: str) -> None:
    ran = ostiary("explain", url, "--as", "ada", "--can", can)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_company_that_is_not_there(ostiary: Run, url: str) -> None:
    ran = ostiary(
        "explain", url, "--as", "ada", "--can", "read library.book:1", "--company", "base.main_compny"
    )
    assert ran.code == 2
    assert "did you mean base.main_company?" in ran.err


def test_a_group_is_nobody_in_particular(ostiary: Run, url: str) -> None:
    ran = ostiary("explain", url, "--as", "internal", "--can", "read library.book:1")
    assert ran.code == 0, ran.err
    assert ran.out.startswith(("? UNKNOWN", "✗ DENIED"))


def test_a_record_of_source_is_not_there(ostiary: Run) -> None:
    ran = ostiary("explain", "open", "--as", "portal", "--can", "read garden.plant:1")
    assert ran.code == 2
    assert "of a database" in ran.err
