"""rule-shared-attribute: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import weight
from ostiary.audit.asking.proofs import confidence
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.attributes import Attribute
from ostiary.audit.rules.strangers import Cause, Fault, evidence, faults, graveness, mended
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import value_to_odoo
from ostiary.policy.policy import Policy
from ostiary.prove.identity import may_be_empty


@check(
    "rule-shared-attribute",
    "A rule for portal users compares something that customers share",
    Severity.HIGH,
    references=("CWE-863", "CWE-359", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_shared_attribute(policy: Policy) -> Iterator[Finding]:
    """Looks for rules that tell customers apart by something that many of them have.

    ## What it does

    Has it proved, for each model and mode that portal users (or another group of share users) have an access right
    for, whether records pass that nothing ties to the user. Where they pass because the rule compares the record with
    the user's country, state, language, category, price list, salesperson, team or the like, the finding is on
    that rule, names what is compared, and shows a user and another customer's record. Left out are reference data
    (the opening hours for one's country), what is published, what compares the user's groups, and what a
    record that lists the user is about (the course of an enrolment). Rules that compare nothing but companies are
    [rule-company-only](rule-company-only.md)'s; what the user can edit is
    [rule-editable-identity](rule-editable-identity.md)'s.

    ## Why it is bad

    Such a rule looks as if it protected, since two test users of different countries don't see each other's
    records. All customers of one country do.

    ## Example

    ```xml
    <record id="visit_rule_portal" model="ir.rule">
        <field name="name">Visit: portal</field>
        <field name="model_id" ref="model_clinic_visit"/>
        <field name="domain_force">[('state_id', '=', user.partner_id.state_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for fault in faults(policy, Cause.SHARED):
        if weight(policy, fault.model) is not Weight.REFERENCE:
            yield _finding(policy, fault)


def _finding(policy: Policy, fault: Fault) -> Finding:
    compared = _compared(fault)
    nouns = enumerated(list(dict.fromkeys(one.noun for one in compared)))
    terms = enumerated(
        list(dict.fromkeys(f"{one.term.path} with {value_to_odoo(one.symbol)}" for one in compared))
    )
    who = f"the rule {rule_words(fault.rule)}" if fault.rule is not None else "the rules"
    about_somebody = weight(policy, fault.model) is Weight.PERSONAL
    shown = fault.shown
    return rule_shared_attribute.finding(
        at=getattr(fault.at, "domain_origin", None) or fault.at.origin,
        subject=fault.at.xmlid,
        model=fault.model,
        audience=(fault.label,),
        severity=graveness(policy, fault, less=0 if about_somebody else 1),
        confidence=confidence(shown.found, shown.proof),
        proof=shown.proof,
        message=f"{sentence(audience_words((fault.label,)))} may {verbs(fault.modes)} other customers' records of "
        f"{model_words(policy, fault.model)}, where these have the same {nouns}: {who} compares {terms}, "
        "which customers share.",
        evidence=[*evidence(policy, fault), *_none_of_it(policy, compared)],
        fix=mended(policy, fault),
    )


def _compared(fault: Fault) -> list[Attribute]:
    return [one for way in fault.shown.by(Cause.SHARED) for one in way.attributes]


def _none_of_it(policy: Policy, compared: list[Attribute]) -> Iterator[Evidence]:
    """That a user without the attribute matches records without it."""
    for one in dict.fromkeys(compared):
        if one.term.operator in ("=", "in") and may_be_empty(policy, one.symbol):
            text = f"a user without a {one.noun} gets the records whose {one.term.path} is not set"
            yield Evidence(text, one.field.origin if one.field is not None else None)
