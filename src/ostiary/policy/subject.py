"""Subject: who a decision is about."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from ostiary.policy.definitions import User
from ostiary.policy.groups import closure, is_share, user_type_conflict
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC, USER_TYPES

SUPERUSER = "base.user_root"
WORDS = {"internal": INTERNAL, "portal": PORTAL, "public": PUBLIC}
_PHRASES = {INTERNAL: "an internal user", PORTAL: "a portal user", PUBLIC: "a public user"}


class UnknownSubject(LookupError):
    """No user or group goes by that name. The message is one sentence and names near misses."""


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user, or anybody who holds a certain group, with the groups they hold.

    `groups` is closed. `kind` is how the subject was named: `"user"`, `"group"` or `"superuser"`. A superuser
    (OdooBot, user id 1) passes every access right and every record rule.
    """

    name: str
    groups: frozenset[str]
    user: User | None = None
    superuser: bool = False
    kind: str = "group"

    @classmethod
    def of_group(cls, policy: Policy, xmlid: str) -> Subject:
        """A user who holds this group, and so all it implies, and nothing else.

        `Subject.of_group(policy, "base.group_portal")` is a plain portal user. A group the policy only
        mentions is accepted. Raises UnknownSubject where nothing mentions it.
        """
        if xmlid not in policy.groups and xmlid not in USER_TYPES:
            raise UnknownSubject(_not_found(f"There is no group {xmlid}", xmlid, policy.groups))
        return cls(name=xmlid, groups=closure(policy, (xmlid,)), kind="group")

    @classmethod
    def of_user(cls, policy: Policy, login: str) -> Subject:
        """The user with this login. Raises UnknownSubject where there is none."""
        user = policy.user_by_login.get(login)
        if user is None:
            raise UnknownSubject(_not_found(f"There is no user {login}", login, policy.user_by_login))
        held = [link.group for link in user.groups]
        superuser = user.xmlid == SUPERUSER
        return cls(
            name=login,
            groups=frozenset(held) if user.groups_closed else closure(policy, held),
            user=user,
            superuser=superuser,
            kind="superuser" if superuser else "user",
        )

    @classmethod
    def find(cls, policy: Policy, text: str) -> Subject:
        """The subject a person means: a login, a group's external id, or `portal`, `public`, `internal`.

        A login is tried first, then a group, then the words. Raises UnknownSubject with near misses.
        """
        text = text.strip()
        if text in policy.user_by_login:
            return cls.of_user(policy, text)
        if text in policy.groups or text in USER_TYPES:
            return cls.of_group(policy, text)
        if text.lower() in WORDS:
            return cls.of_group(policy, WORDS[text.lower()])
        known = [*WORDS, *policy.user_by_login, *policy.groups]
        raise UnknownSubject(_not_found(f"There is no user or group {text!r}", text, known))

    @property
    def share(self) -> bool:
        return is_share(self.groups)

    @property
    def user_type(self) -> str | None:
        """`base.group_user`, `base.group_portal` or `base.group_public`; None for a user of no type."""
        return next((name for name in USER_TYPES if name in self.groups), None)

    @property
    def phrase(self) -> str:
        """How a sentence names the subject: `a portal user`, `user demo`, `a user who holds only x.y`."""
        if self.superuser:
            return f"the superuser {self.name}"
        if self.kind == "user":
            return f"user {self.name}"
        return _PHRASES.get(self.name, f"a user who holds only {self.name}")


def active_users(policy: Policy) -> list[User]:
    """The users that somebody is: those that aren't archived, and the public users, which are archived and yet what
    every visitor is. The superuser isn't among them."""
    return [
        user
        for user in policy.users
        if user.xmlid != SUPERUSER and (user.active or any(link.group == PUBLIC for link in user.groups))
    ]


def holds(policy: Policy, subject: Subject, xmlid: str) -> bool | None:
    """Whether the subject holds a group; None where a group of theirs that was not read may imply it."""
    if xmlid in subject.groups:
        return True
    unread = unread_groups(policy, subject)
    if not unread:
        return False

    def possible() -> bool:
        if user_type_conflict(subject.groups | closure(policy, (xmlid,))):
            return False
        return any(_may_imply(policy, group, xmlid) for group in unread)

    return None if remembered(policy, ("possible", subject.groups, xmlid), possible) else False


def unread_groups(policy: Policy, subject: Subject) -> tuple[str, ...]:
    """The groups of the subject of which it is not known what they imply: only mentioned, or uncertain."""
    if subject.user is not None and subject.user.groups_closed:
        return ()
    return remembered(
        policy,
        ("unread", subject.groups),
        lambda: tuple(
            sorted(
                g
                for g in subject.groups
                if g not in policy.groups or policy.groups[g].unresolved or policy.groups[g].uncertain
            )
        ),
    )


def _may_imply(policy: Policy, unread: str, xmlid: str) -> bool:
    """Whether a group of a module that wasn't read could imply another.

    It can't where the other group's module depends on the unread one: a module's files only name what is
    loaded before them, and the links that later modules add were read with those. A group that was read
    with an unreadable value may imply any other, since any module may have given the value.
    """
    if unread in policy.groups and policy.groups[unread].uncertain:
        return True
    below = unread.partition(".")[0]
    above = xmlid.partition(".")[0]
    return below not in _dependencies(policy, above)


def _dependencies(policy: Policy, module: str) -> frozenset[str]:
    def walk() -> frozenset[str]:
        seen: set[str] = set()
        todo = [module]
        while todo:
            found = policy.modules.get(todo.pop())
            for name in found.depends if found else ():
                if name not in seen:
                    seen.add(name)
                    todo.append(name)
        return frozenset(seen)

    return remembered(policy, ("dependencies", module), walk)


def _not_found(start: str, text: str, known: Iterable[str]) -> str:
    near = get_close_matches(text, dict.fromkeys(known), n=3, cutoff=0.6)
    return f"{start}; did you mean {' or '.join(near)}?" if near else f"{start} in what was read."
