"""rule-always-true: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.facts import groups_held, held, held_through, may, reach, rule_said, weight
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules_to_write import own_records
from ostiary.audit.sensitivity import Weight
from ostiary.audit.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.domain import truth
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.policy import Policy


@check(
    "rule-always-true",
    "A rule for portal users or visitors accepts every record",
    Severity.HIGH,
    references=("CWE-863", "CWE-571", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_always_true(policy: Policy) -> Iterator[Finding]:
    """Looks for group rules of share users whose domain is always true.

    ## What it does

    Finds active rules with groups whose domain accepts every record (empty, `[]`, `[(1, '=', 1)]`, or true
    by its logic) and that reach portal users, visitors or another share group. It is high or medium where the
    rule cancels other group rules of that audience, and low where it is the only one, unless the model
    holds plain reference data. Only modes the audience has an access right for count. Rules of internal groups
    ("the manager sees all") and global rules are left out.

    ## Why it is bad

    Group rules are alternatives: one that accepts everything makes all the others of that user pointless,
    however strict they are, and they look as if they protected.

    ## Example

    ```xml
    <record id="offer_rule_portal_all" model="ir.rule">
        <field name="name">Offer: portal</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[(1, '=', 1)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-571: Expression is Always True
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for rule in policy.rules:
        if not rule.active or rule.is_global or truth(rule.domain) is not True:
            continue
        labels = dict.fromkeys(
            label for name in rule.group_names for label in audience_of(policy, name).labels
        )
        for label in labels:
            modes = [mode for mode in rule.modes if may(policy, label, rule.model, mode)]
            if modes:
                yield from _judge(policy, rule, label, modes)


def _judge(policy: Policy, rule: RecordRule, label: str, modes: list[Mode]) -> Iterator[Finding]:
    cancelled: dict[str, RecordRule] = {}
    hit = []
    for mode in modes:
        found = reach(policy, label, rule.model, mode)
        others = [other for other in found.group_rules if other is not rule and truth(other.domain) is None]
        cancelled.update({other.xmlid: other for other in others})
        hit += [mode] if others else []
    personal = weight(policy, rule.model) is Weight.PERSONAL
    whom, model = sentence(audience_words((label,))), model_words(policy, rule.model)
    if cancelled:
        severity = Severity.HIGH if personal or hit != [Mode.READ] else Severity.MEDIUM
        names = enumerated([rule_words(other) for other in cancelled.values()])
        message = (
            f"{whom} may {verbs(hit)} every record of {model}: this rule accepts all, which cancels {names}."
        )
    elif weight(policy, rule.model) is not Weight.REFERENCE and all(
        reach(policy, label, rule.model, mode).truth for mode in modes
    ):
        severity = Severity.LOW
        message = f"{whom} may {verbs(modes)} every record of {model}: their only rule accepts all."
    else:
        return
    group = next(name for name in rule.group_names if name in groups_held(policy, label))
    about = held(policy, rule.model)
    yield rule_always_true.finding(
        at=rule.domain_origin or rule.origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=(label,),
        severity=severity,
        confidence=reach(policy, label, rule.model, (hit or modes)[0]).confidence,
        message=message,
        evidence=[
            *held_through(policy, label, group),
            rule_said(rule),
            *(Evidence(f"cancelled: {rule_said(other).text}", other.origin) for other in cancelled.values()),
            *([Evidence(f"{rule.model} {about}")] if about.shown else []),
        ],
        fix=_fix(policy, rule, bool(cancelled)),
    )


def _fix(policy: Policy, rule: RecordRule, cancels: bool) -> str:
    own = own_records(policy, rule.model)
    limited = (
        f'<field name="domain_force">{own}</field>' if own else "a domain that ties the records to the user"
    )
    if cancels:
        return f"Remove {rule.xmlid}, or limit it:\n{limited}"
    return f"Limit {rule.xmlid}, unless everybody may know these records:\n{limited}"
