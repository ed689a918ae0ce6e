"""rule-always-true: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ostiary.audit.asking.facts import (
    audited,
    folded,
    group_of,
    groups_held,
    held,
    held_through,
    is_transient,
    may,
    not_judged,
    others_left,
    reach,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, accepts_all, limit
from ostiary.audit.asking.places import place_of_rule
from ostiary.audit.asking.proofs import alone, confidence, isolation, obstacles
from ostiary.audit.asking.rules_to_write import own_records
from ostiary.audit.asking.subjects import shown_to
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.widened import widenings
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity as gravity
from ostiary.domain import truth
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PORTAL, PUBLIC
from ostiary.prove import Verdict


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

    Finds active rules with groups whose domain accepts every record, or every record that is somebody else's (empty,
    `[]`, `[(1, '=', 1)]`, or proved to: `[('id', '>', 0)]`, `[('user_id', '!=', user.id)]`; tests on
    `user.has_group(...)` are decided for that audience) and that reach portal users, visitors or another
    share group. Gravity follows what the model holds, as in
    [share-model-without-rule](share-model-without-rule.md), and is at least medium where the rule cancels other
    group rules of that audience; plain reference data is reported in that case only. Only modes the audience has an
    access right for count. One that they have by an implied group, and that cancels rules of their own, is reported by
    [rule-or-widened](rule-or-widened.md). Rules of internal groups ("the manager sees all") and global rules are left
    out.

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
    told: set[tuple[str, str, Mode]] = set()
    for rule in policy.rules:
        if not rule.active or rule.is_global or not audited(policy, rule.model):
            continue
        for label in _labels(policy, rule):
            modes = [
                mode
                for mode in rule.modes
                if (label, rule.model, mode) not in told and _accepted(policy, label, rule, mode)
            ]
            found = list(_judge(policy, rule, label, modes)) if modes else []
            if found:
                told.update((label, rule.model, mode) for mode in modes)
            yield from found


def _accepted(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> bool:
    """Whether the rule lets all through to an audience that it binds and that has an access right."""
    found = reach(policy, label, rule.model, mode)
    if rule not in found.group_rules or not may(policy, label, rule.model, mode):
        return False
    if truth(folded(policy, label, rule)) is None:
        trivial = weight(policy, rule.model) is Weight.REFERENCE and len(found.group_rules) == 1
        left = limit(policy, label, rule.model, mode)
        narrowed = left is Limit.CONDITION and len(found.rules) > len(found.group_rules)
        if trivial or not (narrowed or left in (Limit.NONE, Limit.COMPANY)):
            return False
    return accepts_all(policy, label, rule, mode)


def _labels(policy: Policy, rule: RecordRule) -> dict[str, None]:
    labels: dict[str, None] = {}
    for name in rule.group_names:
        audience = audience_of(policy, name)
        labels.update(dict.fromkeys(audience.labels))
        labels.update(dict.fromkeys(others_left(policy, audience, rule.model, rule.modes)))
        labels.update(
            dict.fromkeys(
                group
                for group in audience.groups
                if group not in (PORTAL, PUBLIC) and _has_rules(policy, rule.model, group)
            )
        )
    return labels


def _has_rules(policy: Policy, model: str, group: str) -> bool:
    """Whether a share group has rules of its own, beside those of the user type it brings."""
    own = groups_held(policy, group) - groups_held(policy, "portal") - groups_held(policy, "public")
    return any(not own.isdisjoint(rule.group_names) for rule in policy.rules_by_model.get(model, ()))


def _judge(policy: Policy, rule: RecordRule, label: str, modes: list[Mode]) -> Iterator[Finding]:
    cancelled: dict[str, RecordRule] = {}
    hit = []
    for mode in modes:
        others = [
            other
            for other in reach(policy, label, rule.model, mode).group_rules
            if other is not rule and _limits(policy, label, other, mode)
        ]
        cancelled.update({other.xmlid: other for other in others})
        hit += [mode] if others else []
    if cancelled and _by_implication(policy, label, rule, cancelled):
        return
    every = [mode for mode in modes if limit(policy, label, rule.model, mode) is Limit.NONE]
    accepts = _accepts(policy, label, rule, modes[0])
    whom, model = sentence(audience_words((label,))), model_words(policy, rule.model)
    if cancelled:
        names = enumerated([rule_words(other) for other in cancelled.values()])
        left = "" if set(hit) <= set(every) else " that the global rules leave"
        message = f"{whom} may {verbs(hit)} every record of {model}{left}: "
        message += f"this rule {accepts}, which cancels {names}."
    elif every and weight(policy, rule.model) is not Weight.REFERENCE:
        hit = every
        single = len(reach(policy, label, rule.model, every[0]).group_rules) == 1
        which = "their only rule" if single else "this rule"
        message = f"{whom} may {verbs(every)} every record of {model}: {which} {accepts}."
    else:
        return
    worst = next((mode for mode in hit if mode is not Mode.READ), Mode.READ)
    severity = shown_to(policy, label, rule.model)
    if worst is not Mode.READ:
        severity = max(gravity(policy, label, rule.model, worst), Severity.MEDIUM)
    if cancelled:
        severity = max(severity, Severity.MEDIUM if hit == [Mode.READ] else Severity.HIGH)
    if is_transient(policy, rule.model):
        severity = min(severity, Severity.LOW)
    reached = reach(policy, label, rule.model, hit[0])
    proof = isolation(policy, label, rule.model, hit[0]) if hit[0] in every else None
    group = next(name for name in rule.group_names if name in groups_held(policy, label))
    about = held(policy, rule.model)
    yield rule_always_true.finding(
        at=place_of_rule(policy, rule, (label,)),
        subject=rule.xmlid,
        model=rule.model,
        audience=(label,),
        severity=reached.lowered(severity),
        confidence=confidence(reached, proof),
        proof=proof,
        message=message,
        evidence=[
            *held_through(policy, label, group),
            rule_said(rule),
            *(Evidence(f"cancelled: {rule_said(other).text}", other.origin) for other in cancelled.values()),
            *([Evidence(f"{rule.model} {about}")] if about.shown else []),
            *not_judged(policy, rule.model, reached),
            *obstacles(proof),
        ],
        fix=_fix(policy, rule, bool(cancelled)),
    )


def _by_implication(policy: Policy, label: str, rule: RecordRule, cancelled: Iterable[str]) -> bool:
    """Whether they have the rule by an implied group alone, which rule-or-widened says of the rules it cancels."""
    group = group_of(label)
    found = [one.rule.xmlid for one in widenings(policy, rule.model) if one.group == group and rule in one.by]
    return group not in rule.group_names and set(cancelled) <= set(found)


def _accepts(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> str:
    if truth(folded(policy, label, rule)) is True:
        return "accepts all"
    proof = alone(policy, label, rule, mode, others=False)
    return "accepts all of others" if proof.verdict is Verdict.OPEN else "holds back archived ones only"


def _limits(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> bool:
    """Whether a rule would hold something back if it were alone."""
    return truth(folded(policy, label, rule)) is None and not accepts_all(policy, label, rule, mode)


def _fix(policy: Policy, rule: RecordRule, cancels: bool) -> str:
    own = own_records(policy, rule.model)
    limited = (
        f'<field name="domain_force">{own}</field>' if own else "a domain that ties the records to the user"
    )
    if cancels:
        return f"Remove {rule.xmlid}, or limit it:\n{limited}"
    return f"Limit {rule.xmlid}, unless everybody may know these records:\n{limited}"
