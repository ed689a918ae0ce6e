"""The fixture of the conformance cases (`../shared/odoo`): its models as tables of Ostiary's own, with its rows.

`fixture("18", "sqlite")` gives what the probe made on a real server of that version before it asked: the users iu, ia,
iab, sysu, pu, iu2, the groups zz.gA and zz.gB, the companies, and the records of the fixture module, ids ascending.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from database.server import Server
from ostiary.policy import (
    MODES,
    AccessRight,
    Company,
    Group,
    GroupLink,
    Mode,
    Origin,
    Policy,
    RecordRule,
    Subject,
    User,
    closure,
)
from ostiary.records.create import create_tables, insert, update
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from ostiary.sources import open_policy

SHARED = Path(__file__).parents[3] / "shared" / "odoo"
VERSIONS = ("17", "18", "19")
DIALECTS = ("sqlite", "postgresql")
USERS = {
    "iu": ("base.group_user",),
    "ia": ("base.group_user", "zz.gA"),
    "iab": ("base.group_user", "zz.gA", "zz.gB"),
    "sysu": ("base.group_system",),
    "pu": ("base.group_portal",),
    "iu2": ("base.group_user",),
}
NOT_HERE = "the conformance cases (../shared/odoo) are not here"
needs_cases = pytest.mark.skipif(not SHARED.is_dir(), reason=NOT_HERE)
_HERE = Origin(path="tests/records/fixture.py")
_C2 = "zz.c2"


@dataclass
class Fixture:
    """A filled database. `ids` holds record ids by name (`ids["Abc"]`), users by login, companies and groups by
    external id."""

    policy: Policy
    schema: Schema
    connection: sa.Connection
    store: Store
    ids: dict[str, int] = field(default_factory=dict)

    def session(self, login: str | None, policy: Policy | None = None, **changes: Any) -> Session:
        """Who the probe asked as, with no context: a user in all of their companies, or, for None, the superuser.

        `changes` are other values of the session, such as `active_test=False`.
        """
        policy = policy or self.policy
        subject = Subject.of_user(policy, login or "iu")
        user = policy.user_by_login[login or "iu"]
        companies = tuple(sorted(self.ids[name] for name in user.companies))
        company = self.ids[user.company] if user.company else None
        found = Session(subject, user.id, company, companies, superuser=login is None)
        return replace(found, **changes)

    def insert(self, model: str, **values: Any) -> int:
        """A new record; its id is also kept by its name."""
        id_ = insert(self.schema, self.connection, model, values)
        if "name" in values:
            self.ids[values["name"]] = id_
        return id_

    def write(self, model: str, id_: int, **values: Any) -> None:
        update(self.schema, self.connection, model, id_, values)

    def names(self, model: str, ids: Sequence[int]) -> str:
        """As the cases write an answer: names in the order of the ids, with commas."""
        table = self.schema.model(model).table
        found = dict(
            self.connection.execute(sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids))).all()
        )
        return ",".join(found[one] or "-" for one in ids)

    def with_rule(
        self,
        model: str,
        domain: str,
        groups: Sequence[str] = (),
        modes: Sequence[Mode] = MODES,
        *,
        active: bool = True,
        policy: Policy | None = None,
    ) -> Policy:
        """A copy of the policy (or of one that is given) with one more rule."""
        policy = policy or self.policy
        rule = RecordRule(
            origin=_HERE,
            xmlid=f"zz.rule{len(policy.rules)}",
            model=model,
            domain_force=domain,
            groups=tuple(GroupLink(group, _HERE) for group in groups),
            modes=tuple(modes),
            active=active,
        )
        return msgspec.structs.replace(policy, rules=[*policy.rules, rule])

    def with_right(
        self, model: str, group: str | None, modes: Sequence[Mode] = MODES, *, policy: Policy | None = None
    ) -> Policy:
        """A copy of the policy with one more access right."""
        policy = policy or self.policy
        right = AccessRight(
            origin=_HERE, xmlid=f"zz.right{len(policy.rights)}", model=model, group=group, modes=tuple(modes)
        )
        return msgspec.structs.replace(policy, rights=[*policy.rights, right])

    def without_rights(self, model: str, *, policy: Policy | None = None) -> Policy:
        """A copy of the policy without any access right on the model."""
        policy = policy or self.policy
        rights = [right for right in policy.rights if right.model != model]
        return msgspec.structs.replace(policy, rights=rights)


@contextmanager
def fixture(
    version: str, dialect: str = "sqlite", server: Server | None = None, *, models: Sequence[str] = ()
) -> Iterator[Fixture]:
    """The fixture of a version (`"18"`) on SQLite in memory, or in a database of its own on a test server.

    With the tables of its own models and of these, where some are named; else of all models."""
    policy = _policy(version)
    if dialect == "sqlite":
        with _filled(policy, sa.create_engine("sqlite://"), models) as made:
            yield made
    else:
        assert server is not None
        with server.database("records") as name:
            url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
            with _filled(policy, sa.create_engine(url, poolclass=sa.NullPool), models) as made:
                yield made


@contextmanager
def _filled(policy: Policy, engine: sa.Engine, models: Sequence[str]) -> Iterator[Fixture]:
    try:
        with engine.connect() as connection:
            schema = Schema(policy)
            own = [name for name in policy.models if name.startswith("zz.")]
            create_tables(schema, connection, [*own, *models] if models else None)
            made = Fixture(policy, schema, connection, Store(schema, connection))
            _people(made)
            _records(made)
            made.policy = _with_ids(made)
            connection.commit()
            yield made
    finally:
        engine.dispose()


@cache
def _policy(version: str) -> Policy:
    if not SHARED.is_dir():
        pytest.skip(NOT_HERE)
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "zz_sem"
        shutil.copytree(SHARED / "fixture_module", module)
        policy = open_policy([module], odoo=f"{version}.0", cache=False)
    groups = {
        name: Group(origin=_HERE, xmlid=name, name=name.partition(".")[2]) for name in ("zz.gA", "zz.gB")
    }
    c2 = Company(origin=_HERE, xmlid=_C2, name="C2")
    users = [_user(login, held) for login, held in USERS.items()]
    return msgspec.structs.replace(
        policy,
        groups={**policy.groups, **groups},
        companies=[*policy.companies, c2],
        users=[*policy.users, *users],
    )


def _user(login: str, groups: Sequence[str]) -> User:
    both = ("base.main_company", _C2)
    return User(
        origin=_HERE,
        login=login,
        xmlid=f"zz.{login}",
        name=login,
        groups=tuple(GroupLink(group, _HERE) for group in groups),
        company=both[0],
        companies=both if login == "iu2" else both[:1],
    )


def _people(made: Fixture) -> None:
    """Groups, companies and users, with the contacts of the latter two."""
    policy = made.policy
    for name, group in policy.groups.items():
        made.ids[name] = insert(made.schema, made.connection, "res.groups", {"name": group.name})
    for company in policy.companies:
        contact = _contact(made, company.name, company.active)
        values = {"name": company.name, "partner_id": contact}
        made.ids[company.xmlid] = insert(made.schema, made.connection, "res.company", values)
    # Odoo 19 keeps what a user was given, those before it what follows too.
    held = "group_ids" if made.policy.odoo.startswith("19") else "groups_id"
    for user in policy.users:
        given = [link.group for link in user.groups]
        everything = closure(policy, given)
        kept = given if held == "group_ids" else sorted(everything)
        companies = user.companies or ((user.company,) if user.company else ())
        values = {
            "login": user.login,
            "active": user.active,
            "share": "base.group_user" not in everything,
            "partner_id": _contact(made, user.name or user.login, user.active),
            "company_id": made.ids[user.company] if user.company else made.ids["base.main_company"],
            "company_ids": [made.ids[name] for name in companies],
            held: [made.ids[name] for name in kept],
        }
        made.ids[user.login] = insert(made.schema, made.connection, "res.users", values)


def _contact(made: Fixture, name: str, active: bool) -> int:
    contact = insert(made.schema, made.connection, "res.partner", {"name": name, "active": active})
    update(made.schema, made.connection, "res.partner", contact, {"commercial_partner_id": contact})
    return contact


def _records(made: Fixture) -> None:
    """The records of the fixture module, as probe.py makes them."""
    add = made.insert
    p1, p2 = add("zz.par", name="P1", num=5, secret="s3"), add("zz.par", name="P2", active=False, num=0)
    t1, t2, t3 = add("zz.tag", name="t1"), add("zz.tag", name="t2"), add("zz.tag", name="t3", active=False)
    plain = add("zz.plain", name="pl")
    abc = add(
        "zz.rec", name="Abc", note="x_y", num=1, flag=True, d="2024-01-10", dt="2024-01-10 12:00:00", sel="a",
        par_id=p1, tag_ids=[t1, t2], secret="S", stag_ids=[t1], plain_ids=[plain],
    )  # fmt: skip
    abd = add(
        "zz.rec", name="abd", note="xzy", num=0, flag=False, d="2024-02-10", dt="2024-02-10 00:00:00", sel="b",
        par_id=p2, tag_ids=[t3],
    )  # fmt: skip
    add("zz.rec", name="C%d", note="")
    add("zz.rec", name="Éd", num=-2, flag=False, tag_ids=[t2], par_id=p1)
    add("zz.rec", name="Zarch", num=0, flag=False, active=False)
    add("zz.line", name="la", rec_id=abc)
    add("zz.line", name="lb", rec_id=abd, active=False)
    add("zz.line", name="la2", rec_id=abc)
    made.ids["del"] = made.insert("zz.del", name="D1", num=3, own="o")


def _with_ids(made: Fixture) -> Policy:
    policy = made.policy
    users = [msgspec.structs.replace(user, id=made.ids[user.login]) for user in policy.users]
    companies = [msgspec.structs.replace(one, id=made.ids[one.xmlid]) for one in policy.companies]
    return msgspec.structs.replace(policy, users=users, companies=companies)
