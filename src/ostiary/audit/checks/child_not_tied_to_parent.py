"""child-not-tied-to-parent: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "child-not-tied-to-parent",
    "One record is checked, and another one of the caller's choice is used",
    Severity.HIGH,
    references=("CWE-639", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "routes"),
)
def child_not_tied_to_parent(policy: Policy) -> Iterator[Finding]:
    """Looks for routes that check one record, and use another one that the caller chooses besides.

    ## What it does

    Finds superuser records that are chosen by an id from the request, where the only check on the way is of another
    record and nothing says that the one belongs to the other: no search that names both, no comparison of the link, no
    test that it is among the other's lines.

    ## Why it is bad

    Whoever may see one document of their own puts its id first and somebody else's line, file or delivery second.

    ## Example

    ```python
    @http.route("/my/loan/<int:loan_id>/fine/<int:fine_id>", auth="user")
    def fine(self, loan_id, fine_id, access_token=None, **kw):
        self._document_check_access("library.loan", loan_id, access_token)
        fine = request.env["library.fine"].sudo().browse(fine_id)
        return request.render("library.fine_page", {"fine": fine})
    ```

    ## Use instead

    ```python
    loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
    fine = request.env["library.fine"].sudo().search([("id", "=", fine_id), ("loan_id", "=", loan_sudo.id)])
    ```

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, child_not_tied_to_parent, Leak.PARENT)
