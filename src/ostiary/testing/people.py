"""Rows of the users and companies that a file of access tests adds to those of the addons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from ostiary.enforce.people import EXTERNAL_IDS
from ostiary.enforce.people import external_ids as external_id_table
from ostiary.policy import INTERNAL, Company, Policy, User, closure
from ostiary.policy.subject import SUPERUSER
from ostiary.records.create import insert, update
from ostiary.records.schema import Schema

_IDS = sa.table(EXTERNAL_IDS, sa.column("xmlid"), sa.column("model"), sa.column("res_id"))


def external_ids(connection: sa.Connection) -> dict[str, tuple[str, int]]:
    """The rows that external ids stand for: the model and the id."""
    rows = connection.execute(sa.select(_IDS.c.xmlid, _IDS.c.model, _IDS.c.res_id))
    return {xmlid: (model, record) for xmlid, model, record in rows}


def people_of_addons(connection: sa.Connection, policy: Policy) -> Policy:
    """Make rows for the groups, companies and users of a Policy, in tables without rows; the Policy that knows
    their ids. Unlike with `enforce.install`, which an application calls, what was not read stays unknown.
    """
    schema = Schema(policy)
    external_id_table(schema).create(connection, checkfirst=True)
    for group in policy.groups.values():
        record = insert(schema, connection, "res.groups", {"name": group.name or group.xmlid})
        connection.execute(sa.insert(_IDS).values(xmlid=group.xmlid, model="res.groups", res_id=record))
    # OdooBot comes first, as in Odoo, where it is user 1.
    users = sorted(policy.users, key=lambda one: one.xmlid != SUPERUSER)
    return add_people(connection, replace(policy, users=[], companies=[]), users, policy.companies)


def add_people(
    connection: sa.Connection, policy: Policy, users: Iterable[User] = (), companies: Iterable[Company] = ()
) -> Policy:
    """Make rows for more users and companies, in tables that `people_of_addons` filled; the Policy that knows
    them too. Each has a contact, as Odoo makes it. Parents of companies come before their branches in `companies`."""
    schema = Schema(policy)
    ids = {xmlid: record for xmlid, (_, record) in external_ids(connection).items()}
    made = _Made(connection, schema, ids)
    return replace(
        policy,
        companies=[*policy.companies, *(made.company(one) for one in companies)],
        users=[*policy.users, *(made.user(policy, one) for one in users)],
    )


class _Made:
    def __init__(self, connection: sa.Connection, schema: Schema, ids: dict[str, int]) -> None:
        self.connection = connection
        self.schema = schema
        self.ids = ids

    def company(self, company: Company) -> Company:
        values: dict[str, Any] = {
            "name": company.name,
            "active": company.active,
            "partner_id": self.contact(company.name, company.active),
            "parent_id": self.ids.get(company.parent or ""),
        }
        return replace(company, id=self._insert(company.xmlid, "res.company", values))

    def user(self, policy: Policy, user: User) -> User:
        given = [link.group for link in user.groups if link.group in self.ids]
        held = closure(policy, given)
        # Odoo 19 keeps what a user was given, those before it what follows too.
        kept = sorted(held & self.ids.keys()) if policy.semantics.membership_closed else given
        values: dict[str, Any] = {
            "login": user.login,
            "active": user.active,
            "share": INTERNAL not in held,
            "partner_id": self.contact(user.name or user.login, True),
            "company_id": self.ids.get(user.company or ""),
            "company_ids": [self.ids[name] for name in user.companies if name in self.ids],
            "group_ids" if policy.semantics.group_fields_renamed else "groups_id": [
                self.ids[one] for one in kept
            ],
        }
        return replace(user, id=self._insert(user.xmlid or f"__user__.{user.login}", "res.users", values))

    def contact(self, name: str, active: bool) -> int:
        contact = insert(self.schema, self.connection, "res.partner", {"name": name, "active": active})
        if "commercial_partner_id" in self.schema.definition("res.partner").fields:
            update(self.schema, self.connection, "res.partner", contact, {"commercial_partner_id": contact})
        return contact

    def _insert(self, xmlid: str, model: str, values: Mapping[str, Any]) -> int:
        fields = self.schema.definition(model).fields
        known = {name: value for name, value in values.items() if name in fields}
        record = insert(self.schema, self.connection, model, known)
        self.connection.execute(sa.insert(_IDS).values(xmlid=xmlid, model=model, res_id=record))
        self.ids[xmlid] = record
        return record
