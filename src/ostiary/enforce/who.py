"""Who a login, an id, a row of `res.users` or a User of the application's own stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ostiary.enforce.errors import InvalidError, MissingError, UnknownUser, UserError, translated
from ostiary.enforce.people import EXTERNAL_IDS, external_ids
from ostiary.policy import GroupLink, Origin, Policy, Subject, User, closure
from ostiary.policy.subject import SUPERUSER, UnknownSubject
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Links

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.rows.transaction import Transaction

_HERE = Origin(path="given by the application")


def subject_of(env: Environment, user: str | int | User | Subject | None) -> Subject:
    """Who a login, an id of `res.users`, a User or None (OdooBot) stands for.

    A login or id that the Policy doesn't know is looked up in the rows of users, with the groups they hold there.
    Raises UnknownUser for a login that nobody has, MissingError for an id.
    """
    policy = env.policy
    if isinstance(user, Subject):
        return user
    if isinstance(user, bool) or not isinstance(user, str | int | User | None):
        raise InvalidError(
            f"a user is a login, an id of res.users, a User or a Subject, and not {user!r:.60}"
        )
    if user is None:
        return superuser(policy)
    if isinstance(user, User):
        return of_user(policy, user)
    known = policy.user_by_login.get(user) if isinstance(user, str) else None
    if isinstance(user, int) and not isinstance(user, bool):
        known = next((one for one in policy.users if one.id == user), None)
    if known is None or known.id is None:
        row = of_row(env.transaction, user)
        if row is not None:
            return of_user(policy, row)
    if known is not None:
        return of_user(policy, known)
    if isinstance(user, int):
        raise MissingError(f"there is no user with id {user}")
    try:
        return Subject.of_user(policy, user)  # raises, with near misses
    except UnknownSubject as error:
        raise UnknownUser(str(error)) from None


def superuser(policy: Policy) -> Subject:
    """OdooBot, who passes everything."""
    user = next((one for one in policy.users if one.xmlid == SUPERUSER), None)
    groups = frozenset(link.group for link in user.groups) if user is not None else frozenset()
    name = user.login if user is not None else "__system__"
    return Subject(name=name, groups=groups, user=user, superuser=True, kind="superuser")


def of_user(policy: Policy, user: User) -> Subject:
    """The subject of a User that the Policy need not know."""
    held = [link.group for link in user.groups]
    bot = user.xmlid == SUPERUSER
    return Subject(
        name=user.login,
        groups=frozenset(held) if user.groups_closed else closure(policy, held),
        user=user,
        superuser=bot,
        kind="superuser" if bot else "user",
    )


def of_row(transaction: Transaction, user: str | int) -> User | None:
    """The user of a row, with the groups and companies that are linked to it."""
    schema = transaction.schema
    try:
        table = schema.model("res.users").table
    except RecordsError:
        return None
    store = transaction.store
    if transaction.readonly or not sa.inspect(transaction.connection).has_table(EXTERNAL_IDS):
        return None
    ids = external_ids(schema)
    which = table.c.id == user if isinstance(user, int) else table.c.login == user
    with translated():
        rows = store.rows(
            sa.select(table.c.id, table.c.login, table.c.company_id, table.c.active).where(which)
        )
    if not rows:
        return None
    id, login, company, active = rows[0]
    names: dict[tuple[str, int], str] = {}
    asked = sa.select(ids.c.model, ids.c.res_id, ids.c.xmlid).where(
        ids.c.model.in_(["res.groups", "res.company"])
    )
    for model, row, xmlid in store.rows(asked):
        names[model, row] = xmlid
    renamed = schema.policy.semantics.group_fields_renamed
    groups = [
        names.get(("res.groups", one), "")
        for one in _linked(transaction, "group_ids" if renamed else "groups_id", id)
    ]
    companies = [names.get(("res.company", one), "") for one in _linked(transaction, "company_ids", id)]
    return User(
        origin=Origin(path=f"res_users:{id}"),
        login=login,
        id=id,
        xmlid=f"__user__.{login}",
        active=bool(active),
        groups=tuple(GroupLink(name, _HERE) for name in groups if name),
        company=names.get(("res.company", company)) if company is not None else None,
        companies=tuple(name for name in companies if name),
    )


def _linked(transaction: Transaction, field: str, user: int) -> list[int]:
    kind = transaction.schema.field("res.users", field)
    if not isinstance(kind, Links) or kind.own is None or kind.other is None:
        return []
    rows = transaction.store.rows(sa.select(kind.other).where(kind.own == user).order_by(kind.other))
    return [row[0] for row in rows]


_WHO = frozenset({"groups_id", "group_ids", "company_id", "company_ids", "login"})


def check_defined(env: Environment, model: str, ids: Sequence[int], names: Sequence[str]) -> None:
    """Raises UserError where a write would change who a user of the Policy is: the Policy says that, and would go on
    saying something else."""
    if model == "res.users" and not _WHO.isdisjoint(names):
        defined = next(
            (user for user in env.policy.users if user.id is not None and user.id in set(ids)), None
        )
        if defined is not None:
            raise UserError(
                f"user {defined.login} is defined by the policy: change their groups and companies there"
            )
