"""What goes wrong with a database while its rows are asked for: one sentence each, without credentials."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from cli.conftest import Run, environment, here, ostiary
from database import odoo
from database.server import Server
from ostiary.domain import TRUE
from ostiary.policy import Mode
from ostiary.records.opened import open_access
from ostiary.sources.database.rows import opened_rows
from ostiary.sources.errors import UnreadableTarget

__all__ = ["environment", "here", "ostiary"]

BOOK = "library.book"
MORE = """
ALTER TABLE library_book ADD active bool, ADD x_price float, ADD lend_ids int;
INSERT INTO library_book (id, create_uid, active) VALUES (1, 2, true), (2, 1, true), (3, 2, false);
"""


@pytest.fixture(scope="module")
def name(server: Server) -> Iterator[str]:
    with server.database("interrupted") as made:
        with server.connect(made) as connection:
            odoo.build(connection, "18.0")
            connection.execute(MORE)
            connection.execute("DROP ROLE IF EXISTS clerk")
            connection.execute("CREATE ROLE clerk LOGIN PASSWORD 'quill'")
            connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
            connection.execute("REVOKE SELECT ON library_book FROM clerk")
            connection.execute("GRANT SELECT (id) ON library_book TO clerk")
        yield made
        with server.connect(made) as connection:
            connection.execute("DROP OWNED BY clerk")
            connection.execute("DROP ROLE clerk")


def said(error: pytest.ExceptionInfo[UnreadableTarget], server: Server) -> str:
    text = str(error.value)
    assert server.password not in text
    assert "quill" not in text
    assert text.count("\n") == 0
    return text


def test_the_connection_is_lost(server: Server, name: str) -> None:
    with pytest.raises(UnreadableTarget) as error, opened_rows(server.url(name)) as (policy, connection):
        access = open_access(policy, connection)
        session = access.session_of("ada")
        assert access.search(session, BOOK, TRUE) == [1]
        with server.connect(name) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        access.search(session, BOOK, TRUE, active_test=False)
    assert "connection was lost" in said(error, server)


def test_a_statement_takes_too_long(server: Server, name: str) -> None:
    with pytest.raises(UnreadableTarget) as error, opened_rows(server.url(name)) as (policy, connection):
        access = open_access(policy, connection)
        connection.execute("SET LOCAL statement_timeout = 1")
        for _ in range(1000):
            connection.execute("SELECT pg_sleep(0.01)")
        access.search(access.session_of("ada"), BOOK, TRUE)
    assert "took too long" in said(error, server)


def test_the_limits_and_the_moment_stay_those_of_the_transaction(server: Server, name: str) -> None:
    with opened_rows(server.url(name)) as (policy, connection):
        before = connection.execute("SELECT now(), txid_current_snapshot()").fetchone()
        access = open_access(policy, connection)
        with server.connect(name) as other:
            other.execute("INSERT INTO library_book (id, create_uid, active) VALUES (9, 2, true)")
        assert 9 not in access.search(access.session_of("ada"), BOOK, TRUE)
        assert connection.execute("SELECT now(), txid_current_snapshot()").fetchone() == before
        assert connection.execute("SHOW lock_timeout").fetchone() == ("5s",)
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("on",)
    with server.connect(name) as other:
        other.execute("DELETE FROM library_book WHERE id = 9")


def test_a_column_may_not_be_read(server: Server, name: str) -> None:
    url = server.url(name, "clerk", "quill")
    with pytest.raises(UnreadableTarget) as error, opened_rows(url) as (policy, connection):
        access = open_access(policy, connection)
        access.allowed(access.session_of("ada"), BOOK, Mode.READ, [1, 2])
    assert "may not be read by this user" in said(error, server)


def test_a_table_is_being_changed(server: Server, name: str, ostiary: Run) -> None:
    with psycopg.connect(server.url(name)) as upgrading:
        upgrading.execute("LOCK TABLE library_book IN ACCESS EXCLUSIVE MODE")
        ran = ostiary("explain", server.url(name), "--as", "ada", "--can", f"read {BOOK}:1")
    assert ran.code == 2
    assert "is locked, as while Odoo upgrades a module" in ran.err
    assert ran.err.count("\n") == 1


def test_a_missing_privilege_ends_a_command_in_one_sentence(server: Server, name: str, ostiary: Run) -> None:
    ran = ostiary("explain", server.url(name, "clerk", "quill"), "--as", "ada", "--can", f"read {BOOK}:1")
    assert ran.code == 2
    assert "may not be read by this user" in ran.err
    assert "quill" not in ran.err
    assert ran.err.count("\n") == 1
