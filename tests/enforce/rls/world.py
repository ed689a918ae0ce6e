"""Many copies of one model, each with rules of its own, in one database: so that one script guards them all."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from database.server import Server
from ostiary.enforce.people import install, new_company, new_user
from ostiary.enforce.rls import Plan, plan, script
from ostiary.policy import MODES, AccessRight, GroupLink, Mode, Origin, Policy, RecordRule
from ostiary.records.access import Access
from ostiary.records.create import insert
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from ostiary.sources import open_policy

HERE = Origin(path="tests/enforce/rls/world.py", module="zz")
USERS = {
    "agent": (["zz.agent"], ["base.main_company"]),
    "boss": (["zz.boss"], ["base.main_company", "zz.other"]),
    "elsewhere": (["zz.agent"], ["zz.other"]),
    "portal": (["base.group_portal"], ["base.main_company"]),
    "nothing": ([], ["base.main_company"]),
}
_MANIFEST = "{'name': 'zz', 'version': '%s.0.1', 'depends': ['base'], 'data': ['groups.xml']}"
_GROUPS = """<odoo>
  <record id="agent" model="res.groups"><field name="name">Agent</field>
    <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/></record>
  <record id="boss" model="res.groups"><field name="name">Boss</field>
    <field name="implied_ids" eval="[(4, ref('agent'))]"/></record>
</odoo>"""
_TREE = """
class Tree(models.Model):
    _name = 'zz.tree'
    _parent_store = True
    name = fields.Char()
    code = fields.Char()
    active = fields.Boolean()
    user_id = fields.Many2one('res.users')
    parent_id = fields.Many2one('zz.tree')
    parent_path = fields.Char()

class Tag(models.Model):
    _name = 'zz.tag'
    name = fields.Char()
    active = fields.Boolean()
    user_ids = fields.Many2many('res.users')

class Kid(models.Model):
    _name = 'zz.kid'
    _inherits = {'zz.tree': 'tree_id'}
    tree_id = fields.Many2one('zz.tree', required=True, ondelete='cascade')
    marker = fields.Integer()
    order = fields.Char()
"""
_MODEL = """
class M{n}(models.Model):
    _name = 'zz.m{n}'
    name = fields.Char()
    state = fields.Selection([('a', 'A'), ('b', 'B')])
    amount = fields.Integer()
    ratio = fields.Float()
    flag = fields.Boolean()
    day = fields.Date()
    marker = fields.Integer()
    active = fields.Boolean()
    user_id = fields.Many2one('res.users')
    partner_id = fields.Many2one('res.partner')
    company_id = fields.Many2one('res.company')
    tree_id = fields.Many2one('zz.tree')
    parent_id = fields.Many2one('zz.m{n}')
    tag_ids = fields.Many2many('zz.tag', 'm{n}_tag', 'm_id', 'tag_id')
    child_ids = fields.One2many('zz.m{n}', 'parent_id')
    computed = fields.Char(compute='_compute')
"""


def model(index: int) -> str:
    return f"zz.m{index:02}"


def named(index: int | str) -> str:
    return index if isinstance(index, str) else model(index)


def rule(
    index: int | str, domain: str, groups: Sequence[str] = (), modes: Sequence[Mode] = MODES
) -> RecordRule:
    return RecordRule(
        origin=HERE, xmlid=f"zz.rule_{index}_{zlib.crc32(repr((domain, groups)).encode())}", model=named(index),
        domain_force=domain, groups=tuple(GroupLink(group, HERE) for group in groups), modes=tuple(modes),
    )  # fmt: skip


def right(index: int | str, group: str | None, modes: Sequence[Mode] = MODES) -> AccessRight:
    return AccessRight(
        origin=HERE, xmlid=f"zz.right_{index}_{group}", model=named(index), group=group, modes=tuple(modes)
    )


def addon(folder: Path, version: str, count: int) -> Policy:
    """The policy of an addon with so many copies of the model, without rights and rules."""
    module = folder / f"v{version}" / "zz"
    (module / "models").mkdir(parents=True)
    (module / "__init__.py").write_text("from . import models\n")
    (module / "__manifest__.py").write_text(_MANIFEST % version)
    (module / "groups.xml").write_text(_GROUPS)
    copies = "".join(_MODEL.format(n=f"{index:02}") for index in range(count))
    (module / "models" / "__init__.py").write_text(f"from odoo import fields, models\n{_TREE}{copies}")
    return open_policy([module], odoo=version, cache=False)


@dataclass
class World:
    """A filled database, and a role that row security binds."""

    policy: Policy
    connection: sa.Connection
    role: str
    schema: Schema = field(init=False)
    plan: Plan = field(init=False)

    def guard(self, models: Sequence[str], **options: Any) -> Plan:
        """Run the script for these models."""
        self.schema = Schema(self.policy)
        self.plan = plan(self.schema, models, **options)
        self.run(script(self.plan))
        return self.plan

    def run(self, text: str) -> None:
        """Run a script as psql would: nothing in it is a parameter."""
        driver: Any = self.connection.connection.driver_connection
        self.connection.rollback()
        try:
            driver.execute(text.encode())
        finally:
            driver.rollback()

    def given(
        self,
        rights: Sequence[AccessRight],
        rules: Sequence[RecordRule],
        models: Sequence[str] = (),
        **options: Any,
    ) -> Plan:
        """Guard the models (those with rights, where none are named) by these rights and rules alone."""
        kept = msgspec.structs.replace(
            self.policy,
            rights=[one for one in self.policy.rights if not one.model.startswith("zz.")],
            rules=[one for one in self.policy.rules if not one.model.startswith("zz.")],
        )
        self.policy = with_definitions(kept, rights, rules)
        return self.guard(models or sorted({one.model for one in rights}), **options)

    def session(self, login: str) -> Session:
        return self.access().session_of(login)

    def access(self) -> Access:
        store = Store(self.schema, self.connection)
        return Access(store, Reader(store))

    @contextmanager
    def asking(self, session: Session | None, **settings: str) -> Iterator[sa.Connection]:
        """A transaction as the role, for a user; everything is undone at the end."""
        self.connection.rollback()
        try:
            given = {"uid": str(session.uid)} | settings if session is not None else settings
            wanted = {"role": self.role} | {f"ostiary.{name}": value for name, value in given.items()}
            self.connection.execute(sa.select(*[sa.func.set_config(*one, True) for one in wanted.items()]))
            yield self.connection
        finally:
            self.connection.rollback()

    def ids(self, name: str, where: str = "true") -> list[int]:
        table = self.schema.model(name).table.name
        return list(
            self.connection.execute(sa.text(f"SELECT id FROM {table} WHERE {where} ORDER BY id")).scalars()
        )

    def reset_role(self) -> None:
        self.connection.execute(sa.text("RESET ROLE"))

    def seen(self, session: Session | None, name: str, **settings: str) -> list[int]:
        with self.asking(session, **settings):
            return self.ids(name)

    def changed(self, session: Session | None, name: str) -> list[int]:
        """The rows that an UPDATE of everything reaches."""
        table = self.schema.model(name).table.name
        with self.asking(session) as connection:
            connection.execute(sa.text(f"UPDATE {table} SET marker = 99"))
            self.reset_role()
            return self.ids(name, "marker = 99")

    def deleted(self, session: Session | None, name: str) -> list[int]:
        table = self.schema.model(name).table.name
        with self.asking(session) as connection:
            connection.execute(sa.text(f"DELETE FROM {table}"))
            self.reset_role()
            left = set(self.ids(name))
        return [one for one in self.ids(name) if one not in left]

    def made(self, session: Session, name: str, rows: Sequence[dict[str, Any]]) -> list[bool]:
        """Whether each of the rows may be inserted."""
        table = self.schema.model(name).table
        with self.asking(session) as connection:
            return [self._inserted(connection, table, row) for row in rows]

    def made_together(self, session: Session, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows that may be."""
        with self.asking(session) as connection:
            connection.execute(sa.insert(self.schema.model(name).table).values(list(rows)).inline())

    def _inserted(self, connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
        point = connection.begin_nested()
        try:
            connection.execute(sa.insert(table).values(row).inline())
        except sa.exc.ProgrammingError as error:
            assert "row-level security" in str(error)
            return False
        finally:
            point.rollback()
        return True


@contextmanager
def world(server: Server, policy: Policy, prefix: str) -> Iterator[World]:
    """A database for the policy, with users, and a role of its own."""
    with server.database(prefix) as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        role = f"{name}_app"
        try:
            with engine.connect() as connection:
                users = [new_user(login, groups, companies=held) for login, (groups, held) in USERS.items()]
                companies = [new_company("base.main_company", "Main"), new_company("zz.other", "Other")]
                policy = install(connection, policy, users=users, companies=companies, models=_own(policy))
                connection.execute(sa.text(f'CREATE ROLE "{role}"'))
                for what in ("SELECT ON ALL TABLES", "USAGE ON ALL SEQUENCES"):
                    connection.execute(sa.text(f'GRANT {what} IN SCHEMA public TO "{role}"'))
                own = ", ".join(Schema(policy).model(name).table.name for name in _own(policy))
                connection.execute(sa.text(f'GRANT INSERT, UPDATE, DELETE ON {own} TO "{role}"'))
                connection.commit()
                made = World(policy, connection, role)
                made.schema = Schema(policy)
                try:
                    yield made
                finally:
                    connection.rollback()
        finally:
            engine.dispose()
            with server.connect() as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                admin.execute(f'DROP ROLE IF EXISTS "{role}"')


def _own(policy: Policy) -> list[str]:
    return [name for name in policy.models if name.startswith("zz.")]


def with_definitions(policy: Policy, rights: Sequence[AccessRight], rules: Sequence[RecordRule]) -> Policy:
    return msgspec.structs.replace(policy, rights=[*policy.rights, *rights], rules=[*policy.rules, *rules])


def fill(made: World, count: int) -> None:
    """The same rows in each copy of the model."""
    schema, connection = made.schema, made.connection
    users = {user.login: user.id for user in made.policy.users}
    companies = [one.id for one in made.policy.companies]
    table = schema.model("res.users").table
    contacts = dict(connection.execute(sa.select(table.c.login, table.c.partner_id)).all())
    partner = schema.model("res.partner").table
    child = insert(schema, connection, "res.partner", {"name": "child", "parent_id": contacts["portal"]})
    connection.execute(
        sa.update(partner).where(partner.c.id == child).values(commercial_partner_id=contacts["portal"])
    )
    trees = [insert(schema, connection, "zz.tree", {"name": "root", "code": "x", "user_id": users["agent"]})]
    trees.append(
        insert(schema, connection, "zz.tree", {"name": "below", "parent_id": trees[0], "active": False})
    )
    trees.append(
        insert(schema, connection, "zz.tree", {"name": "apart", "code": "x", "user_id": users["portal"]})
    )
    tags = [
        insert(schema, connection, "zz.tag", {"name": "mine", "user_ids": [users["agent"], users["portal"]]}),
        insert(schema, connection, "zz.tag", {"name": "gone", "active": False, "user_ids": [users["agent"]]}),
    ]
    for tree in trees:
        insert(schema, connection, "zz.kid", {"tree_id": tree, "order": "x"})
    for index in range(count):
        first = insert(
            schema, connection, model(index), {"name": "x'\\%", "user_id": users["agent"], "amount": 1}
        )
        rows: list[dict[str, Any]] = [
            {"name": "agent@example.com", "user_id": users["agent"], "company_id": companies[0], "tree_id": trees[0],
             "tag_ids": tags[:1], "parent_id": first, "state": "a", "flag": True, "day": "2024-01-31"},
            {"name": "agent", "user_id": users["portal"], "company_id": companies[1], "tree_id": trees[1],
             "partner_id": child, "tag_ids": tags, "state": "b", "flag": False, "amount": 0, "ratio": 0.5},
            {"name": "boss", "partner_id": contacts["portal"], "company_id": companies[0], "tree_id": trees[2],
             "active": False, "amount": 5, "parent_id": first},
            {"name": "", "partner_id": contacts["agent"], "tag_ids": tags[1:], "amount": -3, "day": "2020-02-02"},
            {"company_id": companies[1], "user_id": users["boss"], "state": "a", "ratio": 2.0},
        ]  # fmt: skip
        for row in rows:
            insert(schema, connection, model(index), row)
    connection.commit()


def shown(session: Session) -> Session:
    """The session as `fetch` reads: archived lines in sight."""
    return replace(session, active_test=False)
