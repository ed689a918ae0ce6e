"""rule-wrong-group: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    audited,
    group_of,
    held,
    held_through,
    is_transient,
    may,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
)
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.misplaced import Misplaced, misplaced
from ostiary.audit.weighing.severity import severity
from ostiary.policy.definitions import MODES, AccessRight, Mode
from ostiary.policy.policy import Policy


@check(
    "rule-wrong-group",
    "A rule for portal users is bound to a group they don't have",
    Severity.HIGH,
    references=("CWE-863", "CWE-732", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_wrong_group(policy: Policy) -> Iterator[Finding]:
    """Looks for record rules that are meant for portal users or visitors and bound to another group.

    ## What it does

    Where an access right lets share users in and no rule of theirs limits the records, it looks among the rules of the
    model's other groups for one that would: bound to their group it would leave them their own records alone, which is
    proved. It is reported where something says that it was meant for them: its name or external id speaks of them
    (portal, customer, student, patient, ..., or the name of their group) and the group it is bound to does not; or
    only some of these share users have that group; or it compares with the user's contact and does nothing where it
    is bound, since a rule of the same users accepts all. A rule for staff who see their own is in order.

    The access right is reported too, by [share-model-without-rule](share-model-without-rule.md) and
    [share-can-write](share-can-write.md): this finding is on the line of the rule, since that is the one to change.

    ## Why it is bad

    A rule limits nobody but the users of its groups. Whoever has an access right and no rule gets every record, while
    the module looks as if it had one for them.

    ## Example

    ```xml
    <record id="offer_rule_customer" model="ir.rule">
        <field name="name">Offer: customers see their own</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', '=', user.partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('group_estate_manager'))]"/>
    </record>
    ```

    with `1,0,0,0` for `base.group_portal` in `ir.model.access.csv`.

    ## Use instead

    ```xml
    <field name="groups" eval="[(6, 0, [ref('base.group_portal')])]"/>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    told: set[tuple[str, str]] = set()
    for right, audience in rights_for_shares(policy):
        if audience.everyone or not audited(policy, right.model):
            continue
        for label in audience.labels:
            for mode in right.modes:
                for found in misplaced(policy, label, right.model, mode):
                    if (label, found.rule.xmlid) not in told:
                        told.add((label, found.rule.xmlid))
                        yield _finding(policy, right, label, found)


def _finding(policy: Policy, right: AccessRight, label: str, found: Misplaced) -> Finding:
    rule = found.rule
    modes = [
        mode
        for mode in MODES
        if may(policy, label, rule.model, mode)
        and any(one.rule.xmlid == rule.xmlid for one in misplaced(policy, label, rule.model, mode))
    ]
    worst = next((mode for mode in modes if mode is not Mode.READ), Mode.READ)
    reached = reach(policy, label, rule.model, worst)
    proof = isolation(policy, label, rule.model, worst)
    whom = audience_words((label,))
    bound = enumerated(rule.group_names)
    return rule_wrong_group.finding(
        at=rule.groups[0].origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=(label,),
        severity=reached.lowered(_severity(policy, label, rule.model, worst)),
        confidence=min(found.confidence, confidence(reached, proof)),
        message=f"{rule_words(rule)} looks meant for {whom}, but is bound to {bound}, which they don't have: they may "
        f"{verbs(modes)} every record of {model_words(policy, rule.model)} that the rule would have kept back.",
        evidence=[
            *_evidence(policy, right, label, found),
            *not_judged(policy, rule.model, reached),
            *obstacles(proof),
        ],
        proof=proof,
        fix=f"In {rule.xmlid}, if it was meant for {whom}:\n"
        f'<field name="groups" eval="[(6, 0, [ref(\'{group_of(label)}\')])]"/>',
    )


def _severity(policy: Policy, label: str, model: str, mode: Mode) -> Severity:
    """At least medium: what a rule ties to somebody is no reference data."""
    if is_transient(policy, model):
        return Severity.LOW
    return max(severity(policy, label, model, mode), Severity.MEDIUM)


def _evidence(policy: Policy, right: AccessRight, label: str, found: Misplaced) -> Iterator[Evidence]:
    rule, whom = found.rule, audience_words((label,))
    yield from held_through(policy, label, right.group)
    yield right_given(right)
    yield rule_said(rule)
    yield from (Evidence(f"{rule.xmlid} is bound to {link.group}", link.origin) for link in rule.groups)
    if found.word:
        yield Evidence(f"its name speaks of {whom}: “{found.word}”", rule.origin)
    if found.idle is not None:
        yield Evidence(
            f"it does nothing for those it is bound to: {rule_words(found.idle)} accepts all for them",
            found.idle.origin,
        )
    if found.apart:
        yield Evidence(f"of {whom}, only those who have {enumerated(rule.group_names)} are limited")
    yield Evidence(f"proved: bound to {group_of(label)}, it would leave {whom} their own records alone")
    about = held(policy, rule.model)
    if about.shown:
        yield Evidence(f"{rule.model} {about}")
