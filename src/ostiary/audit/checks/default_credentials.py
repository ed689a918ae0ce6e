"""default-credentials: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.links import linked, steps
from ostiary.audit.asking.wording import enumerated
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.groups.ladders import administrators_reached
from ostiary.audit.groups.users import groups_of
from ostiary.audit.registry import check
from ostiary.policy.definitions import User
from ostiary.policy.groups import chain
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_ADMINS = frozenset({"base.user_admin", "base.user_root"})
_SHOWN = 3
_DEMO = ("demo", "demos", "tests", "test")


@check(
    "default-credentials",
    "A data file gives a user a password",
    Severity.CRITICAL,
    references=("CWE-798", "CWE-1392", "OWASP A07:2021", "ASVS 4.0.3 V2.10.4"),
    tags=("users", "files"),
)
def default_credentials(policy: Policy) -> Iterator[Finding]:
    """Looks for users whom a module's data gives a password.

    ## What it does

    Reports each user that a data file gives a password. Gravity follows what the user may do: critical for an
    administrator and for an internal user whose password is the login or one of the words that everybody tries first,
    high for other internal users and for guessable passwords of customers, medium for the rest. Archived users, who
    can't log in until somebody restores them, and users of demo data are low. The administrator of Odoo itself is for
    information, since whoever makes a database by its form chooses that password. The password is never kept or shown.

    Passwords computed by code and empty ones are left out.

    ## Why it is bad

    The password is the same in every database that has the module, and everybody who has the module knows it. Nobody
    is asked to change it, and a user made for an interface is easily forgotten.

    ## Example

    ```xml
    <record id="user_reading_room" model="res.users">
        <field name="login">reading-room</field>
        <field name="password">reading-room</field>
    </record>
    ```

    ## Use instead

    The user without a password: nobody can log in as such a user. Whoever needs it sets a password of their own, or
    makes an API key, in each database.

    ```xml
    <record id="user_reading_room" model="res.users">
        <field name="login">reading-room</field>
    </record>
    ```

    ## References

    - CWE-798: Use of Hard-coded Credentials
    - CWE-1392: Use of Default Credentials
    - OWASP Top 10 2021, A07: Identification and Authentication Failures
    """
    for user in policy.users:
        if user.password is not None:
            yield _finding(policy, user, user.password)


def _finding(policy: Policy, user: User, place: Origin) -> Finding:
    held = groups_of(policy, user)
    admin = next((link for link in user.groups if administrators_reached(policy, link.group)), None)
    type_ = _type(held)
    if admin is not None or user.xmlid in _ADMINS:
        type_ = "an administrator"
    known = (
        "it is one of the first that are tried"
        if user.password_guessed
        else "everybody knows it who has the module"
    )
    limits = ""
    if not user.active:
        limits = " The user is archived and can't log in until somebody restores them."
    elif _demo(place):
        limits = " It is in demo data, which no production database should have."
    elif _own(user, place):
        limits = " Whoever makes a database by Odoo's form chooses another; the command line doesn't ask."
    shown = [admin] if admin is not None else user.groups[:_SHOWN]
    links = [
        Evidence(f"user {user.login} is in {link.group}", link.origin)
        for link in shown
        if not in_context(policy, link.origin.module)
    ]
    goal = administrators_reached(policy, admin.group) if admin else None
    way = chain(policy, admin.group, goal) if admin and goal else None
    return default_credentials.finding(
        at=place,
        subject=user.xmlid or user.login,
        audience=("public",),
        severity=_severity(user, place, held, admin is not None),
        message=f"User {user.login}, {type_}, has the same password in every database that has the module, and {known}."
        + limits,
        evidence=[
            Evidence(f"a password is set for {user.login}", place),
            *links,
            *(linked(steps(admin.group, way)) if admin and way else ()),
        ],
        fix=f"Remove the password from the data of {user.login}; where the module is installed, set another one"
        + (", or archive the user." if user.active and user.xmlid not in _ADMINS else "."),
        key=("password",),
    )


def _severity(user: User, place: Origin, held: frozenset[str], admin: bool) -> Severity:
    if _own(user, place):
        return Severity.INFO
    if not user.active or _demo(place):
        return Severity.LOW
    # Without a user type of its own, Odoo gives a new user those of an internal one.
    internal = INTERNAL in held or held.isdisjoint((PORTAL, PUBLIC))
    if admin or user.xmlid in _ADMINS or (internal and user.password_guessed):
        return Severity.CRITICAL
    return Severity.HIGH if internal or user.password_guessed else Severity.MEDIUM


def _own(user: User, place: Origin) -> bool:
    """Whether it is what Odoo itself gives its first administrator, until a database is made by its form."""
    return user.xmlid in _ADMINS and place.module == "base"


def _demo(place: Origin) -> bool:
    """Whether a file is one of demo data or tests, by the folder or name it has."""
    folders, _, name = place.path.lower().rpartition("/")
    words = name.rpartition(".")[0].replace("-", "_").split("_")
    return any(folder in _DEMO for folder in folders.split("/")) or "demo" in words


def _type(held: frozenset[str]) -> str:
    if PORTAL in held or PUBLIC in held:
        return "a portal user" if PORTAL in held else "a public user"
    return (
        "an internal user"
        if INTERNAL in held or not held
        else f"with the groups {enumerated(sorted(held)[:3])}"
    )
