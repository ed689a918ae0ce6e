"""Everything that can go wrong with a database, provoked for real: one sentence, and never a credential in it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from database.server import Server
from ostiary.sources import UnreadableTarget, open_policy
from ostiary.sources.database import connect, read_database
from ostiary.sources.database.tables import TABLES

Make = Callable[..., str]
PASSWORD = "correct horse@battery/staple"


def refused(url: str, **given: float) -> str:
    """What is said of a database that can't be read."""
    with pytest.raises(UnreadableTarget) as caught:
        read_database(url, **given)  # type: ignore[arg-type]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    said = str(caught.value)
    assert re.fullmatch(r"[^\n]+[.]", said)
    for secret in PASSWORD, "pw-1-pw":
        assert secret not in said
    return said


def database_of(url: str) -> str:
    return url.rpartition("/")[2]


@contextmanager
def role(server: Server, database: str, *statements: str) -> Iterator[str]:
    """A user who may connect, and what the statements give them (`{role}` is their name)."""
    name = f"reader_{database}"
    with server.connect(database) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        for statement in statements:
            connection.execute(statement.replace("{role}", name))
    try:
        yield server.url(database, name, PASSWORD)
    finally:
        with server.connect(database) as connection:
            connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


# -- connecting ------------------------------------------------------------------------------------


def test_nothing_listens_there(server: Server) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    said = refused(f"postgresql://u:pw-1-pw@127.0.0.1:{port}/x")
    assert said == (
        f"postgresql://127.0.0.1:{port}/x can't be reached: no PostgreSQL listens there; check the host and the port."
    )


def test_what_listens_there_is_not_postgresql() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as one:
                one.recv(100)
                one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        said = refused(f"postgresql://u:pw-1-pw@127.0.0.1:{listener.getsockname()[1]}/x?sslmode=prefer")
        thread.join()
    assert "is not PostgreSQL" in said


def test_what_listens_there_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = refused(f"postgresql://u:pw-1-pw@127.0.0.1:{listener.getsockname()[1]}/x")
    assert "did not answer within 2 seconds" in said


def test_there_is_no_such_host() -> None:
    assert "there is no host of that name" in refused("postgresql://u:pw-1-pw@nowhere.invalid/x")


def test_the_password_is_wrong(server: Server) -> None:
    said = refused(server.url("postgres", password="pw-1-pw"))
    assert said.startswith(f"{server.shown('postgres')} refuses the user or the password")


def test_the_user_is_unknown(server: Server) -> None:
    said = refused(server.url("postgres", user="nobody-known"))
    assert "refuses the user or the password" in said
    assert "nobody-known" not in said


def test_the_password_is_missing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSFILE", "/dev/null")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    assert "refuses the user or the password" in refused(
        f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
    )


def test_there_is_no_such_database(server: Server) -> None:
    said = refused(server.url("no_such_thing"))
    assert said == f"There is no database of that name at {server.shown('no_such_thing')}: check the name."


def test_the_user_may_not_connect(server: Server, make: Make) -> None:
    name = database_of(make())
    with role(server, name, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC") as url:
        assert "GRANT CONNECT ON DATABASE is missing" in refused(url)


def test_the_url_makes_no_sense() -> None:
    for url in (
        "postgresql://user:half@word@host/db",
        "postgresql://user:half/word@host/db",
        "postgresql://user:half#word@host:port/db",
        "postgresql://host/db?unheard=of",
        "postgresql://host:99x/db",
        "postgresql://%zz@host/db",
    ):
        said = refused(url)
        assert said.startswith("The database URL can't be understood")
        assert "half" not in said
        assert "word" not in said.replace("password", "")


# -- what is not an Odoo that can be read ----------------------------------------------------------


def test_it_is_no_odoo_database(server: Server) -> None:
    with server.database() as name:
        said = refused(server.url(name))
    assert said == f"{server.shown(name)} is not an Odoo database: it has no table ir_module_module."


def test_odoo_is_not_installed_in_it(make: Make) -> None:
    url = make("18.0", "UPDATE ir_module_module SET state = 'uninstalled'")
    assert refused(url).endswith("is not an Odoo database: its module base is not installed.")


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("16.0.1.3", "is Odoo 16.0, which"),
        ("20.0.1.3", "is Odoo 20.0, which"),
        ("saas~18.2.1.3", "is Odoo saas~18.2, which"),
        ("?", "is an Odoo that does not say its version, which"),
    ],
)
def test_the_version_is_not_known(make: Make, version: str, said: str) -> None:
    url = make("18.0", f"UPDATE ir_module_module SET latest_version = '{version}' WHERE name = 'base'")
    assert f"{said} Ostiary does not know: it reads 17.0, 18.0, 19.0." in refused(url)


def test_the_tables_are_those_of_another_version(make: Make) -> None:
    to_19 = "UPDATE ir_module_module SET latest_version = '19.0.1.3' WHERE name = 'base'"
    to_18 = to_19.replace("19", "18")
    assert "stored as in an earlier version: it is being migrated" in refused(make("18.0", to_19))
    assert "stored as in a later version: it is being migrated" in refused(make("19.0", to_18))


def test_a_table_is_not_there(make: Make) -> None:
    assert "there is no table ir_rule" in refused(make("18.0", "DROP TABLE ir_rule"))
    assert "ir_rule has no domain_force" in refused(make("18.0", "ALTER TABLE ir_rule DROP domain_force"))


@pytest.mark.parametrize("state", ["to install", "to upgrade", "to remove"])
def test_it_is_being_upgraded(make: Make, state: str) -> None:
    url = make("18.0", f"UPDATE ir_module_module SET state = '{state}' WHERE name <> 'base'")
    assert "is being upgraded: library, unused still wait to be installed" in refused(url)


# -- privileges ------------------------------------------------------------------------------------


def test_nothing_may_be_read(server: Server, make: Make) -> None:
    name = database_of(make())
    with role(server, name) as url:
        said = refused(url)
    assert "may not read ir_act_client, ir_act_report_xml, ir_act_server and " in said
    assert "GRANT SELECT ON ir_act_client, ir_act_report_xml" in said
    assert f"SELECT (id, login, active, partner_id, company_id) ON res_users TO reader_{name}" in said


def test_one_table_may_not_be_read(server: Server, make: Make) -> None:
    name = database_of(make())
    granted = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", "REVOKE SELECT ON ir_rule FROM {role}"
    with role(server, name, *granted) as url:
        reader = f"reader_{name}"
        assert refused(url) == (
            f"{server.shown(name)}: {reader} may not read ir_rule; GRANT SELECT ON ir_rule TO {reader} is missing."
        )


def test_one_column_may_not_be_read(server: Server, make: Make) -> None:
    name = database_of(make())
    granted = (
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE SELECT ON res_users FROM {role}",
        "GRANT SELECT (id, active, partner_id, company_id) ON res_users TO {role}",
    )
    with role(server, name, *granted) as url:
        said = refused(url)
    assert "may not read res_users (login); GRANT SELECT (id, login, active" in said


def test_the_schema_may_not_be_used(server: Server, make: Make) -> None:
    name = database_of(make())
    granted = (
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
    )
    with role(server, name, *granted) as url:
        assert f"GRANT USAGE ON SCHEMA public TO reader_{name} is missing" in refused(url)


def test_only_the_columns_that_are_read_need_be_granted(server: Server, make: Make) -> None:
    """A role that may read these and nothing else: no password, no address."""
    url = make()
    name = database_of(url)
    with server.connect(name) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    granted = [
        f'GRANT SELECT ("{column}") ON {table} TO {{role}}'
        for table, column in columns
        if table in TABLES and column in f"{TABLES[table].columns} {TABLES[table].more}".split()
    ]
    with role(server, name, *granted) as restricted:
        assert read_database(restricted) == read_database(url)


# -- while it is read ------------------------------------------------------------------------------

_SLOW = (
    "ALTER TABLE ir_rule RENAME TO rules",
    "CREATE VIEW ir_rule AS SELECT rules.* FROM rules, (SELECT pg_sleep(20) OFFSET 0) AS waits",
)


def test_a_statement_takes_too_long(make: Make) -> None:
    said = refused(make("18.0", *_SLOW), statement_seconds=0.2)
    assert "Reading ir_rule of postgresql://" in said
    assert "took too long" in said


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("pg_terminate_backend", "The connection was lost while reading ir_rule"),
        ("pg_cancel_backend", "was cancelled"),
    ],
)
def test_the_server_ends_it(server: Server, make: Make, function: str, said: str) -> None:
    url = make("18.0", *_SLOW)
    name = database_of(url)

    def end() -> None:
        with server.connect() as connection:
            for _ in range(200):
                found = connection.execute(
                    f"SELECT {function}(pid) FROM pg_stat_activity WHERE datname = %s AND application_name = 'ostiary' "
                    "AND query LIKE '%%ir_rule%%' AND wait_event = 'PgSleep'",
                    [name],
                ).fetchall()
                if found:
                    return
                connection.execute("SELECT pg_sleep(0.05)")

    thread = threading.Thread(target=end)
    thread.start()
    assert said in refused(url)
    thread.join()


def test_a_table_is_locked(server: Server, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make()
    monkeypatch.setattr(connect, "LOCK_SECONDS", 0.2)
    with server.connect(database_of(url)) as other, other.transaction():
        other.execute("LOCK TABLE ir_rule IN ACCESS EXCLUSIVE MODE")
        assert "ir_rule of postgresql://" in (said := refused(url))
    assert "is locked, as while Odoo upgrades a module" in said


def test_a_busy_odoo_is_neither_held_up_nor_seen_halfway(server: Server, make: Make) -> None:
    """What another session changes meanwhile is not seen, and it never waits."""
    url = make()
    with server.connect(database_of(url)) as other:
        other.execute("SET lock_timeout = '500ms'")
        held: list[set[str]] = []

        def change(stage: str, done: int, total: int) -> None:
            if done == 2:
                other.execute("UPDATE ir_rule SET active = false; DELETE FROM rule_group_rel")
                query = "SELECT mode FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = 'ostiary'"
                held.append({mode for (mode,) in other.execute(query)} - {"ExclusiveLock"})
                other.execute("UPDATE ir_module_module SET state = 'to upgrade'")

        policy = read_database(url, change)
    # The one ExclusiveLock is the transaction's, on itself.
    assert held == [{"AccessShareLock"}]
    assert [rule.active for rule in policy.rules] == [True, True, False]
    assert policy.rules[1].group_names


def test_nothing_can_be_written(make: Make) -> None:
    with connect.opened(make()) as (connection, _):
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row is not None
            assert row[0] != "0"
        assert connection.execute("SHOW transaction_isolation").fetchone() == ("repeatable read",)
        assert connection.execute("SHOW application_name").fetchone() == ("ostiary",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM ir_rule")
        connection.rollback()


# -- as a target -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "given", "said"),
    [
        (["postgresql://h/a", "postgresql://h/b"], {}, "A database is a whole policy: give it alone"),
        (["addons", "postgres://h/a"], {}, "A database is a whole policy: give it alone"),
        (["mysql://u:pw-1-pw@h/a"], {}, "Nothing is read from mysql://"),
        (["postgresql:u:pw-1-pw@h/a"], {}, "The database URL can't be understood"),
        (["host=h password=pw-1-pw"], {}, "The database URL can't be understood"),
        (["addons"], {"addons_path": ["postgresql://u:pw-1-pw@h/a"]}, "give a database as the target"),
    ],
)
def test_targets_that_can_not_be_meant(targets: list[str], given: dict[str, list[str]], said: str) -> None:
    with pytest.raises(UnreadableTarget) as caught:
        open_policy(targets, **given)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "pw-1-pw" not in str(caught.value)


def test_another_series_is_asked_for(make: Make) -> None:
    url = make()
    assert open_policy([url], odoo="18").odoo == "18.0"
    with pytest.raises(UnreadableTarget, match=r"is Odoo 18\.0, not 17\.0"):
        open_policy([url], odoo="17.0")


def test_a_module_is_asked_for_that_is_not_installed(make: Make) -> None:
    with pytest.raises(UnreadableTarget, match="The module unused is not installed in postgresql://"):
        open_policy([make()], modules=["library", "unused"])
