"""rule-editable-identity: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    held_through,
    in_context,
    no_rule,
    reach,
    right_given,
    rule_said,
    weight,
)
from ostiary.audit.asking.proofs import confidence
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.attributes import Attribute, Edited, edited
from ostiary.audit.rules.joining import Joining, joinings
from ostiary.audit.rules.strangers import Cause, Fault, evidence, faults, graveness, mended
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.domain import value_to_english, value_to_odoo
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.policy import Policy


@check(
    "rule-editable-identity",
    "A rule knows portal users by something they can edit themselves",
    Severity.HIGH,
    references=("CWE-639", "CWE-290", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_editable_identity(policy: Policy) -> Iterator[Finding]:
    """Looks for rules that tie records to the user by a text that the user can change.

    ## What it does

    Has it proved, for each model and mode that portal users (or another group of share users) have an access right
    for, whether records pass that nothing ties to the user. Where they pass because the rule compares the record with
    the user's name or email, or with their phone, address, tax number or company name, the finding is on that rule.
    Every user may write their name and email on their own user, over RPC too; the others are fields of the form
    `/my/account` of the portal. The login counts too, one step less grave: with free sign-up it is chosen by whoever
    signs up, and Odoo doesn't ask for proof that the address is theirs. A rule that asks for something else as well
    that the user can't change is not reported here. Nor is plain reference data.

    Also reported is a rule that asks for a record of another model that lists the user, such as an enrolment, where
    they may create enrolments for themselves and no rule on these limits which course is entered. What a `create` of
    the model refuses in Python is not judged, so that the confidence is medium.

    ## Why it is bad

    A portal user writes another customer's address into their own profile, and the rule takes them for that customer.
    Or they enrol themselves, over RPC, in whatever they want to see.

    ## Example

    ```xml
    <record id="visit_rule_portal" model="ir.rule">
        <field name="name">Visit: portal</field>
        <field name="model_id" ref="model_clinic_visit"/>
        <field name="domain_force">[('email', '=', user.email)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## Use instead

    A link to the contact, which nobody can edit about themselves:

    ```xml
    <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
    ```

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-290: Authentication Bypass by Spoofing
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for fault in faults(policy, Cause.EDITABLE):
        if weight(policy, fault.model) is not Weight.REFERENCE:
            yield _finding(policy, fault)
    for joining in joinings(policy):
        yield _joined(policy, joining)


def _joined(policy: Policy, one: Joining) -> Finding:
    member, what = model_words(policy, one.member), model_words(policy, one.model)
    at: RecordRule | AccessRight = one.created_by if in_context(policy, one.rule.origin.module) else one.rule
    made = reach(policy, one.label, one.member, Mode.CREATE)
    grave = max(severity(policy, one.label, one.model, mode) for mode in one.modes)
    return rule_editable_identity.finding(
        at=getattr(at, "domain_origin", None) or at.origin,
        subject=at.xmlid,
        model=one.model,
        audience=(one.label,),
        severity=one.found.lowered(made.lowered(grave)),
        confidence=min(one.found.confidence, made.confidence, Confidence.MEDIUM),
        message=f"{sentence(audience_words((one.label,)))} may {verbs(one.modes)} other people's records of {what} by "
        f"creating one of {member} for themselves: the rule {rule_words(one.rule)} lets in whoever has one, and "
        f"nothing limits which {one.link} they enter.",
        evidence=[
            *held_through(policy, one.label, one.right.group),
            right_given(one.right),
            rule_said(one.rule),
            right_given(one.created_by),
            *(
                [rule_said(rule) for rule in made.rules]
                or [no_rule(policy, one.label, one.member, Mode.CREATE)]
            ),
            Evidence("what the model's own create() refuses in Python is not judged"),
        ],
        fix=f"Set perm_create to 0 in {one.created_by.xmlid} and let a controller create the record after its own "
        f"checks, or limit {one.link} in a rule on {one.member} for perm_create.",
        key=("joining", one.member),
    )


def _finding(policy: Policy, fault: Fault) -> Finding:
    compared = [one for way in fault.shown.by(Cause.EDITABLE) for one in way.attributes]
    terms = enumerated(
        list(dict.fromkeys(f"{one.term.path} with {value_to_odoo(one.symbol)}" for one in compared))
    )
    who = f"the rule {rule_words(fault.rule)}" if fault.rule is not None else "the rules"
    at_sign_up = all(
        any(edited(policy, one) is Edited.SIGN_UP for one in way.attributes)
        for way in fault.shown.by(Cause.EDITABLE)
    )
    shown = fault.shown
    sure = confidence(shown.found, shown.proof)
    how = "whoever signs up chooses that" if at_sign_up else "they may edit that themselves"
    return rule_editable_identity.finding(
        at=getattr(fault.at, "domain_origin", None) or fault.at.origin,
        subject=fault.at.xmlid,
        model=fault.model,
        audience=(fault.label,),
        severity=graveness(policy, fault, less=int(at_sign_up)),
        confidence=min(sure, Confidence.MEDIUM) if at_sign_up else sure,
        proof=shown.proof,
        message=f"{sentence(audience_words((fault.label,)))} may {verbs(fault.modes)} other customers' records of "
        f"{model_words(policy, fault.model)} by entering the others' data in their own account: {who} compares "
        f"{terms}, and {how}.",
        evidence=[*evidence(policy, fault), *_where_edited(policy, compared)],
        fix=mended(policy, fault),
    )


def _where_edited(policy: Policy, compared: list[Attribute]) -> Iterator[Evidence]:
    for one in dict.fromkeys(compared):
        where = edited(policy, one)
        if where is not None:
            origin = one.field.origin if one.field is not None else None
            yield Evidence(f"{value_to_english(one.symbol)}: {where.value}", origin)
        if "like" in one.term.operator:
            yield Evidence(f"{one.term.operator} takes % in {value_to_english(one.symbol)} for any text")
