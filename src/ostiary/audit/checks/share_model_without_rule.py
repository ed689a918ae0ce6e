"""share-model-without-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.facts import (
    held,
    held_through,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
)
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.limits import Limit, limit
from ostiary.audit.registry import check
from ostiary.audit.rules_to_write import how_to_limit
from ostiary.audit.sensitivity import Holding, Weight
from ostiary.audit.wording import audience_words, model_words, sentence
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy

_SEVERITIES = {
    Weight.PERSONAL: Severity.HIGH,
    Weight.BUSINESS: Severity.MEDIUM,
    Weight.UNKNOWN: Severity.MEDIUM,
    Weight.DISCUSSED: Severity.LOW,
    Weight.REFERENCE: Severity.INFO,
}


@check(
    "share-model-without-rule",
    "Portal users or visitors may read every record of a model",
    Severity.HIGH,
    references=("CWE-862", "CWE-359", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rights", "rules"),
)
def share_model_without_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for models that share users may read and that no record rule limits for them.

    ## What it does

    Takes every access right with `perm_read` whose group share users hold, directly or through implied groups, and
    looks for a record rule that limits the rows for them: one of their groups, a global one, or one
    of a model it delegates to (`_inherits`). A rule of another group doesn't count. Gravity follows what the model
    holds: high for records about somebody (a contact, a user, an access token, a portal document or a line of
    one), medium for amounts and discussions, information only for types, tags and the like. Where the model's own
    module was not read, or the model also decides in Python, confidence is low.

    ## Why it is bad

    Without a rule, an access right opens the whole table: any portal user reads every customer's records over
    RPC, and `_document_check_access` in a controller lets everybody pass.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer_portal,offer portal,model_estate_offer,base.group_portal,1,0,0,0
    ```

    with a rule on `estate.offer` for `estate.group_agent` only.

    ## Use instead

    ```xml
    <record id="estate_offer_rule_portal" model="ir.rule">
        <field name="name">Offer: own offers for the portal</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-862: Missing Authorization
    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for right, audience in rights_for_shares(policy):
        if audience.everyone or Mode.READ not in right.modes:
            continue
        open_to = tuple(label for label in audience.labels if _unlimited(policy, label, right.model))
        if open_to:
            yield _finding(policy, right, open_to)


def _unlimited(policy: Policy, label: str, model: str) -> bool:
    """Whether no rule limits the rows. A group rule that is always true is another check's: rule-always-true."""
    if limit(policy, label, model, Mode.READ) is not Limit.NONE:
        return False
    return not reach(policy, label, model, Mode.READ).group_rules


def _finding(policy: Policy, right: AccessRight, labels: tuple[str, ...]) -> Finding:
    model = right.model
    found = reach(policy, labels[0], model, Mode.READ)
    about = held(policy, model)
    evidence = [step for label in labels for step in held_through(policy, label, right.group)]
    evidence.append(right_given(right))
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, labels[0], model, Mode.READ)]
    if about.weight is not Weight.UNKNOWN:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += not_judged(policy, model, found)
    whom = sentence(audience_words(labels))
    if about.weight is Weight.UNKNOWN:
        message = (
            f"{whom} may read {model}, and no rule that was read limits the records; the module that defines it "
            "was not read and may have one."
        )
    else:
        message = f"{whom} may read every record of {model_words(policy, model)}: no record rule limits them."
    return share_model_without_rule.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model,
        audience=labels,
        severity=_severity(policy, model, about, bool(found.python)),
        confidence=found.confidence,
        message=message,
        evidence=evidence,
        fix="Nothing, if everybody may know these records."
        if about.weight is Weight.REFERENCE
        else how_to_limit(policy, right.origin.module, model, labels[0]),
    )


def _severity(policy: Policy, model: str, about: Holding, python: bool) -> Severity:
    if python:
        return Severity.INFO
    if is_transient(policy, model):
        return Severity.LOW if about.weight is Weight.PERSONAL else Severity.INFO
    return _SEVERITIES[about.weight]
