"""load-order: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.definitions import Problem
from ostiary.policy.policy import Policy

# What the reader says about the order in which data is loaded; every other problem is `unreadable-definition`'s.
EARLY = "load-order"
UNDECLARED = "undeclared-dependency"
KINDS = (EARLY, UNDECLARED)
_SHOWN = 8
_FIXES = {
    EARLY: "Move the file that defines it up in the manifest's `data`, before the one that names it (within one file, "
    "the record above the other). If another module defines it, depend on that module, or move what names it there.",
    UNDECLARED: "Add the module to `depends` in the manifest, or leave the reference out. If both are to work "
    "without each other, put it into a module of its own that depends on both, with `auto_install`.",
}
_MEANING = {
    EARLY: "Odoo can't install this on a new database, though an update of an old one, where the record is already "
    "there, goes through",
    UNDECLARED: "Odoo can't install this where that module is missing, and where it is there, what happens depends on "
    "which of the two is loaded first",
}


@check(
    "load-order",
    "Data names what is defined only later, or by a module that is not depended on",
    Severity.HIGH,
    references=("CWE-696", "CWE-710", "OWASP A05:2021"),
    tags=("files",),
)
def load_order(policy: Policy) -> Iterator[Finding]:
    """Looks for references that Odoo can't resolve while it loads the files in their order.

    ## What it does

    Goes through the data files in the order in which Odoo loads them (modules by their dependencies, files by the
    manifest's `data`, records from top to bottom) and reports a group, a rule, a model or another record that is
    named before it is defined. It also reports a reference to a module that is not among those the module
    depends on, directly or through others; a module that installs itself with them counts as being there. There is one
    finding for each file.

    A record that no file defines at all is reported by [unreadable-definition](unreadable-definition.md).

    ## Why it is bad

    Installing stops with an error, but only on a new database: the developer's own, where the record has been
    there since an earlier version, is updated without complaint. Or the modules happen to be loaded in an order that
    works, until another dependency changes it. Access rights and rules are then missing exactly where nobody
    looks: on the customer's first installation, or after the failed module was taken out of it.

    ## Example

    ```python
    "data": ["security/ir.model.access.csv", "security/groups.xml"],
    ```

    where the access rights name a group that `groups.xml` defines.

    ## Use instead

    ```python
    "data": ["security/groups.xml", "security/ir.model.access.csv"],
    ```

    ## References

    - CWE-696: Incorrect Behavior Order
    - CWE-710: Improper Adherence to Coding Standards
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    together: dict[tuple[str, str], list[Problem]] = {}
    for problem in policy.problems:
        if problem.kind in KINDS:
            together.setdefault((problem.kind, problem.origin.path), []).append(problem)
    for (kind, _), problems in together.items():
        yield _finding(kind, problems)


def _finding(kind: str, problems: list[Problem]) -> Finding:
    """One finding for a file, however many of its lines have the same mistake."""
    first, others = problems[0], problems[1:]
    more = (
        f" {len(others)} more reference{'s' if len(others) > 1 else ''} of this file likewise."
        if others
        else ""
    )
    return load_order.finding(
        at=first.origin,
        subject=first.origin.module or kind,
        severity=Severity.HIGH if kind == EARLY else Severity.MEDIUM,
        message=f"{first.message.rstrip('.')}.{more} {_MEANING[kind]}.",
        evidence=[
            *(Evidence(one.message.rstrip("."), one.origin) for one in problems[:_SHOWN]),
            *([Evidence(f"and {len(problems) - _SHOWN} more references")] if len(problems) > _SHOWN else []),
        ],
        fix=_FIXES[kind],
        key=(kind, first.message),
    )
