"""The world of a file of access tests: its companies, users and records as rows, known by their names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec
import sqlalchemy as sa

from ostiary.policy import Company, Group, GroupLink, Origin, Policy, User, closure, user_type_conflict
from ostiary.policy.subject import WORDS
from ostiary.records.schema import Schema
from ostiary.testing import expectations, rows
from ostiary.testing.data_files import DataRecord
from ostiary.testing.database import MAIN, Databases
from ostiary.testing.format import Company as WrittenCompany
from ostiary.testing.format import User as WrittenUser
from ostiary.testing.format import listed
from ostiary.testing.mistakes import InvalidTests, near, sentence
from ostiary.testing.people import add_people, external_ids
from ostiary.testing.reading import Tests
from ostiary.testing.values import BadValue

MODULE = "access_tests"
"""The module that the external ids of a file's own companies and users begin with."""


@dataclass(slots=True)
class World:
    """A filled database. `things` are the records that have a name, `labels` the names of records."""

    tests: Tests
    policy: Policy
    schema: Schema
    connection: sa.Connection
    things: dict[str, tuple[str, int]] = field(default_factory=dict)
    labels: dict[tuple[str, int], str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    data: dict[str, DataRecord] = field(default_factory=dict)

    def name(self, model: str, record: int) -> str:
        """What a record is called: its name in the file, its external id, or its model and id."""
        return self.labels.get((model, record)) or f"{model}:{record}"

    def put(self, name: str, model: str, record: int) -> None:
        self.things[name] = (model, record)
        self.labels[model, record] = name


@contextlib.contextmanager
def world_of(
    tests: Tests, policy: Policy, databases: Databases, data: dict[str, DataRecord] | None = None
) -> Iterator[World]:
    """The world of a file, for as long as the context lasts; `data` are the records of data files, where it wants them.
    Raises InvalidTests: where there is a mistake in its companies, users and records, with all of those and of its
    expectations."""
    with databases.opened(policy) as (connection, known):
        users, companies, mistakes = _people(tests, known)
        filled = add_people(connection, known, users, companies)
        world = World(tests, filled, Schema(filled), connection, data=_fresh(data or {}))
        _name_people(world)
        mistakes += rows.fill(world)
        if mistakes:
            raise InvalidTests(*mistakes, *expectations.mistakes_of(world))
        connection.commit() if connection.dialect.name == "sqlite" else None
        yield world


# -- people --------------------------------------------------------------------------------------------------


def people_of(tests: Tests, policy: Policy) -> tuple[list[User], list[Company]]:
    """The users and companies that a file adds to a Policy. Raises InvalidTests."""
    users, companies, mistakes = _people(tests, policy)
    if mistakes:
        raise InvalidTests(*mistakes)
    return users, companies


def _people(tests: Tests, policy: Policy) -> tuple[list[User], list[Company], list[str]]:
    """The users and companies of a file as far as they can be made, and its mistakes about them."""
    mistakes: list[str] = []
    companies: dict[str, Company] = {}
    known = {one.xmlid for one in policy.companies}
    own = {name: f"{MODULE}.{name}" for name in tests.file.companies}
    for name, written in tests.file.companies.items():
        try:
            companies[name] = _company(tests, name, written or WrittenCompany(), own, known)
        except BadValue as error:
            mistakes.append(sentence(f"{tests.place('companies', name)}: {error}"))
            companies[name] = _company(tests, name, WrittenCompany(), own, known)
    users: list[User] = []
    for name, given in tests.file.users.items():
        written_user = given if isinstance(given, WrittenUser) else WrittenUser(groups=given)
        try:
            if name in own:
                raise BadValue(f"{name} is the name of a company already")
            users.append(_user(tests, policy, name, written_user, own=own, known=known))
        except BadValue as error:
            mistakes.append(sentence(f"{tests.place('users', name)}: {error}"))
    circles = list(_circles(companies))
    for name in circles:
        mistakes.append(f"{tests.place('companies', name)}: {name} is a branch of itself.")
        companies[name] = msgspec.structs.replace(companies[name], parent=None)
    return users, _parents_first(companies), mistakes


def _parents_first(companies: dict[str, Company]) -> list[Company]:
    """Branches after what they are branches of."""
    waiting = {one.xmlid: one for one in companies.values()}
    found: list[Company] = []
    while waiting:
        ready = [one for one in waiting.values() if one.parent not in waiting]
        found += ready
        for one in ready:
            del waiting[one.xmlid]
    return found


def _circles(companies: dict[str, Company]) -> Iterator[str]:
    """The names of companies that lie below themselves."""
    by_xmlid = {one.xmlid: one for one in companies.values()}
    for name, one in companies.items():
        seen: set[str] = set()
        here: Company | None = one
        while here is not None and here.xmlid not in seen:
            seen.add(here.xmlid)
            here = by_xmlid.get(here.parent or "")
        if here is one:
            yield name


def _company(
    tests: Tests, name: str, written: WrittenCompany, own: dict[str, str], known: set[str]
) -> Company:
    parent = _company_named(written.parent, own, known) if written.parent else None
    shown = written.values.get("name", name)
    return Company(origin=_origin(tests, "companies", name), xmlid=own[name], name=str(shown), parent=parent,
                   active=written.active)  # fmt: skip


def _company_named(name: str, own: dict[str, str], known: set[str]) -> str:
    if name in own:
        return own[name]
    if name in known:
        return name
    raise BadValue(f"there is no company {name}{near(name, [*own, *known])}")


def _user(
    tests: Tests, policy: Policy, name: str, written: WrittenUser, *, own: dict[str, str], known: set[str]
) -> User:
    origin = _origin(tests, "users", name)
    groups = [group_named(policy, one) for one in listed(written.groups)]
    conflict = user_type_conflict(closure(policy, groups))
    if conflict:
        raise BadValue(f"{name} would be of two user types, which Odoo refuses: {' and '.join(conflict)}")
    theirs = [_company_named(one, own, known) for one in listed(written.companies)]
    default = next(iter(own.values()), MAIN if MAIN in known or not known else sorted(known)[0])
    company = _company_named(written.company, own, known) if written.company else (theirs or [default])[0]
    if theirs and company not in theirs:
        raise BadValue(
            f"{name} works in {written.company}, which is not among their companies: add it to `companies`"
        )
    login = str(written.values.get("login", name))
    if login in policy.user_by_login:
        raise BadValue(
            f"there is a user with the login {login} already, from {policy.user_by_login[login].xmlid}"
        )
    return User(
        origin=origin,
        login=login,
        xmlid=f"{MODULE}.{name}",
        name=str(written.values.get("name", name)),
        active=written.active,
        groups=tuple(GroupLink(group, origin) for group in groups),
        company=company,
        companies=tuple(theirs or [company]),
    )


def group_named(policy: Policy, name: str) -> str:
    """The external id of a group, or of `portal`, `public`, `internal`. Raises BadValue where there is none."""
    found = WORDS.get(name, name)
    group: Group | None = policy.groups.get(found)
    if group is None:
        raise BadValue(f"there is no group {name}{near(name, [*WORDS, *policy.groups])}")
    return found


def _origin(tests: Tests, *path: str) -> Origin:
    return Origin(path=tests.shown, line=tests.line(*path))


def _fresh(data: dict[str, DataRecord]) -> dict[str, DataRecord]:
    """The records of data files for one file of tests, which may find that it can't read all of them."""
    return {
        name: replace(one, values=dict(one.values), unread=dict(one.unread)) for name, one in data.items()
    }


def _name_people(world: World) -> None:
    """The names of users, companies and groups: of the file, by external id; of users by login too."""
    for xmlid, (model, record) in external_ids(world.connection).items():
        if not xmlid.startswith("__"):
            world.put(xmlid, model, record)
    ids = {user.login: user.id for user in world.policy.users}
    for login, user_id in ids.items():
        if user_id is not None:
            world.things.setdefault(login, ("res.users", user_id))
            world.labels.setdefault(("res.users", user_id), login)
            world.logins[login] = login
    for user in world.policy.users:
        if user.xmlid:
            world.logins[user.xmlid] = user.login
            if user.xmlid.startswith(f"{MODULE}.") and user.id is not None:
                name = user.xmlid.removeprefix(f"{MODULE}.")
                world.logins[name] = user.login
                world.put(name, "res.users", user.id)
    for name in world.tests.file.companies:
        world.put(name, *world.things[f"{MODULE}.{name}"])
