"""Environments for tests written in Python: each test on rows of its own, which are as they were afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from ostiary.enforce import Environment, Records
from ostiary.policy import GroupLink, Origin, Policy, User
from ostiary.testing.data_files import DataRecord
from ostiary.testing.database import MAIN, Databases, copied
from ostiary.testing.people import add_people
from ostiary.testing.reading import Tests
from ostiary.testing.rows import resolve
from ostiary.testing.values import BadValue
from ostiary.testing.world import World, group_named, world_of

_HERE = Origin(path="given by the test")


class AccessSession:
    """A filled database for one test. Call it for an Environment: `session("anna")`.

    `world` is what a file of access tests filled it with, None where there is none; its names are known then.
    """

    def __init__(self, connection: sa.Connection, policy: Policy, world: World | None = None) -> None:
        self.connection = connection
        self.policy = policy
        self.world = world

    def __call__(
        self,
        user: str | None = None,
        *,
        companies: Sequence[str | int] = (),
        strict: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> Environment:
        """An Environment of a user: a login, or a name of the file; OdooBot, who may do everything, without one.

        `companies` are those they have chosen, by name, external id or id. Raises UnknownSubject for nobody's name.
        """
        login = self.world.logins.get(user, user) if self.world is not None and user is not None else user
        ids = [one if isinstance(one, int) else self._company(one) for one in companies]
        return Environment(
            self.connection, self.policy, user=login, companies=ids or None, strict=strict, context=context
        )

    def _company(self, name: str) -> int:
        if self.world is not None:
            return resolve(self.world, name, "res.company")
        found = next((one.id for one in self.policy.companies if one.xmlid == name), None)
        if found is None:
            raise BadValue(f"there is no company {name}")
        return found

    def add_user(self, login: str, *groups: str, company: str = MAIN) -> str:
        """A user more, who holds these groups (external ids, or `portal`, `public`, `internal`); the login.

        Raises ValueError for a group that is not there.
        """
        links = tuple(GroupLink(group_named(self.policy, one), _HERE) for one in groups)
        user = User(origin=_HERE, login=login, xmlid=f"__user__.{login}", name=login, groups=links, company=company,
                    companies=(company,))  # fmt: skip
        self.policy = add_people(self.connection, self.policy, [user])
        return login

    def record(self, name: str, env: Environment | None = None) -> Records:
        """A record that the file names, or of its data files by external id, in an Environment (OdooBot's without)."""
        if self.world is None or name not in self.world.things:
            raise KeyError(name)
        model, record = self.world.things[name]
        return (env or self())[model].browse(record)


@dataclass
class Sessions:
    """Makes sessions. What a file says is put into tables once, and copied for each test."""

    databases: Databases
    _worlds: dict[tuple[int, str], World] = field(default_factory=dict)
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @contextlib.contextmanager
    def opened(
        self, policy: Policy, tests: Tests | None = None, data: dict[str, DataRecord] | None = None
    ) -> Iterator[AccessSession]:
        """A session on the rows of a Policy's people, and of a file where one is given. Raises InvalidTests."""
        if tests is None:
            with self.databases.opened(policy) as (connection, known):
                yield AccessSession(connection, known)
            return
        key = (id(policy), tests.shown)
        world = self._worlds.get(key)
        if world is None:
            world = self._worlds[key] = self._stack.enter_context(
                world_of(tests, policy, self.databases, data)
            )
        with copied(world.connection) as connection:
            yield AccessSession(connection, world.policy, replace(world, connection=connection))

    def close(self) -> None:
        self._stack.close()
        self.databases.close()
