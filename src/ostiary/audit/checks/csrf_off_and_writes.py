"""csrf-off-and-writes: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.facts import weight
from ostiary.audit.code.callers import caller_at, caller_of, is_secret, passing
from ostiary.audit.code.changes import by_header, by_who_asks, changes, done_words, opened_by_secret
from ostiary.audit.code.lines import Line, sureness, way
from ostiary.audit.code.wording import entry_words, what
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Actor, Choice, Entry, GuardKind, Route, Use
from ostiary.policy.policy import Policy

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Called by another server, which has no session that could be abused; whether it asks who calls is another question.
_BY_SERVERS = re.compile(r"webhook|callback|notif|/hook|ipn|/return|postback|\bapi\b", re.IGNORECASE)


@check(
    "csrf-off-and-writes",
    "Any page on the internet can have this route change something",
    Severity.HIGH,
    references=("CWE-352", "OWASP A01:2021", "ASVS 4.0.3 V4.2.2"),
    tags=("code", "routes"),
)
def csrf_off_and_writes(policy: Policy) -> Iterator[Finding]:
    """Looks for routes with `csrf=False` that change something and ask for no secret of the request.

    ## What it does

    Takes routes of `type='http'` with `csrf=False` that answer POST and use the session (`auth='user'` or
    `'public'`), and asks what they change: records written, created, deleted, methods that send or confirm. Routes
    that hold a token, a signature, a password or an API key against a secret are left out, and so are those that ask
    for a header that a form can't send (`X-…`), those that only give something back, and those with `auth='none'`,
    which have no session. `csrf=False` does nothing to a json route. Where no login is asked for and nothing hangs on
    the visitor's session it is medium at most, since a script needs nobody's browser for it: what such a route opens is
    told by [public-route-sudo](public-route-sudo.md). Routes that other servers call by their path (webhooks), that
    act as a user of their own choice, or that are sent a token which could not be followed, are told with low
    confidence.

    ## Why it is bad

    A page on another site posts a form to this route in the browser of somebody who is logged in, and Odoo takes it
    for theirs. Where no login is asked for, a script does it any number of times.

    ## Example

    ```python
    @http.route("/rental/cancel", type="http", auth="user", methods=["POST"], csrf=False)
    def cancel(self, order_id):
        request.env["rental.order"].browse(int(order_id)).action_cancel()
    ```

    ## Use instead

    ```python
    @http.route("/rental/cancel", type="http", auth="user", methods=["POST"])
    ```

    with `<input type="hidden" name="csrf_token" t-att-value="request.csrf_token()"/>` in the form.

    ## References

    - CWE-352: Cross-Site Request Forgery
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for entry in policy.code.entries if policy.code else ():
        if entry.route is None or not _unprotected(entry.route) or opened_by_secret(entry):
            continue
        found = [use for use in changes(policy, entry) if _by_anybody(policy, entry, use)]
        if found:
            yield _finding(policy, entry, entry.route, found)


def _unprotected(route: Route) -> bool:
    if route.type != "http" or route.csrf or route.auth not in ("user", "public"):
        return False
    return not route.methods or not _SAFE.issuperset(one.upper() for one in route.methods)


def _by_anybody(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether a change follows from the request; a group that must be held is no help, since it is the victim's."""
    if by_header(use):
        return False
    closed = (GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE, GuardKind.AUTHENTICATED)
    return not any(one.kind in closed for one in (*use.guards, *passing(policy, entry, use)))


def _finding(policy: Policy, entry: Entry, route: Route, found: list[Use]) -> Finding:
    use, caller = found[0], caller_of(entry)
    line = Line(entry, use, entry.origin, _severity(policy, entry, found), Confidence.HIGH)
    sure = Confidence.LOW if _by_others(entry, route, use) else sureness(use, caller_at(entry, use))
    done = done_words(found, use.model)
    where = entry_words(entry)
    who = (
        "Any site can have the browser of somebody who is logged in call it"
        if caller.label != "public"
        else "Any site can have a visitor's browser call it, and any script too"
    )
    return csrf_off_and_writes.finding(
        at=entry.origin,
        subject=entry.name,
        model=use.model if use.model in policy.models else None,
        audience=caller.audience,
        severity=line.severity,
        confidence=sure,
        message=f"{where[:1].upper()}{where[1:]} {done} {what(policy, use.model)} with csrf=False, and asks for no "
        f"token or signature. {who}.",
        evidence=way(line, "something is changed"),
        fix="Leave csrf=False out, and put request.csrf_token() into the form as csrf_token. If another server calls "
        "it, hold its signature against a secret by consteq() before anything else.",
    )


def _by_others(entry: Entry, route: Route, use: Use) -> bool:
    """Whether a route may be for callers without a session: another server, a device that sends a token."""
    if caller_of(entry).label != "public":
        return False
    return (
        any(_BY_SERVERS.search(path) for path in route.paths)
        or use.actor is Actor.OTHER
        or any(is_secret(name) for name in entry.parameters)
    )


def _severity(policy: Policy, entry: Entry, found: list[Use]) -> Severity:
    heaviest = max(weight(policy, use.model) for use in found)
    told = any(use.given or use.written for use in found)
    severity = Severity.HIGH if told and heaviest is Weight.PERSONAL else Severity.MEDIUM
    if caller_of(entry).label == "public" and not any(_of_the_session(policy, entry, use) for use in found):
        return min(severity, Severity.MEDIUM)
    return severity


def _of_the_session(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether a change hangs on whose browser calls."""
    return use.choice in (Choice.OWN, Choice.SESSION) or by_who_asks(policy, entry, use)
