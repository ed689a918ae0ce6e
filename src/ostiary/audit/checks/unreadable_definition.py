"""unreadable-definition: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy

_FIXES = {
    "malformed-file": "Correct the syntax of the file.",
    "missing-file": "Add the file, or take it out of the manifest.",
}
# What is named and isn't there, or not there yet: checks of their own say that.
_ELSEWHERE = frozenset({"unknown-reference", "unknown-model", "load-order", "undeclared-dependency"})
_OTHERWISE = "Write it so that it can be read without running code, or check by hand what depends on it."


@check(
    "unreadable-definition",
    "A definition could not be read",
    Severity.HIGH,
    references=("CWE-710", "OWASP A05:2021"),
    tags=("files",),
    always=True,
)
def unreadable_definition(policy: Policy) -> Iterator[Finding]:
    """Says what could not be read, and so was not audited.

    ## What it does

    Reports every file, row or value that could not be read as Odoo would: malformed XML, CSV or
    Python, a file the manifest names that isn't there, a value that only
    running code can give. It is high where Odoo itself would refuse to load the module, and where so much was
    not read that nothing can be said of it. This check
    runs whatever checks are selected, unless it is ignored by name. What is named and doesn't exist is reported by
    [unknown-reference](unknown-reference.md), what is named before it exists by [load-order](load-order.md).

    ## Why it is bad

    What was not read was not audited: nothing that rests on it is known to be in order.

    ## Example

    ```xml
    <record id="offer_rule_portal" model="ir.rule">
        <field name="groups" eval="[(4, ref('base.group_protal'))]"/>
    </record>
    ```

    ## Use instead

    ```xml
    <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    ```

    ## References

    - CWE-710: Improper Adherence to Coding Standards
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    for problem in policy.problems:
        if problem.kind in _ELSEWHERE:
            continue
        said = problem.message.rstrip(".")
        # A bound is ours: Odoo may well load what is beyond it.
        refused = problem.fatal and problem.kind != "limit"
        yield unreadable_definition.finding(
            at=problem.origin,
            subject=problem.origin.module or problem.kind,
            severity=Severity.HIGH if problem.fatal else Severity.LOW,
            confidence=Confidence.HIGH if problem.fatal else Confidence.MEDIUM,
            message=f"{said}: Odoo refuses to load this."
            if refused
            else f"{said}: what depends on it was not audited.",
            fix=_FIXES.get(problem.kind, _OTHERWISE),
            key=(problem.kind, problem.message),
        )
