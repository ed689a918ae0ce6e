"""inherits-parent-open: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    group_of,
    held_through,
    in_context,
    no_rule,
    not_judged,
    reach,
    right_given,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.rules_to_write import how_to_limit, rule_xml
from ostiary.audit.asking.wording import (
    at_most,
    audience_words,
    enumerated,
    model_words,
    rule_words,
    sentence,
)
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.delegated import Bypass, bypasses
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import rated, severity
from ostiary.domain import symbols, terms
from ostiary.policy.definitions import Mode
from ostiary.policy.paths import field_of
from ostiary.policy.policy import Policy


@check(
    "inherits-parent-open",
    "What a model's rules hold back is read from the model it delegates to",
    Severity.HIGH,
    references=("CWE-863", "CWE-1220", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rights", "rules"),
)
def inherits_parent_open(policy: Policy) -> Iterator[Finding]:
    """Looks for models with `_inherits` whose rules don't hold for the parent that keeps their data.

    ## What it does

    For each model that delegates to another one (`_inherits`) and whose own rules hold records back from portal users
    or visitors, asks whether the same people may read the parent model, and what limits them there. Reported is a
    parent of which every record is shown (or every one of the company, where the child's rules ask for more), and
    which holds what the rules are about: they compare one of its fields, or it has amounts, contacts, an email
    or a phone number. A parent that is plain reference data, such as the book of which the child is a copy, is in
    order where the child's rules don't compare anything of it; so is one that is shown under a condition of its own
    (published products).

    ## Why it is bad

    The child's inherited fields are the parent's columns. Odoo applies the rules of the parent to the child as well,
    but never those of the child to the parent: whoever may not open a patient reads the name and the phone number
    from the parent model over RPC.

    ## Example

    ```python
    class Patient(models.Model):
        _name = "clinic.patient"
        _inherits = {"clinic.person": "person_id"}
    ```

    with a record rule for the portal on `clinic.patient`, and on `clinic.person` only

    ```csv
    access_person_portal,person portal,model_clinic_person,base.group_portal,1,0,0,0
    ```

    ## Use instead

    The rule on the parent, which then holds for both:

    ```xml
    <record id="person_rule_portal" model="ir.rule">
        <field name="name">Person: own data</field>
        <field name="model_id" ref="model_clinic_person"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-1220: Insufficient Granularity of Access Control
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for one in bypasses(policy):
        yield _finding(policy, one)


def _finding(policy: Policy, one: Bypass) -> Finding:
    at = one.right
    rules = [rule for rule in one.rules if not in_context(policy, rule.origin.module)]
    place = at.origin
    if in_context(policy, at.origin.module) and rules:
        place = rules[0].domain_origin or rules[0].origin
    found = reach(policy, one.label, one.parent, Mode.READ)
    proof = isolation(policy, one.label, one.parent, Mode.READ)
    sure = confidence(found, proof)
    whom = sentence(audience_words((one.label,)))
    names = enumerated([rule_words(rule) for rule in one.rules])
    several = len(one.rules) > 1
    where = " in their company" if limit(policy, one.label, one.parent, Mode.READ) is Limit.COMPANY else ""
    return inherits_parent_open.finding(
        at=place,
        subject=at.xmlid,
        model=one.parent,
        audience=(one.label,),
        severity=found.lowered(_severity(policy, one)),
        confidence=sure if one.meant else min(sure, Confidence.MEDIUM),
        proof=proof,
        message=f"{whom} may read every record of {model_words(policy, one.parent)}{where}, and so what the "
        f"rule{'s' if several else ''} {names} hold{'' if several else 's'} back of {model_words(policy, one.child)}: "
        f"its {at_most(one.fields, 3)} are kept there, and the rules of a model don't hold for the one it "
        "delegates to.",
        evidence=[
            *held_through(policy, one.label, one.right.group),
            right_given(one.right),
            *(
                [rule_said(rule) for rule in found.rules]
                or [no_rule(policy, one.label, one.parent, Mode.READ)]
            ),
            Evidence(
                f"{one.child} delegates to {one.parent} (_inherits, {one.link})",
                policy.models[one.child].origin,
            ),
            *map(rule_said, one.rules),
            *not_judged(policy, one.parent, found),
            *obstacles(proof),
        ],
        fix=_fix(policy, one, place.module),
        key=(one.child,),
    )


def _severity(policy: Policy, one: Bypass) -> Severity:
    if weight(policy, one.parent) in (Weight.REFERENCE, Weight.DISCUSSED):
        return rated(Severity.MEDIUM, policy, one.label, Mode.READ)
    return severity(policy, one.label, one.parent, Mode.READ)


def _fix(policy: Policy, one: Bypass, module: str) -> str:
    """The child's rule on the parent, where the parent has all that it compares."""
    prefix = f"'{one.link}."
    for rule in one.rules:
        paths = [term.path.removeprefix(f"{one.link}.") for term, _ in terms(rule.domain)]
        if not paths or not any(symbols(rule.domain)):
            continue
        if all(field_of(policy, one.parent, path.partition(".")[0]) is not None for path in paths):
            domain = " ".join(rule.domain_force.split()).replace(prefix, "'")
            xml = rule_xml(policy, module, one.parent, domain, group=group_of(one.label), about="own records")
            return f"Put the rule on the parent, where it holds for both models:\n{xml}"
    return how_to_limit(policy, module, one.parent, one.label)
