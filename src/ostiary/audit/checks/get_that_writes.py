"""get-that-writes: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.facts import weight
from ostiary.audit.code.callers import by_superuser, caller_of, incidental, passing
from ostiary.audit.code.changes import by_header, by_who_asks, changes, done_words, opened_by_secret
from ostiary.audit.code.lines import Line, sureness, way
from ostiary.audit.code.wording import entry_words, given_words, what
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Choice, Entry, Given, GuardKind, Route, Use, UseKind
from ostiary.policy.policy import Policy

_SENT = frozenset({"path", "parameter", "url"})
# The method of the request is asked: a form was posted, whose token Odoo has held against the session's.
_POSTED = re.compile(r"\bmethod\b.*\bPOST\b|\bPOST\b.*\bmethod\b|\bmethod\s*!=\s*.GET\b")
_KEPT = re.compile(r"\bsession\b")
_CREATES = re.compile(r"_?(?:create|new)_")
_NOTED = re.compile(r"_?message_(?:post|log)")
_CLOSED = frozenset({GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE, GuardKind.AUTHENTICATED})


@check(
    "get-that-writes",
    "Following a link changes something",
    Severity.MEDIUM,
    references=("CWE-352", "CWE-650", "OWASP A01:2021", "ASVS 4.0.3 V4.2.2"),
    tags=("code", "routes"),
)
def get_that_writes(policy: Policy) -> Iterator[Finding]:
    """Looks for routes that answer GET and change records by what is in the link.

    ## What it does

    Takes routes of `type='http'` that answer GET (no `methods`, or GET among them) and that hang on who is logged
    in, and asks what they change by the path or the parameters: a record of the caller's choice is written or
    deleted, or a method is run on it that sends, confirms or starts something. Left out are logs, counters and
    views, links with a token, what is kept in the session, and the creation of what was not there yet. A route that
    has both a form and its answer is reported too unless it asks for the method, since Odoo asks for a CSRF token
    only of POST.

    ## Why it is bad

    Odoo protects POST by a CSRF token and takes every GET. A picture on another page, `<img src="…/42/confirm">`, is
    enough, and so are programs that follow links before people do: mail scanners, previews, search engines.

    ## Example

    ```python
    @http.route("/my/rental/<int:order_id>/confirm", type="http", auth="user")
    def confirm(self, order_id):
        request.env["rental.order"].browse(order_id).action_confirm()
    ```

    ## Use instead

    ```python
    @http.route("/my/rental/<int:order_id>/confirm", type="http", auth="user", methods=["POST"])
    ```

    ## References

    - CWE-352: Cross-Site Request Forgery
    - CWE-650: Trusting HTTP Permission Methods on the Server Side
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for entry in policy.code.entries if policy.code else ():
        if entry.route is None or not _answers_get(entry.route) or opened_by_secret(entry):
            continue
        found = [use for use in changes(policy, entry) if _by_link(policy, entry, use)]
        if found:
            yield _finding(policy, entry, found)


def _answers_get(route: Route) -> bool:
    if route.type != "http" or route.auth not in ("user", "public"):
        return False
    return not route.methods or "GET" in {one.upper() for one in route.methods}


def _by_link(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether a change follows from what stands in the link: a record that is chosen there is changed."""
    if use.kind is UseKind.CREATE or use.choice in (
        Choice.TOKEN,
        Choice.SESSION,
        Choice.NEW,
        Choice.FIXED,
        Choice.ALL,
    ):
        return False
    if incidental(entry, use):
        return False
    if use.kind is UseKind.WRITE and not use.written and not use.given:
        return False
    if use.kind is UseKind.CALL and _NOTED.match(use.method) and not set(use.written) - set(use.given):
        return False  # that it was looked at
    if use.kind is UseKind.CALL and _CREATES.match(use.method) and not use.written:
        return False  # as a record that is created
    if any(one.kind is GuardKind.OWNER and _KEPT.search(one.text) for one in use.guards) or by_header(use):
        return False
    if any(_POSTED.search(one.text) for one in (*use.guards, *use.looks)):
        return False
    if entry.route is not None and entry.route.auth == "public" and not by_who_asks(policy, entry, use):
        return False
    if not _linked(use) or weight(policy, use.model) < Weight.DISCUSSED:
        return False
    return not any(one.kind in _CLOSED for one in passing(policy, entry, use))


def _linked(use: Use) -> tuple[Given, ...]:
    return tuple(one for one in (*use.given, *use.written) if one.source in _SENT)


def _severity(policy: Policy, use: Use) -> Severity:
    """What the link itself says is written, what is deleted, and methods that do something to documents, are worth more
    than a state that is set."""
    about = weight(policy, use.model)
    if about < Weight.UNKNOWN:
        return Severity.LOW
    told = bool(use.written) or use.kind in (UseKind.UNLINK, UseKind.CALL)
    return Severity.MEDIUM if told or (by_superuser(use) and use.choice is not Choice.OWN) else Severity.LOW


def _finding(policy: Policy, entry: Entry, found: list[Use]) -> Finding:
    use, caller = found[0], caller_of(entry)
    severity = max(_severity(policy, one) for one in found)
    line = Line(entry, use, entry.origin, severity, Confidence.MEDIUM)
    where, done = entry_words(entry), done_words(found, use.model)
    return get_that_writes.finding(
        at=entry.origin,
        subject=entry.name,
        model=use.model if use.model in policy.models else None,
        audience=caller.audience,
        severity=severity,
        confidence=sureness(use, caller, Confidence.MEDIUM),
        message=f"Following a link to {where} {done} {what(policy, use.model)}, by {given_words(_linked(use))}: Odoo "
        "asks for no CSRF token where a route answers GET, so that any page can have it followed.",
        evidence=way(line, "something is changed"),
        fix='Give the route methods=["POST"], and ask for it by a form with csrf_token. Where one route shows a form '
        'and takes it, change something only if request.httprequest.method == "POST".',
    )
