"""rule-deactivated-elsewhere: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import held, in_context, rule_said
from ostiary.audit.asking.limits import accepts_all
from ostiary.audit.asking.proofs import isolation
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.overwritten import (
    audiences,
    graveness,
    internal,
    newly_reached,
    rule_before,
    rule_of,
    shown,
)
from ostiary.policy.definitions import MODES, Changed, Overwrite, RecordRule
from ostiary.policy.policy import Policy
from ostiary.prove import Change, Difference

_FIELDS = frozenset({"active", "domain_force", "groups", *(f"perm_{mode}" for mode in MODES)})
_SHOWN = 3
_MOST = 300  # patches that are compared by proof


@check(
    "rule-deactivated-elsewhere",
    "A module takes away a record rule that another module relies on",
    Severity.HIGH,
    references=("CWE-863", "CWE-284", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rules",),
)
def rule_deactivated_elsewhere(policy: Policy) -> Iterator[Finding]:
    """Looks for modules whose data switch off, empty or rewrite a record rule of another module.

    ## What it does

    Takes every record rule that a later module patches: switched off, with a wider domain, other groups or fewer
    modes; or that it deletes. What share users, internal users and the rule's own groups reach is then compared with
    what they would reach if the rule still said what its own module made it say; the rest of all modules stays as it
    is. Only what is reached newly is reported. A patch that narrows is in order, and so is a rule that is switched off
    where another one keeps back as much. Gravity follows who reaches it, what they may do, and what the records hold;
    where what is reached newly is still the user's own, it is information; where a condition limits it, medium at most.
    A group rule that comes to accept everything for share users is reported by
    [rule-always-true](rule-always-true.md). What an install hook or a `<function>` does in code is not judged: the
    report notes it.

    ## Why it is bad

    Whoever installs the other module reads its rules there, and takes them to hold. They don't as soon as
    this one is installed, and nothing in the other module shows it.

    ## Example

    ```xml
    <!-- in another module than the rule -->
    <record id="library.loan_rule_company" model="ir.rule">
        <field name="active" eval="False"/>
    </record>
    ```

    ## Use instead

    Leave the rule alone. To give some users more than a group rule lets them, add a rule for their group, since
    group rules are alternatives. A global rule can be replaced only by one that compares as much:

    ```xml
    <record id="library.loan_rule_company" model="ir.rule">
        <field name="domain_force">[('company_id', 'in', company_ids + [False])]</field>
    </record>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-284: Improper Access Control
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    compared = 0
    for one in policy.overwrites:
        if one.model != "ir.rule" or one.origin.module == one.earlier.module:
            continue
        if in_context(policy, one.origin.module):
            continue
        rule = rule_of(policy, one.xmlid)
        changes = tuple(change for change in one.changes if change.field in _FIELDS)
        if one.deleted:
            before = one.rule
            if before is None:
                yield _deleted(one)
        else:
            before = rule_before(rule, changes) if rule is not None and changes else None
        if before is None or not before.active:
            continue
        compared += 1
        if compared > _MOST:
            yield _not_compared(one)
        else:
            yield from _compared(policy, one, rule, before, changes)


def _compared(
    policy: Policy, one: Overwrite, rule: RecordRule | None, before: RecordRule, changes: tuple[Changed, ...]
) -> Iterator[Finding]:
    """The finding on a patch, where somebody reaches more by it. `rule` is what there is now, None if nothing."""
    labels = audiences(policy, *before.group_names, *(rule.group_names if rule else ()))
    found = newly_reached(policy, before.model, [before], labels)
    if rule is not None and any(_told(policy, rule, each, changes) for each in found):
        return
    wider = [each for each in found if each.wider]
    if wider or any(each.change is Change.UNKNOWN for each in found):
        yield _finding(policy, one, before, changes, wider or found, certain=bool(wider))


def _told(policy: Policy, rule: RecordRule, found: Difference, changes: tuple[Changed, ...]) -> bool:
    """Whether rule-always-true says it, of the very line: a group rule whose new domain accepts everything."""
    if rule.is_global or not rule.active or internal(policy, found.audience):
        return False
    return any(change.field == "domain_force" for change in changes) and accepts_all(
        policy, found.audience, rule, found.mode
    )


def _finding(
    policy: Policy,
    one: Overwrite,
    before: RecordRule,
    changes: tuple[Changed, ...],
    found: list[Difference],
    *,
    certain: bool,
) -> Finding:
    model = before.model
    graded = [(graveness(policy, each), each) for each in found]
    gravest, worst = max(graded, key=lambda pair: pair[0].rank)
    reached = shown(policy, [each.audience for rank, each in graded if rank is gravest])
    modes = [mode for mode in MODES if any(each.mode is mode for rank, each in graded if rank is gravest)]
    at = next((change.origin for change in changes), one.origin)
    whom = audience_words(reached)
    done = enumerated(list(dict.fromkeys(_done(change) for change in changes))) or "deletes"
    what = (
        f"the module {one.origin.module} {done} the record rule {rule_words(before)} of {one.earlier.module}"
    )
    effect = f"{whom} may {verbs(modes)} records of {model_words(policy, model)} that it kept back"
    if not certain:
        effect = (
            f"whether {audience_words(reached)} reach more of {model_words(policy, model)} can't be decided"
        )
    share = not internal(policy, worst.audience)
    proof = isolation(policy, worst.audience, model, worst.mode) if share and certain else None
    return rule_deactivated_elsewhere.finding(
        at=at,
        subject=one.xmlid,
        model=model,
        audience=reached,
        severity=gravest if certain else min(gravest, Severity.LOW),
        confidence=Confidence.HIGH if certain else Confidence.LOW,
        message=f"{sentence(what)}: {effect}.",
        evidence=[
            *_evidence(policy, one, before, changes),
            *_others(policy, found, reached),
            *_obstacles(found),
        ],
        proof=proof,
        fix=_fix(one, before),
        module=one.origin.module,
    )


def _done(change: Changed) -> str:
    if change.field == "active":
        return "switches off"
    if change.field == "groups":
        return "changes the groups of"
    if change.field == "domain_force":
        return "empties" if change.after in ("", "[]") else "rewrites the domain of"
    return f"takes the mode {change.field.removeprefix('perm_')} out of"


def _evidence(
    policy: Policy, one: Overwrite, before: RecordRule, changes: tuple[Changed, ...]
) -> Iterator[Evidence]:
    said = rule_said(before)
    yield Evidence(f"as {one.earlier.module} made it: {said.text}", one.earlier)
    for change in changes:
        now = change.after or "nothing"
        yield Evidence(f"{one.origin.module} sets {change.field} to {now}", change.origin)
    if one.deleted:
        yield Evidence(f"{one.origin.module} deletes it", one.origin)
    about = held(policy, before.model)
    if about.shown:
        yield Evidence(f"{before.model} {about}")


def _others(policy: Policy, found: list[Difference], reached: tuple[str, ...]) -> Iterator[Evidence]:
    """Who else reaches more, where that is less grave."""
    others = [one for one in shown(policy, [each.audience for each in found]) if one not in reached]
    if others:
        yield Evidence(f"{audience_words(others)} reach more by it too, which is less grave")


def _obstacles(found: list[Difference]) -> Iterator[Evidence]:
    unknown = dict.fromkeys(why for each in found for why in each.unknown)
    for why in list(unknown)[:_SHOWN]:
        yield Evidence(f"not proved: {why.text}", why.origin)


def _fix(one: Overwrite, before: RecordRule) -> str:
    what = "deletion of" if one.deleted else "change to"
    away = f"Take the {what} {one.xmlid} out of {one.origin.module}"
    if before.is_global:
        return (
            f"{away}, or add a global rule that keeps back as much as this one did:\n"
            f'<field name="domain_force">{before.domain_force or "[]"}</field>'
        )
    return (
        f"{away}, and add a record rule for the group that is to see more: "
        "rules of groups are alternatives, so that the others keep theirs."
    )


def _not_compared(one: Overwrite) -> Finding:
    return rule_deactivated_elsewhere.finding(
        at=one.origin,
        subject=one.xmlid,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        message=f"The module {one.origin.module} changes the record rule {one.xmlid} of {one.earlier.module}: what "
        f"that opens was not judged, since more than {_MOST} rules are changed so.",
        evidence=[Evidence("the rule was defined here", one.earlier)],
        fix="Compare by hand what the rule says now with what it said.",
    )


def _deleted(one: Overwrite) -> Finding:
    return rule_deactivated_elsewhere.finding(
        at=one.origin,
        subject=one.xmlid,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        message=f"The module {one.origin.module} deletes the record rule {one.xmlid} of {one.earlier.module}: "
        "whoever it limited may reach what it kept back, and what that is was not judged.",
        evidence=[Evidence("the rule was defined here", one.earlier)],
        fix=f"Take the deletion out of {one.origin.module}; where the rule is in the way of somebody, add one "
        "for their group.",
    )
