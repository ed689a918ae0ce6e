"""Who a secured session is for: a user of the application, with what rules may read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ostiary.enforce.errors import InvalidError
from ostiary.policy import Policy, Subject, User, closure
from ostiary.records.session import Session


def session_of(
    policy: Policy,
    user: User | Subject | str,
    companies: Sequence[int] | None,
    values: Mapping[str, object] | None,
) -> Session:
    """The session of a user: a `policy.User` with its id and groups, a login that the policy knows, or a Subject.

    `companies` are the ids of the companies they work in, the current one first; without, those that the policy has of
    the user. `values` say what rules read of the user, by the rule's own text. Raises InvalidError, and
    `UnknownSubject` for an unknown login.
    """
    if isinstance(user, str):
        user = Subject.of_user(policy, user)
    known = user.user if isinstance(user, Subject) else user
    if isinstance(user, Subject):
        subject = user
    else:
        held = [link.group for link in user.groups]
        for name in held:
            if name not in policy.groups:
                raise InvalidError(f"user {user.login} holds group {name}, which the policy doesn't have")
        groups = frozenset(held) if user.groups_closed else closure(policy, held)
        subject = Subject(name=user.login, groups=groups, kind="user")
    if subject.superuser:
        raise InvalidError(
            "a superuser's session would guard nothing: say bypass(session, reason=...) where needed"
        )
    if known is not None and not known.active:
        raise InvalidError(f"user {subject.name} is archived")
    found = tuple(companies) if companies is not None else _companies(policy, known)
    # The application says which companies are the user's: the definition may know of none, or of others.
    subject = Subject(name=subject.name, groups=subject.groups, kind=subject.kind)
    return Session(
        subject,
        known.id if known is not None else None,
        found[0] if found else None,
        found,
        given=tuple(sorted((name, _frozen(name, value)) for name, value in (values or {}).items())),
    )


def _companies(policy: Policy, user: User | None) -> tuple[int, ...]:
    """The ids of the user's companies that aren't archived, their own first."""
    if user is None:
        return ()
    ids = {one.xmlid: one.id for one in policy.companies if one.active}
    ordered = dict.fromkeys([*([user.company] if user.company else []), *user.companies])
    return tuple(found for name in ordered if (found := ids.get(name)) is not None)


def _frozen(name: str, value: Any) -> object:
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return tuple(_frozen(name, one) for one in items)
    if value is None or isinstance(value, bool | int | float | str):
        return False if value is None else value
    raise InvalidError(f"the value given for {name} has to be a number, a text, a boolean or a list of them")
