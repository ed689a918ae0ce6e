"""Databases for tests: in memory, or on a PostgreSQL where one is made for the tests and dropped after them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.pool import StaticPool

from ostiary.policy import Company, Origin, Policy
from ostiary.records.create import create_tables
from ostiary.records.schema import Schema
from ostiary.testing.people import people_of_addons
from ostiary.testing.tables import make_tables

MAIN = "base.main_company"
SCRATCH = "ostiary_test_"
"""What the name of a database made for tests begins with."""


class NoDatabase(ValueError):
    """A PostgreSQL on which no database can be made. The message is one sentence."""


@dataclass
class Databases:
    """Gives tests a database with the tables of a Policy and its people, each time as if it were new.

    In memory one is made for each Policy, and copied for each file. With a `url` of a PostgreSQL server a database is
    made on it for each Policy; what a file does in it is rolled back. Close it when the tests are done.
    """

    url: str = ""
    _kept: dict[int, tuple[Policy, Policy, sa.Engine]] = field(default_factory=dict)
    _made: list[tuple[sa.URL, str]] = field(default_factory=list)

    @contextlib.contextmanager
    def opened(self, policy: Policy) -> Iterator[tuple[sa.Connection, Policy]]:
        """A connection to a filled database, and the Policy with the ids of its people. What is written is gone after.

        Raises NoDatabase, and RecordsError or InvalidError where the Policy's people can't be rows.
        """
        kept = self._kept.get(id(policy))
        if kept is None:
            kept = self._kept[id(policy)] = self._filled(policy)
        _, known, engine = kept
        if self.url:
            with engine.connect() as connection:
                yield connection, known
                connection.rollback()
            return
        with engine.connect() as full, copied(full) as connection:
            yield connection, known

    def close(self) -> None:
        """Let go of everything, and drop what was made."""
        for _, _, engine in self._kept.values():
            engine.dispose()
        self._kept.clear()
        while self._made:
            server, name = self._made.pop()
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                _run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def __enter__(self) -> Databases:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _filled(self, policy: Policy) -> tuple[Policy, Policy, sa.Engine]:
        engine = self._scratch() if self.url else _in_memory()
        with engine.begin() as connection:
            if self.url:
                create_tables(Schema(policy), connection)
            else:
                make_tables(connection, policy)
            known = people_of_addons(connection, _employed(policy))
        return policy, known, engine

    def _scratch(self) -> sa.Engine:
        """A new database beside the one that the URL names."""
        try:
            server = sa.make_url(self.url)
        except sa.exc.ArgumentError:
            raise NoDatabase(
                "--database takes the URL of a PostgreSQL, as postgresql://user@host/postgres."
            ) from None
        if not server.drivername.startswith("postgres"):
            raise NoDatabase(
                f"--database takes the URL of a PostgreSQL, and nothing is made on {server.drivername}."
            )
        server = server.set(drivername="postgresql+psycopg")
        name = f"{SCRATCH}{secrets.token_hex(6)}"
        try:
            _run(server, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().split("\n", 1)[0]
            raise NoDatabase(f"No database can be made on {server.render_as_string()}: {reason}.") from None
        self._made.append((server, name))
        return sa.create_engine(server.set(database=name), poolclass=sa.NullPool)


@contextlib.contextmanager
def copied(full: sa.Connection) -> Iterator[sa.Connection]:
    """A connection to rows like those of another, which stay as they are whatever is done here: a copy in memory, or
    the same database in a transaction that is rolled back."""
    if full.dialect.name != "sqlite":
        mark = full.begin_nested()
        try:
            yield full
        finally:
            if mark.is_active:
                mark.rollback()
        return
    copy = _in_memory()
    try:
        with copy.connect() as connection:
            driver: Any = connection.connection.driver_connection
            source: Any = full.connection.driver_connection
            source.backup(driver)
            yield connection
            connection.rollback()
    finally:
        copy.dispose()


def _employed(policy: Policy) -> Policy:
    """The Policy with a company for each user: the main one, where a data file names none."""
    main = next((one.xmlid for one in policy.companies if one.xmlid == MAIN), None)
    if main is None:
        main = policy.companies[0].xmlid if policy.companies else MAIN
    users = [
        one if one.company or one.companies else replace(one, company=main, companies=(main,))
        for one in policy.users
    ]
    companies = policy.companies or [Company(origin=Origin(path=""), xmlid=main, name="My Company")]
    return replace(policy, users=users, companies=companies)


def _in_memory() -> sa.Engine:
    return sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


def _run(server: sa.URL, statement: str) -> None:
    """One statement that no transaction may hold."""
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
    finally:
        engine.dispose()
