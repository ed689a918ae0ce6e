"""token-of-other-record: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "token-of-other-record",
    "The token of one record opens another one of the caller's choice",
    Severity.HIGH,
    references=("CWE-639", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "routes"),
)
def token_of_other_record(policy: Policy) -> Iterator[Finding]:
    """Looks for routes that compare the token of one record and serve another.

    ## What it does

    Finds superuser records that are chosen by an id from the request, where the only check on the way compares a secret
    of another record, and nothing ties the one to the other.

    ## Why it is bad

    A token that was sent to one customer, for one document, opens every record of the other model.

    ## Example

    ```python
    rental = request.env["rental.order"].sudo().browse(rental_id)
    if not consteq(rental.access_token, token):
        raise NotFound()
    invoice = request.env["rental.invoice"].sudo().browse(invoice_id)
    return self._pdf(invoice)
    ```

    ## Use instead

    ```python
    invoice = rental.invoice_ids.filtered(lambda one: one.id == invoice_id)
    ```

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, token_of_other_record, Leak.OTHER_TOKEN)
