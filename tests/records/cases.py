"""The cases that were executed on real servers of 17.0, 18.0 and 19.0 (`../shared/odoo`), asked of filled tables.

A table of cases gives for each number of `cases.md` the key of its answer in `cases.json` and what to ask of a `Case`.
Expected values are only ever taken from `cases.json`.

What Odoo's methods do with records is put in terms of this room: `search` is `Access.search`; `read` asks for the
access right and the fields, then selects by the rules, archived records too, and drops what doesn't exist; `write`
and `unlink` are `Access.check` before rows are touched; `create` is the access right, the row, and the check of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import msgspec
import pytest
import sqlalchemy as sa

from database.server import Server
from ostiary.domain import from_python
from ostiary.policy import MODES, AccessRight, Mode, Origin, Policy
from ostiary.policy.rules import parents_of
from ostiary.records.access import Access
from ostiary.records.create import insert
from ostiary.records.errors import Fails, Refused
from ostiary.records.memory import Reader, filtered
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from records.fixture import DIALECTS, SHARED, VERSIONS, Fixture, fixture

REC, PAR, TAG, LINE, DEL, NOACL, WIZ = (
    f"zz.{name}" for name in ["rec", "par", "tag", "line", "del", "noacl", "wiz"]
)
READ, WRITE, CREATE, UNLINK = MODES
USER, A, B = "base.group_user", "zz.gA", "zz.gB"
MISSING = 999_999
PASSED = "passed"
"""What a case returns that only asks whether an error is raised."""

Find: TypeAlias = Callable[[str], "Tables"]
Cases: TypeAlias = Mapping[int, tuple[str, Callable[["Case"], Any]]]

# By what an AccessError's text says which check raised it. 19 hides it where a field is read for another.
_KINDS = {
    "You are not allowed": "acl",
    "Uh-oh!": "rule",
    "You do not have enough rights to access the field": "field",
    "The requested operation can not be completed due to security": "field",
    "Access to unauthorized or invalid companies": "company",
}


@dataclass(eq=False)
class Tables:
    """Filled tables, and access to them as long as no case has changed anything."""

    made: Fixture
    access: Access

    @classmethod
    def of(cls, made: Fixture) -> Tables:
        return cls(made, _access(made, made.policy))


def _access(made: Fixture, policy: Policy) -> Access:
    store = Store(Schema(policy), made.connection)
    return Access(store, Reader(store))


@pytest.fixture(scope="session")
def on_sqlite() -> Iterator[Find]:
    """The filled tables of a version on SQLite, made when they are first asked for."""
    with ExitStack() as stack:
        yield cache(lambda version: Tables.of(stack.enter_context(fixture(version, "sqlite"))))


@pytest.fixture(scope="session")
def on_postgresql(server: Server) -> Iterator[Find]:
    """The same on PostgreSQL."""
    with ExitStack() as stack:
        yield cache(lambda version: Tables.of(stack.enter_context(fixture(version, "postgresql", server))))


@pytest.fixture
def tables(request: pytest.FixtureRequest, version: str, dialect: str) -> Tables:
    """The filled tables that a test with the parameters of `every` is about."""
    find: Find = request.getfixturevalue(f"on_{dialect}")
    return find(version)


def every(numbers: Iterable[int | str]) -> pytest.MarkDecorator:
    """The parameters `number`, `version`, `dialect` of a test: ids such as `82-17-sqlite`."""
    found = [(number, version, dialect) for number in numbers for version in VERSIONS for dialect in DIALECTS]
    return pytest.mark.parametrize(("number", "version", "dialect"), found)


@cache
def _answers() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((SHARED / "cases.json").read_text(encoding="utf-8"))
    return found


def expected(key: str, version: str) -> Any:
    """What the server answered; of an error its class, and of an AccessError the check that raised it."""
    found = _answers()[key][version]
    if not isinstance(found, str) or not found.startswith("!"):
        return found
    name, _, text = found.partition(": ")
    kinds = [kind for start, kind in _KINDS.items() if text.startswith(start)]
    return f"{name} ({kinds[0]})" if kinds else name


def answered(case: Case, ask: Callable[[Case], Any]) -> Any:
    """What the case comes to, in the words of `expected`."""
    try:
        return ask(case)
    except Refused as error:
        return f"!AccessError ({error.kind})"
    except Fails as error:
        return f"!{error.error}"


def run(tables: Tables, key: str, ask: Callable[[Case], Any]) -> None:
    """Assert that a case comes to what the server answered; the rows are as before afterwards."""
    with Case(tables) as case:
        found, wanted = answered(case, ask), expected(key, case.policy.odoo[:2])
    if found == PASSED:
        assert wanted in (None, True), f"no error, but {wanted!r} of Odoo"
    elif wanted == "!AccessError":
        assert str(found).startswith("!AccessError"), f"{found!r} instead of {wanted!r}"
    else:
        assert found == wanted, f"{found!r} instead of {wanted!r}"


class Case:
    """The fixture as one case sets it up and asks it. Logins are those of the fixture, None is the superuser."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.made = tables.made
        self.policy = self.made.policy
        self.ids = dict(self.made.ids)
        self._wrote = False

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.made.connection.rollback()

    # -- setting up

    def rule(
        self, model: str, domain: str, *groups: str, modes: Sequence[Mode] = MODES, active: bool = True
    ) -> None:
        self.policy = self.made.with_rule(model, domain, groups, modes, active=active, policy=self.policy)

    def insert(self, model: str, **values: Any) -> int:
        """The id of a new record that nobody was asked about."""
        self._wrote = True
        return insert(self.made.schema, self.made.connection, model, values)

    def update(self, model: str, id_: int, **values: Any) -> None:
        """Write without asking anybody."""
        self._wrote = True
        self.made.write(model, id_, **values)

    def right(self, model: str, group: str | None, *modes: Mode, active: bool = True) -> None:
        """One more access right."""
        origin = Origin(path="tests/records/cases.py")
        given = AccessRight(
            origin=origin,
            xmlid=f"zz.{len(self.policy.rights)}",
            model=model,
            group=group,
            modes=modes,
            active=active,
        )
        self.policy = msgspec.structs.replace(self.policy, rights=[*self.policy.rights, given])

    def close(self, *models: str) -> None:
        """Take away every access right on the models."""
        for model in models:
            self.policy = self.made.without_rights(model, policy=self.policy)

    def take_summary_for_all(self) -> None:
        """As though the bundled rights and rules on models of `base` were all there are."""
        modules = {
            name: msgspec.structs.replace(one, facts=False) for name, one in self.policy.modules.items()
        }
        self.policy = msgspec.structs.replace(self.policy, modules=modules)

    # -- asking

    def access(self) -> Access:
        """A new one each time, once the case has changed rows or definitions."""
        if not self._wrote and self.policy is self.made.policy:
            return self.tables.access
        return _access(self.made, self.policy)

    def session(
        self, access: Access, login: str | None, *, companies: Sequence[str] = (), **changes: Any
    ) -> Session:
        if login is None:
            return self.made.session(None, self.policy, **changes)
        assert not changes
        return access.session_of(login, [self.ids[name] for name in companies] or None)

    def search(
        self, login: str | None, domain: Sequence[Any] = (), model: str = REC, **more: Any
    ) -> list[int]:
        """The ids that a search finds; `companies` and `active_test` are those of the context."""
        active_test = more.pop("active_test", None)
        access = self.access()
        session = self.session(access, login, **more)
        return access.search(session, model, from_python(list(domain)), active_test)

    def found(self, login: str | None, domain: Sequence[Any] = (), model: str = REC, **more: Any) -> str:
        """The names of what a search finds."""
        return self.names(model, self.search(login, domain, model, **more))

    def count(self, login: str | None, domain: Sequence[Any] = (), model: str = REC, **more: Any) -> int:
        return len(self.search(login, domain, model, **more))

    def filtered(self, login: str | None, domain: Sequence[Any], *ids: int, model: str = REC) -> str:
        """The names of those records that `filtered_domain` leaves."""
        access = self.access()
        session = self.session(access, login)
        return self.names(
            model, filtered(access.reader, access, session, model, from_python(list(domain)), ids)
        )

    def usable(self, login: str | None, model: str, field: str) -> bool:
        """Whether field groups let the user have the field at all."""
        access = self.access()
        try:
            access.check_field(self.session(access, login), model, field)
        except Refused:
            return False
        return True

    def allowed(self, login: str | None, mode: Mode, *ids: int) -> str:
        """The names of those records that the user may do this with: `_filtered_access`."""
        access = self.access()
        return self.names(REC, access.allowed(self.session(access, login), REC, mode, ids))

    def check(self, login: str | None, mode: Mode, *ids: int, model: str = REC, sudo: bool = False) -> str:
        access = self.access()
        session = self.session(access, login)
        access.check(session.sudo() if sudo else session, model, mode, ids)
        return PASSED

    # -- what methods of records do

    def read(self, login: str | None, model: str, ids: Sequence[int], *fields: str) -> list[dict[str, Any]]:
        access = self.access()
        session = self.session(access, login)
        for field in fields:
            access.check_field(session, model, field)
        found = access.search(session, model, from_python([("id", "in", list(ids))]), active_test=False)
        barred = access.existing(model, ids) - set(found)
        if barred:
            raise Refused("rule", model, f"no reading of {barred}")
        return [
            {field: access.values(session, model, field, [one])[one] for field in fields} for one in found
        ]

    def value(self, login: str | None, model: str, id_: int, field: str) -> Any:
        """One field of one record, as `record.field` gives it."""
        rows = self.read(login, model, [id_], field)
        if not rows:
            raise Fails("MissingError", "Record does not exist or has been deleted.")
        return rows[0][field]

    def write(self, login: str | None, model: str, id_: int, **values: Any) -> bool:
        access = self.access()
        session = self.session(access, login)
        for field in values:
            access.check_field(session, model, field)
        access.check(session, model, WRITE, [id_])
        self.update(model, id_, **values)
        return True

    def create(self, login: str | None, model: str, **values: Any) -> int:
        """The id of the new record."""
        access = self.access()
        session = self.session(access, login)
        for one in (model, *parents_of(self.policy, model)):
            access.check(session, one, CREATE)
        if self.policy.semantics.field_groups_on_create:
            for field in values:
                access.check_field(session, model, field)
        id_ = self.insert(model, **values)
        self.access().check(session, model, CREATE, [id_])
        return id_

    def unlink(self, login: str | None, model: str, id_: int) -> bool:
        access = self.access()
        access.check(self.session(access, login), model, UNLINK, [id_])
        self._wrote = True
        table = self.made.schema.model(model).table
        self.made.connection.execute(sa.delete(table).where(table.c.id == id_))
        return True

    def names(self, model: str, ids: Sequence[int]) -> str:
        """As the cases write an answer."""
        return self.made.names(model, sorted(ids))
