"""rule-in-optional-module: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.dependencies import installed_with, only
from ostiary.audit.asking.facts import (
    group_of,
    held,
    held_through,
    in_context,
    is_transient,
    may,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.proofs import proving
from ostiary.audit.asking.wording import (
    audience_words,
    enumerated,
    model_words,
    rule_words,
    sentence,
    verbs,
)
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.domain import Domain, Subdomain, Term, nodes
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.policy import Policy

_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)
_LIMITED = (Limit.OWN, Limit.CONDITION, Limit.COMPANY, Limit.NOTHING)
# What is left of a limit in the bare modules, in words.
_LEFT = {
    Limit.NONE: "any record",
    Limit.COMPANY: "any record in their company",
    Limit.CONDITION: "other people's records",
}


@check(
    "rule-in-optional-module",
    "The rule that limits portal users or visitors is in a module that need not be there",
    Severity.HIGH,
    references=("CWE-862", "CWE-359", "OWASP A01:2021", "ASVS 4.0.3 V4.1.5"),
    tags=("rights", "rules"),
)
def rule_in_optional_module(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights of share users whose records only another, optional module limits.

    ## What it does

    Takes every access right that reaches share users, and the rules that limit them. Where one of these comes from a
    module that the right's module doesn't depend on, all is decided again for a database that has only the module of
    the right, what it depends on, and what Odoo installs along with these by itself. What more they reach there
    is reported at the right, high at most, since both modules are often installed. Where a module on the way wasn't
    read, nothing is said. Records that are open with all modules installed are the other checks' to report.

    ## Why it is bad

    With both modules installed, all looks right, and tests pass. Whoever installs only the first, or uninstalls the
    second, opens every customer's records to all the others.

    ## Example

    `library_portal` gives the right:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_loan_portal,loan portal,library.model_library_loan,base.group_portal,1,0,0,0
    ```

    and `library_portal_reminder`, which it doesn't depend on, has the only rule for the portal on `library.loan`.

    ## Use instead

    Put the rule into the module that gives the right:

    ```xml
    <record id="library_loan_rule_portal" model="ir.rule">
        <field name="name">Loan: own loans for the portal</field>
        <field name="model_id" ref="library.model_library_loan"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-862: Missing Authorization
    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    patched = _patches(policy)
    for right, audience in rights_for_shares(policy):
        if audience.everyone or in_context(policy, right.origin.module):
            continue
        for label in audience.labels:
            gaps: dict[Limit, list[_Gap]] = {}
            for mode in right.modes:
                outside = _outside(policy, right, label, mode, patched)
                if outside and (left := _left(policy, right, label, mode, outside)) is not None:
                    gaps.setdefault(left, []).append(_Gap(mode, left, outside))
            worst = next((sort for sort in _LEFT if sort in gaps), None)
            if worst is not None:
                yield _finding(policy, right, label, gaps[worst])


@dataclass(frozen=True, slots=True)
class _Gap:
    """A mode in which an audience reaches more where optional modules are not there: what is left of the limit, and
    the rules that come from those."""

    mode: Mode
    left: Limit
    outside: list[RecordRule]


def _patches(policy: Policy) -> dict[str, set[str]]:
    """The modules that change each rule."""
    found: dict[str, set[str]] = {}
    for one in policy.overwrites:
        if one.model == "ir.rule" and not one.deleted:
            found.setdefault(one.xmlid, set()).add(one.origin.module)
    return found


def _outside(
    policy: Policy, right: AccessRight, label: str, mode: Mode, patched: dict[str, set[str]]
) -> list[RecordRule]:
    """The rules that limit an audience and that come, whole or in part, from modules that need not be there."""
    rules = reach(policy, label, right.model, mode).rules
    if not rules:
        return []
    names = installed_with(policy, right.origin.module)
    if names is None:
        return []
    return [
        rule
        for rule in rules
        if rule.origin.module not in names or not patched.get(rule.xmlid, set()) <= names
    ]


def _left(
    policy: Policy, right: AccessRight, label: str, mode: Mode, outside: list[RecordRule]
) -> Limit | None:
    """What limits the audience where only the modules are there that have to be; None where that is no less."""
    names = installed_with(policy, right.origin.module)
    assert names is not None
    group = policy.groups.get(group_of(label) or "")
    if group is not None and group.origin.module not in names:
        return None
    bare = only(policy, names)
    if not may(bare, label, right.model, mode):
        return None
    found = reach(bare, label, right.model, mode)
    if found.group_rules and all(
        rule.model == right.model and rule.groups and rule.origin.module not in names for rule in outside
    ):
        return None  # group rules are alternatives: without these, less is left and not more
    if found.truth is None and weight(policy, right.model) not in _ABOUT_SOMEBODY:
        return None
    if limit(policy, label, right.model, mode) not in _LIMITED:
        return None
    with proving(bare):
        left = limit(bare, label, right.model, mode)
    return left if left in _LEFT and left is not limit(policy, label, right.model, mode) else None


def _finding(policy: Policy, right: AccessRight, label: str, gaps: list[_Gap]) -> Finding:
    model, module = right.model, right.origin.module
    modes, left = [gap.mode for gap in gaps], gaps[0].left
    outside = list({rule.xmlid: rule for gap in gaps for rule in gap.outside}.values())
    found = reach(policy, label, model, modes[0])
    homes = enumerated(list(dict.fromkeys(_home(policy, rule, module) for rule in outside)))
    whom = audience_words((label,))
    grave = min(Severity.HIGH, max(severity(policy, label, model, mode) for mode in modes))
    if left is Limit.CONDITION:
        grave = min(grave, Severity.LOW)
    if is_transient(policy, model):
        grave = min(grave, Severity.LOW)
    evidence = [*held_through(policy, label, right.group), right_given(right)]
    evidence += map(rule_said, outside)
    evidence.append(Evidence(f"{module} does not depend on {homes}", policy.modules[module].origin))
    about = held(policy, model)
    if about.shown:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += not_judged(policy, model, found)
    return rule_in_optional_module.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model,
        audience=(label,),
        severity=found.lowered(grave),
        confidence=found.confidence,
        message=f"{sentence(whom)} may {verbs(modes)} {_LEFT[left]} of {model_words(policy, model)} where "
        f"{homes} is not installed: {module} gives the right, and "
        f"{enumerated([rule_words(rule) for rule in outside])} of {homes} is all that limits it.",
        evidence=evidence,
        fix=_fix(policy, right, outside, homes),
    )


def _home(policy: Policy, rule: RecordRule, module: str) -> str:
    """The module that need not be there and that makes a rule what it is."""
    names = installed_with(policy, module) or frozenset()
    if rule.origin.module not in names:
        return rule.origin.module
    return next(
        one.origin.module
        for one in policy.overwrites
        if one.xmlid == rule.xmlid and one.origin.module not in names
    )


def _fix(policy: Policy, right: AccessRight, outside: list[RecordRule], homes: str) -> str:
    module = right.origin.module
    names = installed_with(policy, module) or frozenset()
    rules = enumerated([rule.xmlid for rule in outside])
    if all(_first_fields(policy, rule) <= names for rule in outside):
        return f"Define {rules} in {module}, beside the access right {right.xmlid}, instead of in {homes}."
    return (
        f"{rules} needs fields that {module} doesn't have: give the access right {right.xmlid} in {homes}, "
        f"beside the rule, or write a rule in {module} on fields of its own."
    )


def _first_fields(policy: Policy, rule: RecordRule) -> set[str]:
    """The modules that define the fields a rule starts from."""
    model = policy.models.get(rule.model)
    fields = model.fields if model else {}
    first = {path.partition(".")[0] for path in _paths(rule.domain)}
    return {fields[name].module or fields[name].origin.module for name in first if name in fields}


def _paths(domain: Domain) -> Iterator[str]:
    inner = {
        id(one)
        for node in nodes(domain)
        if isinstance(node, Term) and isinstance(node.value, Subdomain)
        for one in nodes(node.value.domain)
    }
    for node in nodes(domain):
        if isinstance(node, Term) and id(node) not in inner:
            yield node.path
