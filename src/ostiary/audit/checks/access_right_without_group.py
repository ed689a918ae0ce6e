"""access-right-without-group: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    audited,
    held,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import made_otherwise, place_of
from ostiary.audit.asking.subjects import shown_to
from ostiary.audit.asking.wording import model_words, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy

_BOUND = (Limit.OWN, Limit.NOTHING)


@check(
    "access-right-without-group",
    "An access right without a group reaches everybody",
    Severity.CRITICAL,
    references=("CWE-276", "CWE-732", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rights",),
)
def access_right_without_group(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights that name no group and grant something.

    ## What it does

    Reports active rows of `ir.model.access` with an empty group that grant something on a model with
    records. Gravity follows what the model holds and is at least high where they let people change, create or delete.
    Plain reference data that is only read, wizards (which shared-wizard looks at), rows whose records a global rule
    ties to the user, rows that grant nothing, and rows on abstract models are left out.

    ## Why it is bad

    A row without a group is not "nobody in particular": it applies to every user, portal users and
    visitors who have not logged in included, whatever groups they have.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer,offer,model_estate_offer,,1,1,1,1
    ```

    ## Use instead

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer_user,offer user,model_estate_offer,base.group_user,1,1,1,1
    ```

    ## References

    - CWE-276: Incorrect Default Permissions
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for right, audience in rights_for_shares(policy):
        if audience.everyone and audited(policy, right.model):
            finding = _finding(policy, right)
            if finding.severity > Severity.INFO:
                yield finding


def _finding(policy: Policy, right: AccessRight) -> Finding:
    model = right.model
    open_modes = [mode for mode in right.modes if limit(policy, EVERYONE, model, mode) not in _BOUND]
    shown = open_modes[0] if open_modes else right.modes[0]
    found = reach(policy, EVERYONE, model, shown)
    at = place_of(policy, right, (EVERYONE,), open_modes or right.modes)
    evidence = [right_given(right), *made_otherwise(right, at)]
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, EVERYONE, model, shown)]
    about = held(policy, model)
    if about.weight is not Weight.UNKNOWN:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += not_judged(policy, model, found)
    gravest = reach(policy, EVERYONE, model, open_modes[-1]) if open_modes else found
    gravity = gravest.lowered(_severity(policy, right, open_modes))
    return access_right_without_group.finding(
        at=at,
        subject=right.xmlid,
        model=model,
        audience=(EVERYONE,),
        severity=gravity,
        confidence=gravest.confidence,
        extent=[mode.value for mode in right.modes] + [f"{mode.value} any record" for mode in open_modes],
        message=f"Everybody, portal users and visitors who have not logged in included, may {verbs(right.modes)} "
        f"{_extent(open_modes)}{model_words(policy, model)}: this access right names no group.",
        evidence=evidence,
        fix="Name the group that needs it in the column group_id:id, e.g. base.group_user"
        + (
            "."
            if gravity <= Severity.LOW
            else ", and give base.group_portal a row of its own, with a record rule, "
            "only if the portal needs it."
        ),
    )


def _severity(policy: Policy, right: AccessRight, open_modes: list[Mode]) -> Severity:
    if not open_modes or is_transient(policy, right.model):
        return Severity.INFO
    worst = next((mode for mode in open_modes if mode is not Mode.READ), Mode.READ)
    gravest = severity(policy, EVERYONE, right.model, worst)
    if worst is not Mode.READ:
        return max(gravest, Severity.HIGH)
    if weight(policy, right.model) is Weight.UNKNOWN:
        return min(gravest, Severity.LOW)
    return shown_to(policy, EVERYONE, right.model)


def _extent(open_modes: list[Mode]) -> str:
    return "records of " if open_modes else "their own records of "
