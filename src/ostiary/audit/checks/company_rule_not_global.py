"""company-rule-not-global: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import in_context, right_given, rule_said
from ostiary.audit.asking.wording import enumerated, model_words, rule_words
from ostiary.audit.checks.missing_company_rule import reported
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.companies import bound_company_rule, compares_own_companies, mentions_company
from ostiary.audit.rules.openings import across_companies, kept, kept_by_all
from ostiary.domain import truth
from ostiary.policy.audience import share_groups
from ostiary.policy.definitions import AccessRight, RecordRule
from ostiary.policy.groups import closure, user_type_conflict
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

COMPANY = "res.company"


@check(
    "company-rule-not-global",
    "A company rule is bound to groups, so that others get around it",
    Severity.MEDIUM,
    references=("CWE-863", "CWE-668", "OWASP A01:2021", "ASVS 4.0.3 V4.1.2"),
    tags=("rules", "companies"),
)
def company_rule_not_global(policy: Policy) -> Iterator[Finding]:
    """Looks for rules that only compare companies but hold for some groups instead of for everybody.

    ## What it does

    Reports a rule with groups whose domain compares companies and nothing else, on a model whose global rules
    don't keep companies apart in every mode of it, and don't compare them with some exception either. Whether
    rules keep them apart is proved, for each as if it were the only one. It is medium where something gets around
    it today: another group rule that a user can have as well and that neither compares companies nor ties records
    to the user, or an access right of users outside the rule's groups whom no rule limits. It is low where
    nothing does yet. A rule with groups that compares something else as well (own records of the company) is
    reported only where another group rule gets around it, and [missing-company-rule](missing-company-rule.md)
    doesn't already report the model.

    ## Why it is bad

    Group rules are alternatives: whoever has another one that accepts a record sees it, whatever its company. And
    users without the rule's groups are not limited by it at all.

    ## Example

    ```xml
    <record id="visit_rule_company" model="ir.rule">
        <field name="name">Visit: companies</field>
        <field name="model_id" ref="model_estate_visit"/>
        <field name="domain_force">[('company_id', 'in', company_ids)]</field>
        <field name="groups" eval="[(4, ref('base.group_multi_company'))]"/>
    </record>
    ```

    ## Use instead

    The same rule without groups. Where the module was installed before, take them away:

    ```xml
    <field name="groups" eval="[(5,)]"/>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-668: Exposure of Resource to Wrong Sphere
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    shares = share_groups(policy)
    for rule in policy.rules:
        if not rule.active or rule.is_global or rule.model == COMPANY or set(rule.group_names) <= set(shares):
            continue
        if (
            in_context(policy, rule.origin.module)
            or not mentions_company(rule.domain)
            or not _keeps(policy, rule)
        ):
            continue
        if kept_by_all(policy, rule.model, rule.modes) is not False or _compared_for_all(policy, rule):
            continue
        alone = bound_company_rule(rule, shares)
        ways = [
            other for other in policy.rules_by_model.get(rule.model, ()) if _gets_around(policy, rule, other)
        ]
        if not alone and (not ways or reported(policy, rule.model)):
            continue
        gaps = [
            right
            for right in policy.rights_by_model.get(rule.model, ())
            if alone and _outside(policy, rule, right)
        ]
        yield _finding(policy, rule, ways, gaps)


def _compared_for_all(policy: Policy, rule: RecordRule) -> bool:
    """Whether a global rule compares companies with exceptions, as that of contacts does: then it is what decides."""
    return any(
        other.is_global
        and set(rule.modes) <= set(other.modes)
        and compares_own_companies(other.domain)
        and truth(other.domain) is not True
        for other in policy.rules_by_model.get(rule.model, ())
    )


def _keeps(policy: Policy, rule: RecordRule) -> bool:
    """Whether the rule, were it the only one, would keep companies apart for those it binds."""
    return bool(kept(policy, [rule], rule.group_names[0], rule.model, rule.modes[0]))


def _gets_around(policy: Policy, rule: RecordRule, other: RecordRule) -> bool:
    """Whether a user may have both rules, and the other one shows records of other companies to them."""
    if other is rule or other.is_global or not set(other.modes) & set(rule.modes):
        return False
    if not any(
        not user_type_conflict(closure(policy, (one, two)))
        for one in rule.group_names
        for two in other.group_names
    ):
        return False
    mode = next(mode for mode in other.modes if mode in rule.modes)
    return kept(policy, [other], other.group_names[0], other.model, mode, tied=True) is False


def _outside(policy: Policy, rule: RecordRule, right: AccessRight) -> bool:
    """Whether a right is for internal users who have neither this rule nor another group rule."""
    if not set(right.modes) & set(rule.modes):
        return False
    groups = closure(policy, (right.group,)) if right.group else frozenset({INTERNAL})
    if right.group in share_groups(policy):
        return False
    return groups.isdisjoint(
        name
        for other in policy.rules_by_model.get(rule.model, ())
        if set(other.modes) & set(right.modes)
        for name in other.group_names
    )


def _finding(policy: Policy, rule: RecordRule, ways: list[RecordRule], gaps: list[AccessRight]) -> Finding:
    bound = enumerated(rule.group_names)
    model = model_words(policy, rule.model)
    if ways:
        how = f"whoever also has {enumerated([rule_words(other) for other in ways])} sees records of other companies"
    elif gaps:
        outside = enumerated(sorted({right.group or "everybody" for right in gaps}))
        how = f"users of {outside} may use the model without having {bound}, and see all companies"
    else:
        how = "any other group rule that is added will get around it"
    return company_rule_not_global.finding(
        at=rule.groups[0].origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=("internal",),
        severity=across_companies(policy, rule.model, rule.modes[-1]) if ways or gaps else Severity.LOW,
        message=f"The company rule {rule_words(rule)} on {model} holds only for users of {bound}: {how}.",
        evidence=[
            rule_said(rule),
            *(Evidence(f"{rule.xmlid} is bound to {link.group}", link.origin) for link in rule.groups),
            *map(rule_said, ways),
            *map(right_given, gaps[:4]),
            Evidence(f"no global rule on {rule.model} keeps companies apart"),
        ],
        fix=f"Leave the groups out of {rule.xmlid}, so that it is global; where it is already installed:\n"
        '<field name="groups" eval="[(5,)]"/>',
    )
