"""public-create-of-users: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.wording import at_most
from ostiary.audit.code.callers import by_superuser, caller_at, passing
from ostiary.audit.code.lines import Line, Worth, lines, sent, sureness, way
from ostiary.audit.code.methods import has_records_to_call, is_orm
from ostiary.audit.code.naming import names_fields
from ostiary.audit.code.wording import entry_words
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Choice, Entry, EntryKind, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

_USERS, _GROUPS = "res.users", "res.groups"
_POWERS = frozenset({"groups_id", "group_ids", "implied_ids", "users", "user_ids"})
# Odoo's own ways to a login: by a token that was mailed, or where the settings allow it.
_SIGNUP = ("signup(", "_signup_create_user(", "_create_user_from_template(")
_LATER = frozenset({GuardKind.LATER})


@check(
    "public-create-of-users",
    "Whoever asks gets a login, or more groups",
    Severity.CRITICAL,
    references=("CWE-269", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "groups"),
)
def public_create_of_users(policy: Policy) -> Iterator[Finding]:
    """Looks for routes and methods that create users, or change groups, as superuser for whoever asks.

    ## What it does

    Takes routes without a login, and those and RPC methods that any user with a login may call, and reports where a
    `res.users` is created as superuser, or the groups of users are written, with no check before. Odoo's own
    signup is left out, which asks for a token or for the setting that lets people sign up, and so is what
    is for members of a group alone, and a login of which nothing is sent: one for a contact that is there already.

    ## Why it is bad

    A login is the border between visitors and customers: whoever can make one sees what portal users see, in
    any number. Whoever chooses the groups is an administrator.

    ## Example

    ```python
    @http.route("/school/register", type="http", auth="public", methods=["POST"])
    def register(self, **post):
        values = {"name": post["name"], "login": post["email"], "password": post["password"]}
        request.env["res.users"].sudo().create(values)
    ```

    ## Use instead

    ```python
        request.env["res.users"].sudo().signup(values, token)
    ```

    ## References

    - CWE-269: Improper Privilege Management
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for line in lines(policy, (UseKind.CREATE, UseKind.WRITE), lambda entry, use: _worth(policy, entry, use)):
        yield _finding(line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if use.model not in (_USERS, _GROUPS) or not by_superuser(use) or is_orm(entry):
        return None
    if passing(policy, entry, use) or any(one.kind in _LATER for one in use.looks) or _signs_up(use):
        return None
    caller = caller_at(entry, use)
    if entry.kind is EntryKind.RPC and not has_records_to_call(policy, entry, use, caller.label):
        return None
    sure = sureness(use, caller)
    if use.kind is UseKind.CREATE and use.model == _USERS:
        if not sent(use.written):
            return None  # a login for a contact of the company's: nothing of it is the caller's choice
        return Severity.CRITICAL if names_fields(use) else Severity.HIGH, sure
    if _POWERS.isdisjoint(use.fields) and not names_fields(use):
        return None
    chosen = bool(sent(use.written)) or use.choice in (Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.SELF)
    return (Severity.CRITICAL, sure) if chosen else None


def _signs_up(use: Use) -> bool:
    return use.origin.module == "auth_signup" or any(
        word in step.text for step in use.steps for word in _SIGNUP
    )


def _finding(line: Line) -> Finding:
    use, where = line.use, entry_words(line.entry)
    if use.kind is UseKind.CREATE and use.model == _USERS:
        done = "have a user created"
        how = "creates it as superuser without a check of who asks, past Odoo's signup"
    else:
        names = [name for name in use.fields if name in _POWERS]
        done = "have the groups of users changed"
        how = f"writes {at_most(names) or 'any field'} as superuser without a check of who asks"
    return public_create_of_users.finding(
        at=line.at,
        subject=line.entry.name,
        model=use.model,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} can {done}: {where} {how}.",
        evidence=way(line, f"{use.kind.value} as superuser"),
        fix="Use res.users.signup(values, token), which asks for an invitation or for the setting that lets people "
        "sign up, and takes the groups from the template user; or ask for a group of administrators first.",
    )
