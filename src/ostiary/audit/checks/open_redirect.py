"""open-redirect: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.code.callers import caller_at
from ostiary.audit.code.hanging import names_a_record
from ostiary.audit.code.lines import Line, Worth, lines, sent, sureness, way
from ostiary.audit.code.wording import entry_words, given_words
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Entry, EntryKind, Given, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

# From here on `request.redirect` keeps to this site unless it is told otherwise.
_LOCAL_SINCE = 16
_SERIES = re.compile(r"(\d{1,2})\.0\.")
_TOLD = re.compile(r"\blocal\s*=\s*True\b")


@check(
    "open-redirect",
    "A link to this site can send its visitors to any other",
    Severity.MEDIUM,
    references=("CWE-601", "OWASP A01:2021", "ASVS 4.0.3 V5.1.5"),
    tags=("code", "routes"),
)
def open_redirect(policy: Policy) -> Iterator[Finding]:
    """Looks for redirects to an address that the caller writes and that may be on another site.

    ## What it does

    Follows what is sent to a route to a redirect: `werkzeug.utils.redirect`, `request.redirect(…, local=False)`, a
    `Location` header. From Odoo 16 on `request.redirect(url)` keeps to this site, and so do `redirect_query` and an
    address that begins with a path of the code. Modules for 12.0 to 15.0 are judged by what their Odoo did: there
    `request.redirect` goes anywhere. An address that is stored (a tracked link), or that was compared with a list,
    is in order, and so is what is only an id; the end or the beginning of a host that is compared
    (`endswith("mysite.org")`) is not: `notmysite.org` passes. Where no link leads to the route, but a form with a CSRF
    token of this site, it is low.

    ## Why it is bad

    A link that begins with your name leads to a page that asks for a password. Login and checkout pages are what
    people trust most.

    ## Example

    ```python
    @http.route("/library/back", auth="public", type="http")
    def back(self, to="/", **kw):
        return werkzeug.utils.redirect(to)
    ```

    ## Use instead

    ```python
        return request.redirect(to)  # from Odoo 16 on: keeps the path, drops the host
    ```

    ## References

    - CWE-601: URL Redirection to Untrusted Site
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for line in lines(policy, (UseKind.REDIRECT,), lambda entry, use: _worth(policy, entry, use)):
        yield _finding(policy, line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if entry.kind is not EntryKind.ROUTE or not _addresses(use) or not _leaves(policy, entry, use):
        return None
    if use.safe:  # the address, or the host in it, was held against something before
        return None
    if any(one.kind in (GuardKind.AUTHENTICATED, GuardKind.TOKEN, GuardKind.GROUP) for one in use.guards):
        return None
    severity = Severity.LOW if _by_form_only(entry) else Severity.MEDIUM
    # Where it was held against something that is not known, that is mostly a list of what is allowed.
    return severity, sureness(use, caller_at(entry, use)) if use.certain else Confidence.LOW


def _by_form_only(entry: Entry) -> bool:
    """Whether no link leads there: the route takes a form alone, and Odoo asks for its CSRF token."""
    route = entry.route
    return (
        route is not None
        and route.csrf
        and route.type == "http"
        and {one.upper() for one in route.methods} == {"POST"}
    )


def _addresses(use: Use) -> tuple[Given, ...]:
    """What of the request may hold another site's address: not the request's own address, nor an id."""
    return tuple(
        one
        for one in sent(use.written)
        if (one.source not in ("url", "path") or one.name == "path") and not names_a_record(one)
    )


def _leaves(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether the redirect may go to another site in the Odoo that the module is for."""
    if not use.local:
        return True
    older = 0 < series_of(policy, entry.module) < _LOCAL_SINCE
    whole = (
        "request.redirect(" in use.text and not _TOLD.search(use.text) and use.origin.module == entry.module
    )
    return older and whole


def series_of(policy: Policy, module: str) -> int:
    """The Odoo that a module says it is for in its version (`15.0.1.0.0`), or the one that was read."""
    known = policy.modules.get(module)
    said = _SERIES.match(known.version or "") if known is not None else None
    return int(said[1]) if said else int(policy.odoo.partition(".")[0] or 0)


def _finding(policy: Policy, line: Line) -> Finding:
    use = line.use
    series = series_of(policy, line.entry.module)
    older = use.local and series < _LOCAL_SINCE
    fix = "Redirect by request.redirect(url), which keeps to this site."
    because = ""
    if older:
        because = f": in Odoo {series}.0, for which the module is, request.redirect() goes anywhere"
        fix = (
            "Keep the path alone:\n"
            "parts = urls.url_parse(url)\n"
            'return request.redirect(parts.replace(scheme="", netloc="").to_url())'
        )
    return open_redirect.finding(
        at=line.at,
        subject=line.entry.name,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{_how(line.entry)} it to any other: {entry_words(line.entry)} redirects to "
        f"{given_words(_addresses(use))}{because}.",
        evidence=way(line, "the browser is sent there"),
        fix=fix,
    )


def _how(entry: Entry) -> str:
    if _by_form_only(entry):
        return "A form of this site can send whoever fills"
    return "A link to this site can send whoever follows"
