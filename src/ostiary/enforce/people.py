"""People: the groups, companies and users of a Policy as rows, and the external ids of those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from ostiary.enforce.errors import InvalidError, translated
from ostiary.enforce.rows.shared_schema import schema_of
from ostiary.policy import (
    INTERNAL,
    Company,
    Group,
    GroupLink,
    Origin,
    Policy,
    User,
    closure,
)
from ostiary.records.create import create_tables, insert, update
from ostiary.records.schema import Schema

if TYPE_CHECKING:
    from ostiary.enforce.rows.transaction import Transaction

PEOPLE = ("res.users", "res.groups", "res.company", "res.partner")
"""The models whose tables are always made: who is asking is in them."""

EXTERNAL_IDS = "ostiary_external_id"
"""The table that says which row an external id stands for."""

_HERE = Origin(path="given by the application")
_MAIN = "base.main_company"
_LOCK = 7_201_933_554


def new_user(
    login: str,
    groups: Sequence[str],
    *,
    name: str = "",
    company: str = "",
    companies: Sequence[str] = (),
    partner: str | None = None,
    id: int | None = None,
    active: bool = True,
) -> User:
    """A user of the application's own. `groups` are external ids; what they imply is held too. `company` is the
    current company and `companies` all that are the user's (its own, where none are given), by external id; where
    neither is given and there is one company only, `install` takes that. `partner` names a row that `install` made or
    found; without, the user gets a contact of their own. `id` is the row's, where the application knows it."""
    all_ = tuple(dict.fromkeys([*([company] if company else []), *companies]))
    return User(
        origin=_HERE,
        login=login,
        id=id,
        xmlid=f"__user__.{login}",
        name=name or login,
        active=active,
        groups=tuple(GroupLink(group, _HERE) for group in groups),
        company=company or (all_[0] if all_ else None),
        companies=all_,
        partner=partner,
    )


def new_company(xmlid: str, name: str = "", *, parent: str | None = None) -> Company:
    """A company of the application's own, by external id; `parent` makes it a branch."""
    return Company(origin=_HERE, xmlid=xmlid, name=name or xmlid.rpartition(".")[2], parent=parent)


def install(
    bind: sa.Engine | sa.Connection,
    policy: Policy,
    *,
    users: Iterable[User] = (),
    companies: Iterable[Company] = (),
    models: Iterable[str] | None = None,
    whole: bool = True,
) -> Policy:
    """Make the tables, and rows for the Policy's groups, companies and users; the Policy that knows their ids.

    `users` and `companies` are added to the Policy's own (`new_user`, `new_company`); one with the same login or
    external id takes its place. `models` are those that get tables, with all that relations lead to from them and from
    users; all, where none are named. What is already there stays as it is, so it may be called each time a program
    starts. A user of the Policy holds the groups and works in the companies that the Policy says; users whose rows are
    made later, those that their rows say.

    `whole`: what the Policy holds is all there is, as it is for an application that is guarded by this Policy and by
    nothing else. Without, a module of which only a summary was read leaves open what it would have said, and what
    rests on it raises Undecided: that is right where an Odoo is to be foretold. Raises InvalidError for a user of a
    group or company that isn't there.
    """
    wanted = _with(taken_whole(policy) if whole else policy, users, companies)
    schema = schema_of(wanted)
    with translated():
        if isinstance(bind, sa.Connection):
            return _install(bind, wanted, schema, models)
        with bind.begin() as connection:
            return _install(connection, wanted, schema, models)


def taken_whole(policy: Policy) -> Policy:
    """The Policy as though nothing else were there than what was read."""
    models = {}
    for name, model in policy.models.items():
        fields = model.fields
        if any(field.groups_unread for field in fields.values()):
            fields = {
                key: msgspec.structs.replace(field, groups_unread=False) if field.groups_unread else field
                for key, field in fields.items()
            }
        models[name] = msgspec.structs.replace(
            model, fields=fields, partial=False, unresolved=False, code_unread=False
        )
    return msgspec.structs.replace(
        policy,
        modules={name: msgspec.structs.replace(one, facts=False) for name, one in policy.modules.items()},
        groups={name: msgspec.structs.replace(one, unresolved=False) for name, one in policy.groups.items()},
        models=models,
    )


def _with(policy: Policy, users: Iterable[User], companies: Iterable[Company]) -> Policy:
    by_login = {user.login: user for user in policy.users} | {user.login: user for user in users}
    by_xmlid = {one.xmlid: one for one in policy.companies} | {one.xmlid: one for one in companies}
    if not by_xmlid:
        by_xmlid[_MAIN] = new_company(_MAIN, "My Company")
    if len(by_xmlid) == 1:
        by_login = {login: _in_the_company(user, *by_xmlid) for login, user in by_login.items()}
    for user in by_login.values():
        missing = [name for name in (*user.companies, user.company) if name and name not in by_xmlid]
        if missing:
            raise InvalidError(f"user {user.login} works in company {missing[0]}, which is not there")
        unknown = [link.group for link in user.groups if link.group not in policy.groups]
        if unknown and user.origin is _HERE:
            raise InvalidError(f"user {user.login} is in group {unknown[0]}, which is not there")
    return msgspec.structs.replace(policy, users=list(by_login.values()), companies=_parents_first(by_xmlid))


def _in_the_company(user: User, company: str) -> User:
    """A user of the application's own who was given no company, in the only one there is."""
    if user.origin is not _HERE or user.company or user.companies:
        return user
    return msgspec.structs.replace(user, company=company, companies=(company,))


def _parents_first(companies: dict[str, Company]) -> list[Company]:
    """Branches after what they are branches of."""
    found: dict[str, Company] = {}

    def add(one: Company, above: tuple[str, ...]) -> None:
        parent = companies.get(one.parent or "")
        if one.xmlid in above:
            raise InvalidError(f"company {one.xmlid} is a branch of itself")
        if parent is not None and parent.xmlid not in found:
            add(parent, (*above, one.xmlid))
        found.setdefault(one.xmlid, one)

    for one in companies.values():
        add(one, ())
    return list(found.values())


def _install(
    connection: sa.Connection, policy: Policy, schema: Schema, models: Iterable[str] | None
) -> Policy:
    table = external_ids(schema)
    if connection.dialect.name == "postgresql":
        # Two programs that start at once would make the same tables and rows.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    with schema_lock(schema):
        create_tables(
            schema, connection, None if models is None else _linked_models(policy, [*PEOPLE, *models])
        )
    rows = PeopleRows(connection, schema, table)
    for group in policy.groups.values():
        rows.group(group)
    for company in policy.companies:
        rows.company(company)
    for user in policy.users:
        rows.user(user, policy)
    return msgspec.structs.replace(
        policy,
        users=[msgspec.structs.replace(user, id=rows.ids[user_xmlid(user)]) for user in policy.users],
        companies=[msgspec.structs.replace(one, id=rows.ids[one.xmlid]) for one in policy.companies],
    )


def _linked_models(policy: Policy, models: Sequence[str]) -> list[str]:
    """The models and all that relations lead to from them. Raises InvalidError for one that isn't there."""
    found: dict[str, None] = {}
    waiting = list(models)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        model = policy.models.get(name)
        if model is None:
            if name in models:
                raise InvalidError(f"there is no model {name}")
            continue
        found[name] = None
        waiting += [field.comodel for field in model.fields.values() if field.comodel]
        waiting += model.inherits
    return list(found)


def schema_lock(schema: Schema) -> Any:
    """Keeps other threads from building tables meanwhile."""
    import contextlib

    return getattr(schema, "_building", contextlib.nullcontext())


def user_xmlid(user: User) -> str:
    return user.xmlid or f"__user__.{user.login}"


class PeopleRows:
    """Makes the rows of people that are not there yet, each with a contact, as Odoo does. `ids` holds all, by external
    id. Parents of companies come before their branches."""

    def __init__(self, connection: sa.Connection, schema: Schema, table: sa.Table) -> None:
        self.connection = connection
        self.schema = schema
        self.table = table
        found = connection.execute(sa.select(table.c.xmlid, table.c.res_id)).all()
        self.ids: dict[str, int] = {row[0]: row[1] for row in found}

    def make(self, xmlid: str, model: str, values: dict[str, Any]) -> int:
        id = insert(self.schema, self.connection, model, self._known(model, values))
        self.connection.execute(sa.insert(self.table).values(xmlid=xmlid, model=model, res_id=id))
        self.ids[xmlid] = id
        return id

    def _known(self, model: str, values: dict[str, Any]) -> dict[str, Any]:
        """Those values whose fields there are: a summary of `base` names fewer than `base` has."""
        fields = self.schema.definition(model).fields
        return {name: value for name, value in values.items() if name in fields}

    def group(self, group: Group) -> None:
        if group.xmlid not in self.ids:
            name = group.name or group.xmlid.partition(".")[2]
            self.make(group.xmlid, "res.groups", {"name": name})

    def company(self, company: Company) -> None:
        if company.xmlid in self.ids:
            return
        contact = self.contact(f"__company__.{company.xmlid}", company.name, active=company.active)
        parent = self.ids.get(company.parent or "")
        values: dict[str, Any] = {"name": company.name, "partner_id": contact, "active": company.active}
        if parent is not None:
            values["parent_id"] = parent
        self.make(company.xmlid, "res.company", values)

    def contact(self, xmlid: str, name: str, *, active: bool) -> int:
        if xmlid in self.ids:
            return self.ids[xmlid]
        values = {"name": name, "complete_name": name, "active": active, "partner_share": True}
        contact = self.make(xmlid, "res.partner", values)
        if "commercial_partner_id" in self.schema.definition("res.partner").fields:
            update(self.schema, self.connection, "res.partner", contact, {"commercial_partner_id": contact})
        return contact

    def user(self, user: User, policy: Policy) -> None:
        if user_xmlid(user) in self.ids:
            return
        given = [link.group for link in user.groups if link.group in policy.groups]
        held = closure(policy, given)
        # Odoo 19 keeps what a user was given, those before it what follows too.
        renamed = policy.semantics.group_fields_renamed
        kept = given if not policy.semantics.membership_closed else sorted(held & policy.groups.keys())
        named = user.companies or ((user.company,) if user.company else ())
        companies = [self.ids[name] for name in named if name in self.ids]
        partner = self.ids.get(user.partner or "")
        values: dict[str, Any] = {
            "login": user.login,
            "active": user.active,
            "share": INTERNAL not in held,
            "partner_id": partner
            or self.contact(f"__partner__.{user.login}", user.name or user.login, active=True),
            "company_id": self.ids.get(user.company or "") or next(iter(companies), None),
            "company_ids": companies,
            "group_ids" if renamed else "groups_id": [self.ids[name] for name in kept],
        }
        self.make(user_xmlid(user), "res.users", values)
        if not values["share"] and "partner_share" in self.schema.definition("res.partner").fields:
            update(
                self.schema, self.connection, "res.partner", values["partner_id"], {"partner_share": False}
            )


def external_ids(schema: Schema) -> sa.Table:
    """The table of external ids, in the schema's metadata."""
    with schema_lock(schema):
        found = schema.metadata.tables.get(EXTERNAL_IDS)
        if found is not None:
            return found
        return sa.Table(
            EXTERNAL_IDS,
            schema.metadata,
            sa.Column("xmlid", sa.Text(), primary_key=True),
            sa.Column("model", sa.Text(), nullable=False),
            sa.Column("res_id", sa.Integer(), nullable=False),
        )


def reference(transaction: Transaction, xmlid: str) -> tuple[str, int] | None:
    """The model and id that an external id stands for; None where it stands for nothing here."""
    if transaction.readonly:
        return None
    table = external_ids(transaction.schema)
    asked = sa.select(table.c.model, table.c.res_id).where(table.c.xmlid == xmlid)
    with translated():
        found = transaction.store.rows(asked)
    return (found[0][0], found[0][1]) if found else None
