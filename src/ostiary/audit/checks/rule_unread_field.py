"""rule-unread-field: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import has_records, in_context, may, others_left, reach, rule_said, weight
from ostiary.audit.asking.guessed import guessed_of_user, to_be_named
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import place_of_rule
from ostiary.audit.asking.record_fields import near_field, unread_of_record
from ostiary.audit.asking.wording import at_most, audience_words, enumerated, model_words, rule_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight, ancestors
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import RecordRule
from ostiary.policy.paths import Missing
from ostiary.policy.policy import Policy

_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)


@check(
    "rule-unread-field",
    "A record rule compares a field that was not read",
    Severity.LOW,
    references=("CWE-863", "OWASP A01:2021"),
    tags=("rules",),
)
def rule_unread_field(policy: Policy) -> Iterator[Finding]:
    """Looks for record rules that could not be judged, since a field they compare is not known.

    ## What it does

    Reports each record rule that binds portal users or visitors who have an access right, and that compares with a
    field of the user, or of a record of theirs, which no module that was read defines: whether such a rule
    leaves them only their own can't be told. Low for records about somebody or with amounts, information for
    others, always with low confidence. Nothing is said where another check reports what is left, or where the
    audience reaches nothing. A field that certainly does not exist is reported by
    [rule-invalid](rule-invalid.md).

    Reports also each field of the record, in a rule of any group, that neither the modules that were read nor the
    summaries have on a model which an audited module defines, and which takes fields from a mixin known by a summary
    only (`mail.thread`): low with medium confidence where a field has nearly that name, information with low
    confidence where none has.

    ## Why it is bad

    It may be in order. But that nothing else is reported of the rule doesn't say so: a zone or a price list is
    shared by many customers, and only the module that defines the field tells.

    ## Example

    ```xml
    <field name="domain_force">[('zone_ids', 'in', user.partner_id.zone_ids.ids)]</field>
    ```

    where the module that adds `zone_ids` to contacts is not at hand.

    ## Use instead

    Name the folder with the module that defines the field:

    ```sh
    ostiary audit my_addons --addons-path other_addons
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for rule in policy.rules:
        if rule.active and not in_context(policy, rule.origin.module):
            for missing in unread_of_record(policy, rule):
                yield _of_record(policy, rule, missing)
        if not rule.active or "user." not in rule.domain_force or not has_records(policy, rule.model):
            continue
        fields = guessed_of_user(policy, rule)
        if not fields:
            continue
        labels = tuple(label for label in _labels(policy, rule) if _silent(policy, rule, label))
        if labels and not in_context(policy, place_of_rule(policy, rule, labels).module):
            yield _finding(policy, rule, labels, fields)


def _labels(policy: Policy, rule: RecordRule) -> tuple[str, ...]:
    """The share users that a rule binds; a global one binds those with rights on the model."""
    names = list(rule.group_names)
    if not names:
        names = [right.group for right in policy.rights_by_model.get(rule.model, ()) if right.group]
    audiences = [audience_of(policy, name) for name in names]
    found = [
        label
        for audience in audiences
        for label in (*audience.labels, *others_left(policy, audience, rule.model, rule.modes))
    ]
    return tuple(dict.fromkeys(found))


def _silent(policy: Policy, rule: RecordRule, label: str) -> bool:
    """Whether the rule binds an audience, and what it leaves them is taken to be in order, or matters little."""
    modes = [mode for mode in rule.modes if may(policy, label, rule.model, mode)]
    if not any(rule in reach(policy, label, rule.model, mode).rules for mode in modes):
        return False
    left = {limit(policy, label, rule.model, mode) for mode in modes}
    return left == {Limit.OWN} or (
        weight(policy, rule.model) not in _ABOUT_SOMEBODY
        and left <= {Limit.OWN, Limit.CONDITION, Limit.UNKNOWN}
    )


def _finding(
    policy: Policy, rule: RecordRule, labels: tuple[str, ...], fields: tuple[tuple[str, str], ...]
) -> Finding:
    at = place_of_rule(policy, rule, labels)
    names = at_most([f"{name} of {model}" for model, name in fields])
    missing = to_be_named(policy, at.module)
    which = enumerated(missing[:4]) if missing else "the module that defines " + names
    return rule_unread_field.finding(
        at=at,
        subject=rule.xmlid,
        model=rule.model,
        audience=labels,
        severity=Severity.LOW if weight(policy, rule.model) in _ABOUT_SOMEBODY else Severity.INFO,
        confidence=Confidence.LOW,
        message=f"Whether the record rule {rule_words(rule)} leaves {audience_words(labels)} only their own records of "
        f"{model_words(policy, rule.model)} can't be decided: it compares with {names}, which was not read.",
        evidence=[
            rule_said(rule),
            *(Evidence(f"no module that was read defines {name} on {model}") for model, name in fields),
        ],
        fix=f"Give the folder that holds {which} with --addons-path.",
    )


def _of_record(policy: Policy, rule: RecordRule, missing: Missing) -> Finding:
    """A field of the record that is probably not there, or comes with a mixin of which only a summary is known."""
    near = near_field(policy, missing)
    mixins = [
        name
        for name in ancestors(policy, missing.model)
        if name in policy.models and any(_summary(policy, module) for module in policy.models[name].modules)
    ]
    likely = f"; did you mean {near}?" if near else "."
    return rule_unread_field.finding(
        at=rule.domain_origin or rule.origin,
        subject=rule.xmlid,
        model=rule.model,
        audience=_labels(policy, rule) or ("internal",),
        severity=Severity.LOW if near else Severity.INFO,
        confidence=Confidence.MEDIUM if near else Confidence.LOW,
        message=f"The record rule {rule_words(rule)} compares {missing.name}, and no module that was read gives "
        f"{model_words(policy, missing.model)} such a field{likely}",
        evidence=[
            rule_said(rule),
            Evidence(f"no module that was read defines {missing.name} on {missing.model}"),
            *([Evidence(f"of {at_most(mixins)}, only a summary is known")] if mixins else []),
        ],
        fix=f"Write {near}, if that is what is meant. If {missing.name} exists, give the folder of the module that "
        "defines it with --addons-path."
        if near
        else "Correct the name, or give the folder of the module that defines the field with --addons-path.",
        key=(missing.model, missing.name),
    )


def _summary(policy: Policy, module: str) -> bool:
    known = policy.modules.get(module)
    return known is not None and known.facts
