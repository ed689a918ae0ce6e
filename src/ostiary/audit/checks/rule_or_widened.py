"""rule-or-widened: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ostiary.audit.asking.facts import (
    audited,
    domain_text,
    held,
    held_through,
    in_context,
    is_transient,
    reach,
    rule_said,
)
from ostiary.audit.asking.limits import Limit, accepts_all
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.subjects import asked_as, is_internal, label_of, rated_as
from ostiary.audit.asking.wording import (
    audience_words,
    columns,
    enumerated,
    model_words,
    rule_words,
    sentence,
    verbs,
)
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.misplaced import misplaced_rules
from ostiary.audit.rules.widened import Widening, left_of, matters, switched_by_setting, widenings
from ostiary.audit.weighing.severity import severity
from ostiary.domain import truth
from ostiary.policy.audience import audience_chain
from ostiary.policy.definitions import Mode, Note, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

_STEPS = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM}


@check(
    "rule-or-widened",
    "A rule limits nobody, since another rule of the same users accepts more",
    Severity.HIGH,
    references=("CWE-863", "CWE-561", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_or_widened(policy: Policy) -> Iterator[Finding]:
    """Looks for group rules that hold nothing back, since everybody they bind has another rule that accepts more.

    ## What it does

    Takes each group rule that is meant to limit, and asks what the other rules accept that its users have too: those of
    the same group, and those of the groups it implies. Where one of them accepts everything, or it is proved that
    they accept every record this rule accepts and more, the rule does nothing, in any of the modes that its users have
    a right to. How grave that is depends on who they are and on what is left: full where every record is, one
    step less where a condition remains, low where the rule would have kept them to records of no other sort.

    Users who see their own records and managers who see all are in order, since the managers' group implies the
    users' and not the other way round. For internal users, so is a rule of a later module that opens what an earlier
    one keeps closed, and one that a setting switches on or off. A rule for portal users or visitors that accepts
    everything and is bound to their own group is reported by [rule-always-true](rule-always-true.md).
    Company rules are left to [company-rule-not-global](company-rule-not-global.md), and rules that look meant for
    others than they are bound to, to [rule-wrong-group](rule-wrong-group.md).

    ## Why it is bad

    Rules of groups are alternatives: a record passes where any of them accepts it. A stricter rule that is added does
    not narrow what another one accepts, however it is named, and looks as if it protected.

    ## Example

    ```xml
    <record id="group_visitor" model="res.groups">
        <field name="name">Estate: catalogue</field>
    </record>
    <record id="base.group_portal" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('group_visitor'))]"/>
    </record>
    <record id="offer_rule_catalogue" model="ir.rule">
        <field name="name">Offer: catalogue</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[(1, '=', 1)]</field>
        <field name="groups" eval="[(4, ref('group_visitor'))]"/>
    </record>
    <record id="offer_rule_portal" model="ir.rule">
        <field name="name">Offer: own offers</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## Use instead

    Limit the wider rule, or bind it to a group that those users don't have. What must hold whatever other rules say
    is a global rule:

    ```xml
    <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]
        if user.has_group('base.group_portal') else [(1, '=', 1)]</field>
    <field name="groups" eval="[(5,)]"/>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-561: Dead Code
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for model in policy.rules_by_model:
        if not audited(policy, model):
            continue
        for found in widenings(policy, model):
            if not all(_together(policy, one, found.rule) for one in found.by):
                continue
            if _meant(policy, found) if is_internal(policy, found.group) else _ours(policy, found):
                yield _finding(policy, found)


def _meant(policy: Policy, found: Widening) -> bool:
    """Whether nobody can have wanted it, of internal users."""
    if found.rule.xmlid in misplaced_rules(policy) or switched_by_setting(policy, found):
        return False
    if any(_later(policy, one, found.rule) for one in found.by):
        return False
    return any(truth(one.domain) is True for one in found.by) or matters(policy, found)


def _ours(policy: Policy, found: Widening) -> bool:
    """Whether it is worth saying of share users: not where a later module only adds records of the same sort, and not
    where it is said of the wider rule, which is for them and accepts all."""
    label = label_of(found.group)
    if any(_later(policy, one, found.rule) for one in found.by) and not matters(policy, found):
        return False
    return not any(
        found.group in one.group_names
        and not in_context(policy, one.origin.module)
        and accepts_all(policy, label, one, found.modes[0])
        for one in found.by
    )


def _together(policy: Policy, one: RecordRule, other: RecordRule) -> bool:
    """Whether the modules of two rules belong together: one depends on the other, or both are asked about."""
    modules = (one.origin.module, other.origin.module)
    if not any(in_context(policy, name) for name in modules):
        return True
    return any(mine in _depends(policy, theirs) for mine, theirs in (modules, modules[::-1]))


def _depends(policy: Policy, name: str) -> frozenset[str]:
    """A module and all it depends on, as far as that was read."""

    def find() -> frozenset[str]:
        found: set[str] = set()
        waiting = [name, "base"]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                known = policy.modules.get(one)
                waiting.extend(known.depends if known else ())
        return frozenset(found)

    return remembered(policy, ("audit depends", name), find)


def _later(policy: Policy, one: RecordRule, other: RecordRule) -> bool:
    """Whether a rule is of a module that is loaded after the other's."""
    order = remembered(policy, ("audit order",), lambda: {name: at for at, name in enumerate(policy.modules)})
    return order.get(one.origin.module, -1) > order.get(other.origin.module, -1)


def _finding(policy: Policy, found: Widening) -> Finding:
    rule, label = found.rule, label_of(found.group)
    at = _line_to_change(policy, found)
    asked = asked_as(found.group)
    reached = reach(policy, asked, rule.model, found.modes[0])
    proof = isolation(policy, asked, rule.model, found.modes[0])
    hooks = _hooks(policy, [rule, *found.by])
    sure = confidence(reached, proof if matters(policy, found) else None)
    return rule_or_widened.finding(
        at=(at.domain_origin or at.origin),
        subject=rule.xmlid,
        model=rule.model,
        audience=(label,),
        severity=reached.lowered(_severity(policy, found)),
        confidence=Confidence.LOW if hooks else sure,
        message=_message(policy, found),
        evidence=[*_evidence(policy, found), *hooks, *obstacles(proof)],
        proof=proof if matters(policy, found) else None,
        fix=_fix(policy, found, at),
    )


def _line_to_change(policy: Policy, found: Widening) -> RecordRule:
    """The wider rule, where its module can be changed and it is the one that is too wide; else the one it undoes.

    Of internal users nobody can tell which of two rules is the wrong one, unless the wider one is about more modes.
    """
    wider = next((one for one in found.by if not in_context(policy, one.origin.module)), None)
    if wider is None:
        return found.rule
    if _later(policy, found.rule, wider) and not in_context(policy, found.rule.origin.module):
        return found.rule
    if is_internal(policy, found.group) and set(wider.modes) <= set(found.rule.modes):
        return found.rule
    return wider


def _severity(policy: Policy, found: Widening) -> Severity:
    if not matters(policy, found) or is_transient(policy, found.rule.model):
        return Severity.LOW
    mode = next((mode for mode in found.modes if mode is not Mode.READ), Mode.READ)
    gravest = severity(policy, rated_as(policy, found.group), found.rule.model, mode)
    if left_of(policy, found) not in (Limit.NONE, Limit.COMPANY):
        gravest = _STEPS.get(gravest, Severity.LOW)
    return max(gravest, Severity.LOW)


def _message(policy: Policy, found: Widening) -> str:
    whom = sentence(audience_words((label_of(found.group),)))
    by = enumerated([rule_words(one) for one in found.by])
    left = left_of(policy, found)
    every = left in (Limit.NONE, Limit.COMPANY)
    which = f"{'every record' if every else 'more records'} of {model_words(policy, found.rule.model)}"
    which += " in their company" if left is Limit.COMPANY else ""
    name = rule_words(found.rule)
    if not matters(policy, found):
        which += "" if every else f" than {name} accepts"
        why = f"limits nothing, since they also have {by}, and group rules are alternatives"
        return f"{whom} may {verbs(found.modes)} {which}: {name if every else 'it'} {why}."
    return (
        f"{whom} may {verbs(found.modes)} {which}: {name} has no effect on them, since they also have {by}, which "
        f"{_accepts(found.by)}, and group rules are alternatives."
    )


def _accepts(by: Sequence[RecordRule]) -> str:
    if len(by) > 1:
        return "together accept more"
    return "accepts all" if truth(by[0].domain) is True else "accepts more"


def _evidence(policy: Policy, found: Widening) -> Iterator[Evidence]:
    yield Evidence(f"limits nothing: {rule_said(found.rule).text}", found.rule.origin)
    for one in found.by:
        name = next((name for name in one.group_names if audience_chain(policy, found.group, name)), None)
        if found.group not in one.group_names and name is not None:
            yield from held_through(policy, asked_as(found.group), name)
        yield Evidence(f"accepts more: {rule_said(one).text}", one.origin)
    about = held(policy, found.rule.model)
    if about.shown:
        yield Evidence(f"{found.rule.model} {about}")


def _hooks(policy: Policy, rules: Sequence[RecordRule]) -> list[Evidence]:
    """The install hooks of their modules that change rules: one of them may switch a rule off."""
    modules = {one.origin.module for one in rules}
    hooks: list[Note] = [one for one in policy.notes if one.kind == "hook" and one.origin.module in modules]
    return [Evidence(f"not certain: {one.message}", one.origin) for one in hooks]


def _fix(policy: Policy, found: Widening, at: RecordRule) -> str:
    rule, group = found.rule, found.group
    text = " ".join(rule.domain_force.split())
    domain = escape(domain_text(rule) if "$" in text else text, quote=False)
    if at is not rule:
        spare = [mode for mode in at.modes if mode in found.modes]
        implied = audience_chain(policy, group, at.group_names[0]) if group not in at.group_names else None
        ways = [
            f"Bind {at.xmlid} to a group that {audience_words((label_of(group),))} don't have",
            *([f"take {implied[0].group} away from what {group} implies"] if implied else []),
            *([f"switch {columns(spare)} off in it"] if set(rule.modes) < set(at.modes) else []),
            f'limit it:\n<field name="domain_force">{domain}</field>',
        ]
        return enumerated(ways, "or")
    by = enumerated([one.xmlid for one in found.by])
    return (
        f"Bind {rule.xmlid} to the group it is meant for, without {by}, or remove it. If it must hold whatever other "
        f"rules say, make it global:\n"
        f"<field name=\"domain_force\">{domain} if user.has_group('{group}') else [(1, '=', 1)]</field>\n"
        '<field name="groups" eval="[(5,)]"/>'
    )
