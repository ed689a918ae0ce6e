"""sudo-before-check: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "sudo-before-check",
    "Records are used as superuser before the check of who asks",
    Severity.MEDIUM,
    references=("CWE-696", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "routes"),
)
def sudo_before_check(policy: Policy) -> Iterator[Finding]:
    """Looks for records that are used as superuser first, and checked only then.

    ## What it does

    Finds what a route does as superuser with a record of the caller's choice before the check of that very record. A
    change or a method that is run before is as grave as one without a check, less one step: most controllers catch the
    error of the check and answer with a redirect, and then the change stays. What is only read before is low.
    A record that some way uses without any check is told by [route-idor](route-idor.md) or
    [public-route-sudo](public-route-sudo.md).

    ## Why it is bad

    What was done is done for somebody who had no right to it: a mail is sent, a payment is begun, and an error that is
    caught undoes nothing.

    ## Example

    ```python
    loan_sudo = request.env["library.loan"].sudo().browse(loan_id)
    loan_sudo.write({"renewals": loan_sudo.renewals + 1})
    try:
        self._document_check_access("library.loan", loan_id)
    except AccessError:
        return request.redirect("/my")
    ```

    ## Use instead

    Check first, and use what the check gives back.

    ```python
    try:
        loan_sudo = self._document_check_access("library.loan", loan_id)
    except (AccessError, MissingError):
        return request.redirect("/my")
    loan_sudo.write({"renewals": loan_sudo.renewals + 1})
    ```

    ## References

    - CWE-696: Incorrect Behavior Order
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, sudo_before_check, Leak.BEFORE)
