"""The cases that were executed on real servers (`../shared/odoo`), asked of the verbs of an Environment.

The same filled tables as in `tests/records`, where access alone is asked. Here each question is the call that the probe
made (`probe.py`): `case("zz.rec", "iu").browse(a).read(["secret"])`. Expected values are only ever taken from
`cases.json`. All that a case does is rolled back after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

import msgspec
import pytest
import sqlalchemy as sa

from database.server import Server
from ostiary.enforce import AccessError, EnforceError, Environment, InvalidError, Records
from ostiary.enforce.people import external_ids
from ostiary.policy import MODES, Implication, Mode, Origin, Policy, closure
from records.cases import A, B, Case, Tables, expected
from records.fixture import Fixture, fixture

BESIDE = ("res.users", "res.groups", "res.company", "res.partner", "ir.attachment", "ir.ui.menu")
"""What is asked about beside the fixture's own models."""

_HERE = Origin(path="tests/enforce/cases/asking.py")
Cases: TypeAlias = Mapping[int, tuple[str, Callable[["Asking"], Any]]]


@dataclass(eq=False)
class Filled(Tables):
    """Filled tables, and what cases that set up the same can share: the definitions, and an Environment on them."""

    policies: dict[tuple[object, ...], Policy] = field(default_factory=dict)
    environments: dict[tuple[object, ...], Environment] = field(default_factory=dict)


def filled(made: Fixture) -> Filled:
    """The tables with one more, as `install` makes it: which row a group, company or user is."""
    policy, connection, ids = made.policy, made.connection, made.ids
    table = external_ids(made.schema)
    table.create(connection)
    rows = [
        *[("res.groups", name, ids[name]) for name in policy.groups],
        *[("res.company", one.xmlid, one.id) for one in policy.companies],
        *[("res.users", one.xmlid, one.id) for one in policy.users],
    ]
    values = [{"model": model, "xmlid": name, "res_id": one} for model, name, one in rows]
    connection.execute(sa.insert(table), values)
    connection.commit()
    return Filled(made, Tables.of(made).access)


@pytest.fixture(scope="session")
def on_sqlite() -> Iterator[Callable[[str], Filled]]:
    """The filled tables of a version on SQLite, made when they are first asked for."""
    with ExitStack() as stack:
        yield cache(lambda version: filled(stack.enter_context(fixture(version, models=BESIDE))))


@pytest.fixture(scope="session")
def on_postgresql(server: Server) -> Iterator[Callable[[str], Filled]]:
    """The same on PostgreSQL."""
    with ExitStack() as stack:
        yield cache(
            lambda version: filled(stack.enter_context(fixture(version, "postgresql", server, models=BESIDE)))
        )


@pytest.fixture
def tables(request: pytest.FixtureRequest, version: str, dialect: str) -> Filled:
    """The filled tables that a test with the parameters of `every` is about."""
    find: Callable[[str], Filled] = request.getfixturevalue(f"on_{dialect}")
    return find(version)


class Asking(Case):
    """The fixture as one case sets it up (see `Case`), and an Environment on it."""

    def __init__(self, tables: Filled, *, strict: bool = False) -> None:
        super().__init__(tables)
        self.kept = tables
        self.version = self.policy.odoo[:2]
        self.strict = strict
        self._setup: tuple[object, ...] = ()

    def __exit__(self, *_: object) -> None:
        self.made.connection.rollback()
        self.invalidate()

    # -- setting up

    def rule(
        self, model: str, domain: str, *groups: str, modes: Sequence[Mode] = MODES, active: bool = True
    ) -> None:
        self._vary(
            ("rule", model, domain, groups, tuple(modes), active),
            lambda: super(Asking, self).rule(model, domain, *groups, modes=modes, active=active),
        )

    def right(self, model: str, group: str | None, *modes: Mode, active: bool = True) -> None:
        self._vary(
            ("right", model, group, modes, active),
            lambda: super(Asking, self).right(model, group, *modes, active=active),
        )

    def close(self, *models: str) -> None:
        self._vary(("close", models), lambda: super(Asking, self).close(*models))

    def take_summary_for_all(self) -> None:
        self._vary(("whole",), super().take_summary_for_all)

    def field(self, model: str, name: str, **changes: Any) -> None:
        """From here on a field is defined otherwise."""

        def change() -> None:
            found = self.policy.models[model]
            fields = {**found.fields, name: msgspec.structs.replace(found.fields[name], **changes)}
            models = {**self.policy.models, model: msgspec.structs.replace(found, fields=fields)}
            self.policy = msgspec.structs.replace(self.policy, models=models)

        self._vary(("field", model, name, *sorted(changes.items())), change)

    def imply(self, *links: tuple[str, str]) -> None:
        """From here on the first group of each link implies the second, and these groups imply nothing else."""

        def change() -> None:
            groups = dict(self.policy.groups)
            for name in (A, B):
                implied = tuple(Implication(other, _HERE) for one, other in links if one == name)
                groups[name] = msgspec.structs.replace(groups[name], implies=implied)
            self.policy = msgspec.structs.replace(self.policy, groups=groups)

        self._vary(("imply", links), change)

    def _vary(self, step: tuple[object, ...], change: Callable[[], None]) -> None:
        """Change the definitions, unless another case that began in the same way has."""
        self._setup = (*self._setup, step)
        if self._setup not in self.kept.policies:
            change()
            self.kept.policies[self._setup] = self.policy
        self.policy = self.kept.policies[self._setup]

    # -- asking

    @property
    def env(self) -> Environment:
        """OdooBot's environment over the connection, on the definitions as they are now."""
        key = (self.strict, *self._setup)
        if key not in self.kept.environments:
            self.kept.environments[key] = Environment(self.made.connection, self.policy, strict=self.strict)
        return self.kept.environments[key]

    def __call__(self, model: str, login: str | int | None = None, **context: Any) -> Records:
        """The empty recordset of a model, as OdooBot or as a user, and with a context."""
        env = self.env if login is None else self.env.with_user(login)
        return env.with_context(**context)[model] if context else env[model]

    def record(self, model: str, name: str, login: str | None = None, **context: Any) -> Records:
        """A record of the fixture."""
        return self(model, login, **context).browse(self.ids[name])

    def invalidate(self) -> None:
        """Empty what is kept of values, as `env.invalidate_all()`."""
        self.env.transaction.seen.clear()
        self.env.transaction.changed()

    def from_rows(self, login: str) -> None:
        """From here on a user is no definition but a row, which holds the groups as Odoo stores them."""
        user = self.policy.user_by_login[login]

        def change() -> None:
            users = [one for one in self.policy.users if one is not user]
            self.policy = msgspec.structs.replace(self.policy, users=users)

        given = [link.group for link in user.groups]
        semantics = self.policy.semantics
        kept = closure(self.policy, given) if semantics.membership_closed else given
        field = "group_ids" if semantics.group_fields_renamed else "groups_id"
        self._vary(("row", login), change)
        self.record("res.users", login).write({field: [(6, 0, [self.ids[name] for name in kept])]})

    def shown(self, records: Records) -> str:
        """As the cases write records: their names, in their order."""
        return self.made.names(records._name, records.ids)


# As what Odoo stumbles over a domain that it doesn't expect.
_BUGS = frozenset({"!KeyError", "!TypeError", "!AttributeError"})


def answered(case: Asking, ask: Callable[[Asking], Any]) -> Any:
    """What the case comes to, in the words of `expected`."""
    try:
        return _plain(ask(case))
    except AccessError as error:
        return f"!AccessError ({error.kind})"
    except InvalidError:
        return "!ValueError"
    except EnforceError as error:
        return f"!{type(error).__name__}"


def _plain(answer: Any) -> Any:
    """As JSON and the probe write an answer."""
    if isinstance(answer, Records):
        return f"{answer._name}{tuple(answer.ids)}"
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer]
    return answer


def run(tables: Filled, key: str, ask: Callable[[Asking], Any]) -> None:
    """Assert that a case comes to what the server answered; the rows are as before afterwards."""
    with Asking(tables) as case:
        found, wanted = answered(case, ask), expected(key, case.version)
    if isinstance(wanted, str) and wanted in _BUGS:
        wanted = "!ValueError"
    if wanted == "!AccessError":
        assert str(found).startswith("!AccessError"), f"{found!r} instead of {wanted!r}"
    else:
        assert found == wanted, f"{found!r} instead of {wanted!r}"
