"""dormant-privileged-user: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ostiary.audit.asking.wording import at_most
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.groups.users import groups_of, topmost
from ostiary.audit.registry import check
from ostiary.policy.definitions import Mode, User
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC
from ostiary.policy.subject import SUPERUSER

DAYS = 180
SYSTEM = "base.group_system"
_ADMINISTRATORS = frozenset({SYSTEM, "base.group_erp_manager"})
_DECIDES = frozenset({"ir.model.access", "ir.rule", "res.groups", "res.users"})
_TEMPLATES = frozenset({"base.default_user", "base.public_user", "base.template_portal_user_id"})


@check(
    "dormant-privileged-user",
    "An administrator has not logged in for long",
    Severity.HIGH,
    references=("CWE-286", "CWE-1390", "OWASP A07:2021"),
    tags=("users",),
)
def dormant_privileged_user(policy: Policy) -> Iterator[Finding]:
    """Looks for active users with administrator's rights who have not been seen for 180 days.

    ## What it does

    Finds active users who hold `base.group_system`, `base.group_erp_manager` or another group whose
    access rights let it change users, groups, access rights or record rules, and who were last seen more than 180 days
    ago, or never and were made more than 180 days ago. OdooBot, public users and the templates for new users are left
    out. Seen means a login (`res.users.log`) or, from Odoo 18, a request of a known device (`res.device.log`).

    "Today" is the day on which any user was last seen, so that a database gives the same answer whenever it
    is asked, and a copy the same as the original. High for `base.group_system`, medium for the others. Confidence
    is medium: in Odoo 17 a session that never ends, and everywhere calls with an API key, leave no trace there.
    Needs a database (or a snapshot of one).

    ## Why it is bad

    Nobody misses the login of somebody who left, and nobody notices when it is used. The password is as old as
    the last visit, and may long be in a list of stolen ones.

    ## Example

    The consultant who set the database up two years ago is still an active user with `base.group_system`.

    ## Use instead

    Archive the user, or take the administrator's groups away. What runs by itself wants a user of its own with the few
    rights it needs.

    ## References

    - CWE-286: Incorrect User Management
    - CWE-1390: Weak Authentication
    - OWASP Top 10 2021, A07: Identification and Authentication Failures
    """
    today = max((seen for user in policy.users if (seen := _seen(user))), default=None)
    if today is None:
        return
    for user in policy.users:
        if not user.active or user.xmlid == SUPERUSER or user.xmlid in _TEMPLATES:
            continue
        since = _seen(user) or user.created
        if since is None or (today - since).days <= DAYS:
            continue
        held = groups_of(policy, user)
        if PUBLIC not in held and (privileged := held & _privileged(policy)):
            yield _finding(policy, user, privileged, today)


def _seen(user: User) -> date | None:
    return max((day for day in (user.last_login, user.last_activity) if day), default=None)


def _privileged(policy: Policy) -> frozenset[str]:
    """The groups whose holders may give themselves what they like."""

    def find() -> frozenset[str]:
        return _ADMINISTRATORS | {
            right.group
            for right in policy.rights
            if right.active and right.group and right.model in _DECIDES
            if not {Mode.WRITE, Mode.CREATE}.isdisjoint(right.modes)
        }

    return remembered(policy, ("audit privileged groups",), find)


def _finding(policy: Policy, user: User, privileged: frozenset[str], today: date) -> Finding:
    seen = _seen(user)
    who = f"{user.login} ({user.name})" if user.name and user.name != user.login else user.login
    groups = topmost(policy, privileged)
    if seen:
        said = f"was last seen on {seen}, {(today - seen).days} days before {today}"
    else:
        said = f"has never logged in since it was made on {user.created}"
    evidence = [Evidence(f"{user.login} holds {at_most(groups)}", user.origin)]
    if seen is None:
        evidence.append(Evidence(f"res_users_log has no entry of {user.login}"))
    else:
        evidence.append(Evidence(f"last login {user.last_login or 'not recorded'}, last seen {seen}"))
    evidence.append(Evidence(f"{today} is the day on which any user was last seen, and taken for today"))
    return dormant_privileged_user.finding(
        at=user.origin,
        module="",
        subject=user.login,
        audience=("internal",),
        severity=Severity.HIGH if SYSTEM in privileged else Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        message=f"User {who} may decide what everybody may do ({at_most(groups)}), and {said}.",
        evidence=evidence,
        fix=f"Archive {user.login}, or take {at_most(groups)} away. If a program uses it with an API key, give that a "
        "user of its own with the rights it needs.",
    )
