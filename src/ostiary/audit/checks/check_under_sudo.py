"""check-under-sudo: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "check-under-sudo",
    "A check of access is asked of a superuser record, and passes for everybody",
    Severity.HIGH,
    references=("CWE-863", "CWE-639", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "routes"),
)
def check_under_sudo(policy: Policy) -> Iterator[Finding]:
    """Looks for checks of access that are asked of a superuser record of the caller's choice.

    ## What it does

    Finds `check_access`, `check_access_rights`, `check_access_rule` and the like on records that carry `sudo()`, and
    what is done afterwards as superuser with records that the caller chose. To the superuser everything is allowed, so
    that the check passes for everybody. It is told where it is the only check, in routes and in methods over RPC;
    where another one holds, nothing leaks. A check in a method of a model, which others call with a record of their
    own rights, is right there, and what a route leaves to it is told of the route.
    `record_sudo.with_user(uid).check_access(...)` asks for that user, and is right.

    ## Why it is bad

    The code looks as if it were safe, so that nobody looks again.

    ## Example

    ```python
    loan_sudo = request.env["library.loan"].sudo().browse(loan_id)
    loan_sudo.check_access("read")
    return request.render("library.loan_page", {"loan": loan_sudo})
    ```

    ## Use instead

    ```python
    loan = request.env["library.loan"].browse(loan_id)
    loan.check_access("read")
    return request.render("library.loan_page", {"loan": loan.sudo()})
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-639: Authorization Bypass Through User-Controlled Key
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, check_under_sudo, Leak.UNDER_SUDO)
