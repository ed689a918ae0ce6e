"""side-effect-before-check: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.wording import sentence, verbs
from ostiary.audit.code.callers import caller_of
from ostiary.audit.code.effects import Effect, effects
from ostiary.audit.code.join import mode_of
from ostiary.audit.code.repairs import asked_for, name_of
from ostiary.audit.code.wording import doing, entry_said, entry_words, source, what
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import EntryKind, UseKind
from ostiary.policy.policy import Policy


@check(
    "side-effect-before-check",
    "Something is done as superuser before anything is checked explicitly",
    Severity.MEDIUM,
    references=("CWE-696", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "methods", "routes"),
)
def side_effect_before_check(policy: Policy) -> Iterator[Finding]:
    """Looks for methods and routes that do something as superuser first, and are refused only by what comes later.

    ## What it does

    Takes what any logged-in user may call, a public method over RPC or a route, on records of their choice. Finds what
    it creates, changes or runs as superuser while nothing was asked explicitly (`check_access`, a group, a comparison
    with who asks), where a later line reads or changes the caller's record with their own rights and is refused to
    somebody who got as far. It is low, since a refusal takes back what the transaction did, and medium where
    what is done leaves the database: a mail, a payment, a call of another service. Where a field of the record is
    read as the caller before, that is a check too: then it is told only of what leaves the database, and where the
    refusal is left to what the method overrides. Logs, counters, wizards and overrides of `write`, `create` and
    `unlink` are left out, and so is what other files do on the way. What nothing is refused after at all is told by
    [rpc-method-bypasses-access](rpc-method-bypasses-access.md) and [route-idor](route-idor.md).

    ## Why it is bad

    The refusal is an accident of what the method happens to read or write. Once another module overrides it, or a line
    is moved, nothing is refused any more, and whatever can't be undone has been done already.

    ## Example

    ```python
    def action_rent(self):
        self.env["rental.charge"].sudo().create({"name": self.name, "amount": self.price})
        self.write({"state": "out"})
    ```

    ## Use instead

    ```python
    def action_rent(self):
        self.check_access("write")
        self.env["rental.charge"].sudo().create({"name": self.name, "amount": self.price})
        self.write({"state": "out"})
    ```

    ## References

    - CWE-696: Incorrect Behavior Order
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for effect in effects(policy):
        yield _finding(policy, effect)


def _finding(policy: Policy, effect: Effect) -> Finding:
    entry, use, later = effect.entry, effect.use, effect.later
    mode = mode_of(later)
    record = "self" if entry.kind is EntryKind.RPC else name_of(later.given)
    return side_effect_before_check.finding(
        at=entry.origin if in_context(policy, use.origin.module) else use.origin,
        subject=entry.name,
        model=use.model,
        audience=caller_of(entry).audience,
        severity=Severity.MEDIUM if effect.lasting else Severity.LOW,
        confidence=Confidence.HIGH if later.certain and not entry.unread else Confidence.MEDIUM,
        message=(
            f"{sentence(entry_words(entry))} {_does(policy, effect)} as superuser before anything is checked "
            f"explicitly: that its caller may {verbs((mode,))} {what(policy, later.model)} only turns out afterwards."
        ),
        evidence=[
            Evidence(entry_said(entry), entry.origin),
            *(Evidence(source(step.text), step.origin) for step in use.steps),
            Evidence(f"done as superuser: {source(use.text)}", use.origin),
            *(
                Evidence(
                    f"{source(one.text)} is read before, which is refused to who may not read it", one.origin
                )
                for one in use.guards[:1]
                if effect.read
            ),
            Evidence(f"the first line that is refused to who may not: {source(later.text)}", later.origin),
        ],
        fix=f"Ask first, before anything is done:\n{asked_for(policy, mode.value, record)}",
    )


def _does(policy: Policy, effect: Effect) -> str:
    use = effect.use
    if use.kind is UseKind.CREATE:
        return f"creates {what(policy, use.model)}"
    if use.kind is UseKind.CALL:
        return f"runs {use.method}() on {what(policy, use.model)}"
    return f"{doing(use)}s {what(policy, use.model)}"
