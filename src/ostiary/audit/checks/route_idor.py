"""route-idor: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "route-idor",
    "A route uses records by an id of the caller's, and nothing checks whose they are",
    Severity.HIGH,
    references=("CWE-639", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "routes"),
)
def route_idor(policy: Policy) -> Iterator[Finding]:
    """Looks for routes that take an id from the request and use the record without a check of whose it is.

    ## What it does

    Follows what is sent to a route (a part of the path, a parameter, the body, a cookie) to the records it chooses: by
    `browse`, by a search for an id, a number or an e-mail address, through helpers and relations. Then it asks what on
    the way stops somebody whose record it is not: `check_access` as the caller, `_document_check_access`, a comparison
    with who asks, a token of the record, a search among one's own, a group that customers don't hold.

    What is found without any is joined with what is proved of the model. As superuser the record of anybody is
    used, whatever the rules say: as grave as the model and what is done to it. With the rights of who asks, the rules
    decide: where they are proved to hold, it is a note; where they let others in, it is graver than the missing rule
    itself, since the page hands out what RPC would have to be asked for. `auth='user'` lets in any user with a login,
    customers of the portal too. Where only a state, a date or a number is read, it is low. A record that is only used
    where somebody published it is left out.

    Changing a record to values that the caller sends, or deleting it, is graver than running something on it. A list
    of everybody's is told too, where what is sent can take away what ties it to who asks, or where it is about people.

    Routes without a login that use `sudo()` are told by [public-route-sudo](public-route-sudo.md), and what looks like
    a check and is none by [check-under-sudo](check-under-sudo.md),
    [child-not-tied-to-parent](child-not-tied-to-parent.md) and [token-of-other-record](token-of-other-record.md).
    Confidence is lower, and gravity too, where the record is picked out by code of another file than the route's, and
    confidence where a helper was not read that might check, or the module of the model, or where a secret is sent
    along.

    ## Why it is bad

    Ids are counted up: whoever has one page of their own tries the next number, and reads or changes what belongs to
    somebody else.

    ## Example

    ```python
    @http.route("/my/loan/<int:loan_id>", auth="user", website=True)
    def loan(self, loan_id, **kw):
        loan = request.env["library.loan"].sudo().browse(loan_id)
        return request.render("library.loan_page", {"loan": loan})
    ```

    ## Use instead

    ```python
    try:
        loan_sudo = self._document_check_access("library.loan", loan_id, access_token)
    except (AccessError, MissingError):
        return request.redirect("/my")
    ```

    or, for a model without tokens, `request.env["library.loan"].browse(loan_id).check_access("read")` before anything
    else, and a record rule for portal users.

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    yield from findings(policy, route_idor, Leak.ROUTE)
