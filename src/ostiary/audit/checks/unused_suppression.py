"""unused-suppression: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ostiary.audit import registry
from ostiary.audit.asking.facts import malformed_files
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.concerned import audited
from ostiary.policy.definitions import Suppression
from ostiary.policy.policy import Policy


@check(
    "unused-suppression",
    "A comment that accepts findings has no effect",
    Severity.LOW,
    references=("CWE-1164",),
    tags=("files",),
    always=True,
)
def unused_suppression(policy: Policy) -> Iterator[Finding]:
    """Looks for `ostiary: ignore[...]` comments that accept nothing.

    ## What it does

    Reports comments that are not honoured, because they give no reason, name no check or one that doesn't exist, or
    stand at nothing; and, for information, comments that name a check which has nothing to report
    there. A check that did not run is not counted as having nothing to report. This check runs whatever checks are
    selected, unless it is ignored by name; a comment can't accept what it reports.

    ## Why it is bad

    A comment that isn't honoured says that somebody looked and decided, while the finding still stands. One that
    accepts nothing will accept the next finding of its kind at that place, which nobody has looked at.

    ## Example

    ```xml
    <!-- ostiary: ignore[rule-always-true] -->
    <record id="opening_hours_rule_portal" model="ir.rule">
    ```

    ## Use instead

    ```xml
    <!-- ostiary: ignore[rule-always-true] opening hours are on the door anyway -->
    <record id="opening_hours_rule_portal" model="ir.rule">
    ```

    ## References

    - CWE-1164: Irrelevant Code
    """
    known = {each.id for each in registry.all_checks()} | {each.check for each in registry.catalogue().errors}
    unread = malformed_files(policy)
    for comment in policy.suppressions:
        if not audited(policy, comment.origin.module):
            continue
        if not comment.checks:
            yield _finding(
                comment,
                "names no check, so it is not honoured",
                "Name what it accepts: ostiary: ignore[check-id] reason.",
            )
        elif not comment.reason:
            yield _finding(
                comment,
                "gives no reason, so it is not honoured",
                "Say behind the bracket why it is accepted: ostiary: ignore[check-id] reason.",
            )
        elif not comment.last and comment.origin.path not in unread:
            yield _finding(
                comment,
                "stands at no definition, so it accepts nothing",
                "Put it on the line right above the definition it is about, behind it on the same line, or inside the "
                "record.",
            )
        for name in comment.checks:
            if name not in known:
                near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
                hint = f"Write {near[0]} if that is meant" if near else "`ostiary checks` lists the checks"
                yield _finding(comment, f"names {name}, which is no check", f"{hint}, or take it out.")


def unused(comment: Suppression, checks: Iterable[str]) -> Finding:
    """The finding on a comment whose named checks have nothing to report where it stands."""
    names = ", ".join(checks)
    return _finding(
        comment,
        f"accepts {names}, of which there is nothing to accept at this place",
        "Take it out, so that it doesn't accept what is written here later.",
        Severity.INFO,
    )


def _finding(comment: Suppression, what: str, fix: str, severity: Severity = Severity.LOW) -> Finding:
    return unused_suppression.finding(
        at=comment.origin,
        subject=comment.origin.module,
        severity=severity,
        message=f"This comment {what}.",
        fix=fix,
        key=(what, *comment.checks, comment.reason),
    )
