"""rule-wrong-modes: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ostiary.audit.asking.facts import (
    audited,
    held,
    held_through,
    in_context,
    is_transient,
    not_judged,
    reach,
    right_given,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.subjects import (
    asked_as,
    granted,
    holders,
    is_internal,
    label_of,
    rated_as,
    subject_of,
)
from ostiary.audit.asking.wording import (
    audience_words,
    columns,
    enumerated,
    model_words,
    rule_words,
    sentence,
    verbs,
)
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.groups.ladders import ADMINISTRATORS
from ostiary.audit.registry import check
from ostiary.audit.rules.openings import held_by
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import severity
from ostiary.domain import opaques, truth
from ostiary.policy.definitions import MODES, AccessRight, Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting, rights_on
from ostiary.policy.rules import applicable
from ostiary.policy.semantics import INTERNAL, PORTAL

# What somebody can do to a record that exists, the least first.
_RANK = {Mode.READ: 0, Mode.WRITE: 1, Mode.UNLINK: 2}
_LIMITED = (Limit.OWN, Limit.CONDITION, Limit.COMPANY)
_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Whose records a rule limits in some modes, and which modes it leaves without any rule."""

    group: str
    limited: tuple[Mode, ...]
    open: tuple[Mode, ...]


@check(
    "rule-wrong-modes",
    "A rule limits one mode and leaves a graver one open",
    Severity.HIGH,
    references=("CWE-863", "CWE-280", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rules",),
)
def rule_wrong_modes(policy: Policy) -> Iterator[Finding]:
    """Looks for record rules that are switched off in a mode in which nothing else limits the same users.

    ## What it does

    Takes each rule that limits, and in which not all of `perm_read`, `perm_write`, `perm_create` and `perm_unlink` are
    on. For whom it binds, and for the groups above them that an access right names, it asks mode by mode what is left.
    It is reported where reading is limited and the same users may change or delete any record: an access right gives
    the mode, and no rule at all is about it, be it of another group, global, or of a model it delegates to. For portal
    users and visitors, creating counts too; so does a rule that limits changing and lets any record be deleted,
    and one with `perm_read` off that leaves every record about somebody to read. A rule in which all four are off
    limits nothing at all; Odoo refuses to save one.

    Internal users who may read all and change their own are in order, and so is a mode with a rule of its own, even
    one that accepts everything, since somebody meant that. What administrators may do is left out, and so are wizards,
    which [shared-wizard](shared-wizard.md) reports. What the model's own `write` or `unlink` refuses in Python is not
    judged.

    ## Why it is bad

    Odoo looks at the rules of the mode in question alone. A user who can't see a record can change or delete it all the
    same, by its number, where no rule is about these modes.

    ## Example

    ```xml
    <record id="offer_rule_portal" model="ir.rule">
        <field name="name">Offer: own offers</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
        <field name="perm_write" eval="False"/>
    </record>
    ```

    with `1,1,0,0` for `base.group_portal` in `ir.model.access.csv`.

    ## Use instead

    Leave the four fields out, so that the rule is about every mode. An access right says which modes there are at all.

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-280: Improper Handling of Insufficient Permissions
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for rule in policy.rules:
        if not rule.active or set(rule.modes) == set(MODES) or in_context(policy, rule.origin.module):
            continue
        if rule.uncertain or rule.groups_uncertain or not audited(policy, rule.model):
            continue
        if is_transient(policy, rule.model):
            continue  # shared-wizard says it
        if not rule.modes:
            yield _none(policy, rule)
        elif truth(rule.domain) is None and not any(opaques(rule.domain)):
            for found in _gaps(policy, rule):
                yield _finding(policy, rule, found)


def _gaps(policy: Policy, rule: RecordRule) -> Iterator[_Gap]:
    told: list[_Gap] = []
    for group in _bound(policy, rule):
        found = _gap(policy, rule, group)
        if found is None:
            continue
        held = held_by(policy, group)
        if not any(one.group in held and set(found.open) <= set(one.open) for one in told):
            told.append(found)
            yield found


def _bound(policy: Policy, rule: RecordRule) -> dict[str, None]:
    """Who is bound by the rule: those of its groups, then those of groups above that an access right names."""
    bound = dict.fromkeys(one for name in rule.group_names for one in holders(policy, name))
    if rule.is_global:
        bound |= dict.fromkeys((PORTAL, INTERNAL))
    for mode in MODES:
        if mode in rule.modes:
            continue
        for right in rights_on(policy, rule.model, mode):
            if right.group is None or not held_by(policy, right.group).isdisjoint(ADMINISTRATORS):
                continue
            for one in holders(policy, right.group):
                if rule.is_global or not held_by(policy, one).isdisjoint(rule.group_names):
                    bound[one] = None
    return bound


def _gap(policy: Policy, rule: RecordRule, group: str) -> _Gap | None:
    """What the rule leaves open to who holds a group, where it limits something else."""
    may = [mode for mode in MODES if granted(policy, group, rule.model, mode)]
    limited = tuple(mode for mode in may if mode in rule.modes)
    bare = [mode for mode in may if mode not in rule.modes and _no_rule(policy, group, rule.model, mode)]
    open_ = _graver(policy, rule, group, limited, bare)
    if not open_ or not any(limit(policy, asked_as(group), rule.model, mode) in _LIMITED for mode in limited):
        return None
    return _Gap(group, limited, open_)


def _graver(
    policy: Policy, rule: RecordRule, group: str, limited: Sequence[Mode], bare: Sequence[Mode]
) -> tuple[Mode, ...]:
    """The modes that nobody leaves open on purpose where the others are limited."""
    least = min((_RANK[mode] for mode in limited if mode in _RANK), default=None)
    share = not is_internal(policy, group)
    if least is None or not bare or (not share and least != _RANK[Mode.READ]):
        return ()
    found = [mode for mode in bare if mode in _RANK and _RANK[mode] > least]
    if share and Mode.CREATE in bare and Mode.READ in limited:
        found.append(Mode.CREATE)
    if share and Mode.READ in bare and weight(policy, rule.model) in _ABOUT_SOMEBODY:
        found.append(Mode.READ)
    return tuple(mode for mode in MODES if mode in found)


def _no_rule(policy: Policy, group: str, model: str, mode: Mode) -> bool:
    found = applicable(policy, subject_of(policy, group), model, mode)
    return not found.uncertain and not any(found.everywhere())


def _finding(policy: Policy, rule: RecordRule, found: _Gap) -> Finding:
    model, label = rule.model, label_of(found.group)
    worst = max(found.open, key=lambda mode: (mode is not Mode.CREATE, mode is not Mode.READ))
    asked = asked_as(found.group)
    reached = reach(policy, asked, model, worst)
    about = held(policy, model)
    proof = isolation(policy, asked, model, worst) if about.weight in _ABOUT_SOMEBODY else None
    whom, what = sentence(audience_words((label,))), model_words(policy, model)
    return rule_wrong_modes.finding(
        at=rule.origin,
        subject=rule.xmlid,
        model=model,
        audience=(label,),
        severity=reached.lowered(_severity(policy, rule, found, worst)),
        confidence=confidence(reached, proof),
        message=f"{whom} may {verbs(found.open)} any record of {what}: {rule_words(rule)} limits what they may "
        f"{verbs(found.limited)}, but {columns(found.open)} {'is' if len(found.open) == 1 else 'are'} off in it, "
        f"and no other rule limits {'that' if len(found.open) == 1 else 'those'}.",
        evidence=[
            *_evidence(policy, rule, found),
            *([Evidence(f"{model} {about}")] if about.shown else []),
            *not_judged(policy, model, reached),
            *obstacles(proof),
        ],
        proof=proof,
        extent=[mode.value for mode in found.open],
        fix=f"In {rule.xmlid}, switch the modes on (without these fields they are on):\n"
        + "\n".join(f'<field name="perm_{mode.value}" eval="True"/>' for mode in found.open)
        + f"\nor take {columns(found.open)} out of {enumerated([one.xmlid for one in _rights(policy, rule, found)])}.",
    )


def _evidence(policy: Policy, rule: RecordRule, found: _Gap) -> Iterator[Evidence]:
    name = next((name for name in rule.group_names if name in held_by(policy, found.group)), None)
    yield from held_through(policy, asked_as(found.group), name)
    yield rule_said(rule)
    for right in _rights(policy, rule, found):
        if right.group != name:
            yield from held_through(policy, asked_as(found.group), right.group)
        yield right_given(right)


def _rights(policy: Policy, rule: RecordRule, found: _Gap) -> list[AccessRight]:
    subject = subject_of(policy, found.group)
    rights = {one.xmlid: one for mode in found.open for one in granting(policy, subject, rule.model, mode)}
    return list(rights.values())


def _severity(policy: Policy, rule: RecordRule, found: _Gap, worst: Mode) -> Severity:
    gravest = severity(policy, rated_as(policy, found.group), rule.model, worst)
    return max(min(gravest, Severity.MEDIUM) if worst is Mode.CREATE else gravest, Severity.LOW)


def _none(policy: Policy, rule: RecordRule) -> Finding:
    """A rule of no mode."""
    return rule_wrong_modes.finding(
        at=rule.origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=tuple(
            dict.fromkeys(label_of(one) for name in rule.group_names for one in holders(policy, name))
        ),
        severity=Severity.MEDIUM,
        message=f"Rule {rule_words(rule)} on {model_words(policy, rule.model)} is about no mode: all four are off, so "
        "that it limits nothing. Odoo refuses to save it.",
        evidence=[Evidence(f"rule {rule_words(rule)} has no mode", rule.origin)],
        fix=f"Leave perm_read, perm_write, perm_create and perm_unlink out of {rule.xmlid}, or remove the rule.",
        key=("no mode",),
    )
