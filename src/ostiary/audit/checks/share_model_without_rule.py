"""share-model-without-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.facts import (
    EXPOSED,
    folded,
    held,
    held_through,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.limits import Limit, decided_in_python, limit, published
from ostiary.audit.registry import check
from ostiary.audit.rules_to_write import how_to_limit
from ostiary.audit.sensitivity import Holding, Weight
from ostiary.audit.wording import audience_words, enumerated, model_words, rule_words, sentence
from ostiary.domain import to_english, truth
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy

_LONGEST = 200
_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)


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
    one), medium for amounts, low for discussions, information only for types, tags and the like. Where the model's own
    module was not read, or the model also decides in Python, confidence is low.

    What counts is what is left: rules that hold next to nothing back (`id > 0`, `user_id != user.id`) are as
    good as none. Records about somebody or with amounts that are limited by a condition on the record alone, such as
    its state, are low; what is published on purpose is left out. A condition that a search method decides in
    Python is low too, with low confidence.

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
        alike: dict[bool, list[str]] = {}
        for label in open_to:
            rules = bool(reach(policy, label, right.model, Mode.READ).rules)
            alike.setdefault(rules, []).append(label)
        for labels in alike.values():
            yield _finding(policy, right, tuple(labels))
        if weight(policy, right.model) in _ABOUT_SOMEBODY and not is_transient(policy, right.model):
            for label in audience.labels:
                if limit(policy, label, right.model, Mode.READ) in (Limit.CONDITION, Limit.UNKNOWN):
                    yield from _conditional(policy, right, label)


def _unlimited(policy: Policy, label: str, model: str) -> bool:
    """Whether no rule limits the rows. A group rule that is always true is another check's: rule-always-true."""
    if limit(policy, label, model, Mode.READ) is not Limit.NONE:
        return False
    found = reach(policy, label, model, Mode.READ)
    if weight(policy, model) is Weight.REFERENCE and found.group_rules:
        return False
    return not any(truth(folded(policy, label, rule)) is True for rule in found.group_rules)


def _finding(policy: Policy, right: AccessRight, labels: tuple[str, ...]) -> Finding:
    model = right.model
    found = reach(policy, labels[0], model, Mode.READ)
    about = held(policy, model)
    evidence = _evidence(policy, right, labels)
    whom = sentence(audience_words(labels))
    if about.weight is Weight.UNKNOWN:
        message = (
            f"{whom} may read {model}, and no rule that was read limits the records; the module that defines it "
            "was not read and may have one."
        )
    elif found.rules:
        message = (
            f"{whom} may read every record of {model_words(policy, model)}, or nearly so: "
            f"{enumerated([rule_words(rule) for rule in found.rules])} "
            f"{'hold' if len(found.rules) > 1 else 'holds'} nothing back for them."
        )
    else:
        message = f"{whom} may read every record of {model_words(policy, model)}: no record rule limits them."
    return share_model_without_rule.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model,
        audience=labels,
        severity=found.lowered(_severity(policy, model, about)),
        confidence=found.confidence,
        message=message,
        evidence=evidence,
        fix="Nothing, if everybody may know these records."
        if about.weight is Weight.REFERENCE
        else how_to_limit(policy, right.origin.module, model, labels[0]),
    )


def _conditional(policy: Policy, right: AccessRight, label: str) -> Iterator[Finding]:
    """What is left by a condition on the record that has nothing to do with who asks."""
    model = right.model
    if published(policy, label, model, Mode.READ):
        return
    found = reach(policy, label, model, Mode.READ)
    whom, what = sentence(audience_words((label,))), model_words(policy, model)
    computed = decided_in_python(policy, model, found.domain)
    evidence = _evidence(policy, right, (label,))
    if limit(policy, label, model, Mode.READ) is Limit.CONDITION:
        confidence = found.confidence
        one = "; all visitors are one and the same user" if label == "public" else ""
        message = (
            f"{whom} may read records of {what}, only where "
            f"{_shortened(to_english(found.domain))}, whoever they belong to{one}."
        )
    elif computed:
        confidence = Confidence.LOW
        names = enumerated([field.name for field in computed])
        message = (
            f"{whom} may read records of {what}: which ones, the search of {names} says, which is Python and "
            "can't be decided here."
        )
        evidence += [
            Evidence(f"{field.name} is searched by {field.search}", field.origin) for field in computed
        ]
    else:
        return
    yield share_model_without_rule.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model,
        audience=(label,),
        severity=Severity.LOW,
        confidence=confidence,
        message=message,
        evidence=evidence,
        fix="Nothing, if they may know these records, whoever they belong to. Otherwise:\n"
        + how_to_limit(policy, right.origin.module, model, label),
        key=("condition", label),
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip(' ,')}…"


def _evidence(policy: Policy, right: AccessRight, labels: tuple[str, ...]) -> list[Evidence]:
    model = right.model
    found = reach(policy, labels[0], model, Mode.READ)
    about = held(policy, model)
    evidence = [step for label in labels for step in held_through(policy, label, right.group)]
    evidence.append(right_given(right))
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, labels[0], model, Mode.READ)]
    if about.weight is not Weight.UNKNOWN:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += not_judged(policy, model, found)
    return evidence


def _severity(policy: Policy, model: str, about: Holding) -> Severity:
    if is_transient(policy, model):
        return Severity.LOW if about.weight is Weight.PERSONAL else Severity.INFO
    return EXPOSED[about.weight]
