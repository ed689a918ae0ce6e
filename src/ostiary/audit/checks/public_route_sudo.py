"""public-route-sudo: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "public-route-sudo",
    "A route without a login uses records of the caller's choice as superuser",
    Severity.CRITICAL,
    references=("CWE-306", "CWE-639", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "routes"),
)
def public_route_sudo(policy: Policy) -> Iterator[Finding]:
    """Looks for routes without a login that use records of the caller's choice as superuser, with no check.

    ## What it does

    As [route-idor](route-idor.md), for routes with `auth='public'` or `auth='none'`: what somebody who has no account
    sends chooses the record, and `sudo()` reads, changes or deletes it, runs a method on it, or creates something that
    hangs on it (a message or an attachment with a `res_id` of their choice). Gravity follows the model and what is
    done: critical for what is about somebody. What is read as superuser with no choice at all (all records of a
    model) is told where they are about somebody. What a website publishes, settings, types and tags, and pages
    that only tell a state or a date are low or left out, and so is what a token, a signature or a session opens.

    ## Why it is bad

    Anybody on the internet may send it, with any number in place of theirs, as often as they like.

    ## Example

    ```python
    @http.route("/clinic/visit/<int:visit_id>/confirm", auth="public", type="http")
    def confirm(self, visit_id, **kw):
        request.env["clinic.visit"].sudo().browse(visit_id).action_confirm()
    ```

    ## Use instead

    ```python
    visit_sudo = request.env["clinic.visit"].sudo().browse(visit_id)
    if not token or not visit_sudo.access_token or not consteq(visit_sudo.access_token, token):
        raise NotFound()
    visit_sudo.action_confirm()
    ```

    ## References

    - CWE-306: Missing Authentication for Critical Function
    - CWE-639: Authorization Bypass Through User-Controlled Key
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, public_route_sudo, Leak.PUBLIC)
