"""duplicate-rule-id: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ostiary.audit.asking.facts import domain_text, in_context
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.overwritten import (
    audiences,
    graveness,
    newly_reached,
    rule_before,
    rule_of,
    shown,
)
from ostiary.policy.definitions import MODES, Overwrite, RecordRule
from ostiary.policy.policy import Policy
from ostiary.prove import Change, Difference

_DECIDING = frozenset({"active", "domain_force", "groups", *(f"perm_{mode}" for mode in MODES)})
_MOST = 100  # rules that are compared by proof


@check(
    "duplicate-rule-id",
    "Two record rules share an external id, so that one is lost",
    Severity.MEDIUM,
    references=("CWE-694", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rules", "files"),
)
def duplicate_rule_id(policy: Policy) -> Iterator[Finding]:
    """Looks for record rules that take the place of others of their module because they have the same external id.

    ## What it does

    Reports a record rule that a later record of the same module writes once more, model included. What everybody
    reaches is compared, by proof, with what they would reach if both rules were there: where the lost rule kept
    something back, gravity follows who reaches it now, what they may do, and what the records hold; low where
    the lost one only let users see more, information where it changes nothing. Where the two are about
    different models, the model of the first loses its rule, which is judged in the same way. A record that
    changes a few values of a rule of its own module does so on purpose and isn't reported; changes by other
    modules are [rule-deactivated-elsewhere](rule-deactivated-elsewhere.md)'s.

    ## Why it is bad

    Odoo says nothing when an id comes twice: the values of the second are written over those of the first. Both stand
    in the file, and whoever reads it takes both to hold. Groups are added to those of the first unless the second
    says otherwise.

    ## Example

    ```xml
    <record id="loan_rule" model="ir.rule">
        <field name="model_id" ref="model_library_loan"/>
        <field name="domain_force">[('partner_id', '=', user.partner_id.id)]</field>
    </record>
    <record id="loan_rule" model="ir.rule">
        <field name="model_id" ref="model_library_loan"/>
        <field name="domain_force">[('company_id', 'in', company_ids)]</field>
    </record>
    ```

    ## Use instead

    An id for each: `loan_rule_own`, `loan_rule_company`.

    ## References

    - CWE-694: Use of Multiple Resources with Duplicate Identifier
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    compared = 0
    for one in policy.overwrites:
        if one.model != "ir.rule" or one.deleted or not one.whole or in_context(policy, one.origin.module):
            continue
        rule = rule_of(policy, one.xmlid)
        if one.origin.module != one.earlier.module or rule is None:
            continue
        before = _before(policy, one, rule)
        compared += before is not None
        yield _finding(policy, one, rule, before if compared <= _MOST else None)


def _before(policy: Policy, one: Overwrite, rule: RecordRule) -> RecordRule | None:
    """What the first of the two said, with an id of its own; None where its model can't be told."""
    model = rule.model
    named = next((change.before for change in one.changes if change.field == "model_id"), "")
    if named:
        mangled = named.partition(".model_")[2]
        known = [name for name in policy.models if name.replace(".", "_") == mangled]
        if len(known) != 1:
            return None
        model = known[0]
    before = rule_before(rule, tuple(change for change in one.changes if change.field in _DECIDING))
    if before is None:
        return None
    return msgspec.structs.replace(before, xmlid=f"{rule.xmlid} (the first)", model=model)


def _finding(policy: Policy, one: Overwrite, rule: RecordRule, before: RecordRule | None) -> Finding:
    found: list[Difference] = []
    if before is not None and before.active and any(change.field != "name" for change in one.changes):
        labels = audiences(policy, *before.group_names, *rule.group_names)
        found = newly_reached(policy, before.model, [before], labels)
    wider = [each for each in found if each.wider]
    unknown = before is None or (not wider and any(each.change is Change.UNKNOWN for each in found))
    less = bool(found) or (before is not None and _reached_less(policy, before, rule, one))
    grave, effect, reached = _effect(policy, before, wider, unknown, less)
    evidence = [Evidence("the id was given here first", one.earlier)]
    if before is not None:
        evidence.append(Evidence(f"the first says: {_said(before)}", one.earlier))
    evidence.append(
        Evidence(f"and here it is given again; what there is now says: {_said(rule)}", one.origin)
    )
    return duplicate_rule_id.finding(
        at=one.origin,
        subject=one.xmlid,
        model=before.model if before else rule.model,
        audience=reached,
        severity=grave,
        confidence=Confidence.LOW if unknown else Confidence.HIGH,
        message=f"The record rule {one.xmlid} is defined twice, and Odoo writes the second over the first: {effect}.",
        evidence=evidence,
        fix="Give the second one an id of its own."
        if any(change.field != "name" for change in one.changes)
        else "Take one of the two out.",
    )


def _said(rule: RecordRule) -> str:
    whom = f"for {enumerated(rule.group_names)}" if rule.groups else "for everybody (global)"
    return f"on {rule.model}, {whom}: {domain_text(rule)}"


def _effect(
    policy: Policy, before: RecordRule | None, wider: list[Difference], unknown: bool, less: bool
) -> tuple[Severity, str, tuple[str, ...]]:
    """How grave it is, what it comes to, and for whom."""
    if unknown or before is None:
        return Severity.LOW, "whether somebody reaches more by that can't be decided", ()
    if wider:
        graded = [(graveness(policy, each), each) for each in wider]
        gravest = max(rank for rank, _ in graded)
        reached = shown(policy, [each.audience for rank, each in graded if rank is gravest])
        modes = [mode for mode in MODES if any(each.mode is mode for rank, each in graded if rank is gravest)]
        words = model_words(policy, before.model)
        said = f"{audience_words(reached)} may {verbs(modes)} records of {words} that the first keeps back"
        return gravest, said, reached
    if less:
        return Severity.LOW, "what the first lets users reach is lost, and nobody reaches more by that", ()
    return Severity.INFO, "nothing is lost, since both come to the same", ()


def _reached_less(policy: Policy, before: RecordRule, rule: RecordRule, one: Overwrite) -> bool:
    """Whether somebody would reach more if both rules were there, or whether that can't be told."""
    if not before.active or not any(change.field != "name" for change in one.changes):
        return False
    labels = audiences(policy, *before.group_names, *rule.group_names)
    return bool(newly_reached(policy, before.model, [before], labels, back=True))
