"""rule-company-only: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    Reach,
    audited,
    folded,
    held,
    held_through,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, any_unarchived, limit
from ostiary.audit.asking.places import made_otherwise, place_of, place_of_rule
from ostiary.audit.asking.proofs import alone, confidence, isolation, obstacles
from ostiary.audit.asking.rules_to_write import how_to_limit, own_records
from ostiary.audit.asking.subjects import shown_to
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.delegated import told_by_child
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import truth
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC

COMPANY = "res.company"


@check(
    "rule-company-only",
    "Portal users or visitors see every record of their company",
    Severity.HIGH,
    references=("CWE-863", "CWE-359", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules", "companies"),
)
def rule_company_only(policy: Policy) -> Iterator[Finding]:
    """Looks for share users whose records are limited by nothing but the company.

    ## What it does

    For each model that share users may read, joins all rules that apply to them (their group rules as
    alternatives, the global ones on top) and has it proved whether any record in the user's company passes that nothing
    ties to the user; that archived ones don't makes no difference. Each group rule is then put to the same test as if
    it were the only one. The finding is on the group rule that
    does so, or, where only a global company rule exists, on the access right.

    ## Why it is bad

    All customers of a company have that company in common. A company rule keeps two companies apart; it lets each
    customer read the records of all the others.

    ## Example

    ```xml
    <record id="offer_rule_portal" model="ir.rule">
        <field name="name">Offer: portal</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('company_id', '=', user.company_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## Use instead

    ```xml
    <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
    ```

    and leave the company to a global rule.

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    seen: set[tuple[str, str]] = set()
    for right, audience in rights_for_shares(policy):
        if audience.everyone or Mode.READ not in right.modes or right.model == COMPANY:
            continue
        if not audited(policy, right.model):
            continue
        for label in audience.labels:
            if limit(policy, label, right.model, Mode.READ) is not Limit.COMPANY:
                continue
            if told_by_child(policy, label, right.model):
                continue  # inherits-parent-open says it
            found = reach(policy, label, right.model, Mode.READ)
            guilty = [rule for rule in found.group_rules if _lets_through(policy, label, rule)]
            causes: list[AccessRight | RecordRule] = [*guilty] or [right]
            for cause in causes:
                if (cause.xmlid, label) not in seen:
                    seen.add((cause.xmlid, label))
                    yield _finding(policy, right, cause, label, found)


def _lets_through(policy: Policy, label: str, rule: RecordRule) -> bool:
    return any_unarchived(alone(policy, label, rule, Mode.READ, others=True))


def _finding(
    policy: Policy, right: AccessRight, cause: AccessRight | RecordRule, label: str, found: Reach
) -> Finding:
    model = right.model
    about = held(policy, model)
    proof = isolation(policy, label, model, Mode.READ)
    if isinstance(cause, RecordRule):
        at = place_of_rule(policy, cause, (label,))
        why = f"the rule {rule_words(cause)} compares companies only"
        if truth(folded(policy, label, cause)) is True:
            why = f"the rule {rule_words(cause)} accepts all, and what is left compares companies only"
    else:
        at = place_of(policy, cause, (label,), (Mode.READ,))
        why = "all that limits them is " + enumerated([rule_words(rule) for rule in found.rules])
        why += ", which compares companies only"
    evidence = [*held_through(policy, label, right.group), right_given(right), *made_otherwise(cause, at)]
    evidence += map(rule_said, found.rules)
    if about.shown:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += [*not_judged(policy, model, found), *obstacles(proof)]
    others = ", other customers' included" if about.weight is Weight.PERSONAL else ""
    return rule_company_only.finding(
        at=at,
        subject=cause.xmlid,
        model=model,
        audience=(label,),
        severity=found.lowered(_severity(policy, label, cause)),
        confidence=confidence(found, proof),
        proof=proof,
        message=f"{sentence(audience_words((label,)))} may read every record of {model_words(policy, model)} in "
        f"their company{others}: {why}.",
        evidence=evidence,
        fix=_fix(policy, cause, model, label, at.module),
    )


def _severity(policy: Policy, label: str, cause: AccessRight | RecordRule) -> Severity:
    """No more for visitors than for portal users, since the company still limits them, and low where a rule for them
    alone shows them on purpose what is not about customers."""
    published = (
        isinstance(cause, RecordRule) and cause.group_names == (PUBLIC,) and truth(cause.domain) is True
    )
    if published and weight(policy, cause.model) is not Weight.PERSONAL:
        return min(shown_to(policy, "portal", cause.model), Severity.LOW)
    return shown_to(policy, "portal" if label == "public" else label, cause.model)


def _fix(policy: Policy, cause: AccessRight | RecordRule, model: str, label: str, module: str) -> str:
    if weight(policy, model) is Weight.REFERENCE:
        return "Nothing, if everybody in the company may know these records."
    own = own_records(policy, model)
    if isinstance(cause, RecordRule) and own is not None and label != "public":
        return f'In {cause.xmlid}:\n<field name="domain_force">{own}</field>'
    return how_to_limit(policy, module, model, label)
