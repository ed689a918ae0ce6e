"""report-route-unchecked: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "report-route-unchecked",
    "A route prints a report of any record",
    Severity.HIGH,
    references=("CWE-639", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "routes"),
)
def report_route_unchecked(policy: Policy) -> Iterator[Finding]:
    """Looks for routes that print a report, or send a file, of a record of the caller's choice.

    ## What it does

    As [route-idor](route-idor.md), where the record goes into a report (`_show_report`, `_render_qweb_pdf`) or a file
    of it is sent (`_get_stream_from`). Reports are rendered as superuser more often than not, and hold the whole
    document; an attachment that is picked by its id may be a file of any record there is.

    ## Why it is bad

    The page may be checked, and the button beside it that prints is not: the PDF holds all that the page does.

    ## Example

    ```python
    @http.route("/my/visit/<int:visit_id>/print", auth="user")
    def visit_pdf(self, visit_id, **kw):
        visit = request.env["clinic.visit"].sudo().browse(visit_id)
        return self._show_report(visit, "pdf", "clinic.report_visit", download=True)
    ```

    ## Use instead

    ```python
    visit_sudo = self._document_check_access("clinic.visit", visit_id, access_token)
    return self._show_report(visit_sudo, "pdf", "clinic.report_visit", download=True)
    ```

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, report_route_unchecked, Leak.REPORT)
