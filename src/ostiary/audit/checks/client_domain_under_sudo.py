"""client-domain-under-sudo: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.leaks import Leak
from ostiary.audit.code.reporting import findings
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy


@check(
    "client-domain-under-sudo",
    "What is searched for as superuser is written by the caller",
    Severity.HIGH,
    references=("CWE-943", "CWE-639", "OWASP A03:2021", "ASVS 4.0.3 V5.1.3"),
    tags=("code", "routes"),
)
def client_domain_under_sudo(policy: Policy) -> Iterator[Finding]:
    """Looks for a domain, an order, a field or a model that the caller writes, and that is used as superuser.

    ## What it does

    Follows what is sent to a route into the domain of a search, the fields that are read, the order, or the name of the
    model, where records are then used as superuser and nothing stops the caller. A single value in a domain that
    the code writes is not meant. As the caller, rights and rules hold, as over RPC. Of types, tags and the like it is
    no more than medium.

    ## Why it is bad

    A domain walks along relations: `[("create_uid.password", "=like", "a%")]` asks for things that no page shows, one
    letter at a time. With the model's name in the caller's hand, all tables are open.

    ## Example

    ```python
    @http.route("/school/list", type="json", auth="user")
    def list(self, domain):
        return request.env["school.course"].sudo().search_read(domain, ["name"])
    ```

    ## Use instead

    ```python
    def list(self, name=""):
        return request.env["school.course"].search_read([("name", "ilike", name)], ["name"])
    ```

    ## References

    - CWE-943: Improper Neutralization of Special Elements in Data Query Logic
    - CWE-639: Authorization Bypass Through User-Controlled Key
    - OWASP Top 10 2021, A03: Injection
    """
    yield from findings(policy, client_domain_under_sudo, Leak.DOMAIN)
