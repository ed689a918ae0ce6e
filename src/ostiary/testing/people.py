"""Rows of the users and companies that a file of access tests adds to those of the addons."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from msgspec.structs import replace

from ostiary.enforce.people import EXTERNAL_IDS, PeopleRows, user_xmlid
from ostiary.enforce.people import external_ids as external_id_table
from ostiary.policy import Company, Policy, User
from ostiary.policy.subject import SUPERUSER
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
    table = external_id_table(schema)
    table.create(connection, checkfirst=True)
    rows = PeopleRows(connection, schema, table)
    for group in policy.groups.values():
        rows.group(group)
    # OdooBot comes first, as in Odoo, where it is user 1.
    users = sorted(policy.users, key=lambda one: one.xmlid != SUPERUSER)
    return add_people(connection, replace(policy, users=[], companies=[]), users, policy.companies)


def add_people(
    connection: sa.Connection, policy: Policy, users: Iterable[User] = (), companies: Iterable[Company] = ()
) -> Policy:
    """Make rows for more users and companies, in tables that `people_of_addons` filled; the Policy that knows
    them too. Parents of companies come before their branches in `companies`."""
    schema = Schema(policy)
    rows = PeopleRows(connection, schema, external_id_table(schema))
    made = [*companies], [*users]
    for company in made[0]:
        rows.company(company)
    for user in made[1]:
        rows.user(user, policy)
    return replace(
        policy,
        companies=[*policy.companies, *(replace(one, id=rows.ids[one.xmlid]) for one in made[0])],
        users=[*policy.users, *(replace(one, id=rows.ids[user_xmlid(one)]) for one in made[1])],
    )
