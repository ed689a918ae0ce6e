"""share-model-without-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    Reach,
    audited,
    held,
    held_through,
    in_context,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.asking.limits import Limit, accepts_all, limit
from ostiary.audit.asking.places import made_otherwise, place_of, place_of_rule
from ostiary.audit.asking.proofs import alone, confidence, isolation, lets_strangers_in, obstacles
from ostiary.audit.asking.rules_to_write import how_to_limit
from ostiary.audit.asking.subjects import shown_to
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, rule_words, sentence
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.delegated import told_by_child
from ostiary.audit.rules.misplaced import lacking_rules
from ostiary.audit.rules.published import published_by_another
from ostiary.audit.rules.strangers import told_by_attribute
from ostiary.audit.rules.visitors import only_of_the_visitor
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import symbols, to_english, truth
from ostiary.policy.definitions import AccessRight, Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.prove import Proof, Verdict

_LONGEST = 200
_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)


@check(
    "share-model-without-rule",
    "Portal users or visitors may read every record of a model",
    Severity.HIGH,
    references=("CWE-862", "CWE-359", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rights", "rules"),
)
def share_model_without_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for models that share users may read and that no record rule limits for them.

    ## What it does

    Takes every access right with `perm_read` whose group share users hold, directly or through implied groups, and
    looks for a record rule that limits the rows for them: one of their groups, a global one, or one
    of a model it delegates to (`_inherits`). A rule of another group doesn't count. Gravity follows what the model
    holds: high for records about somebody (a contact, a user, an access token, a portal document or a line of
    one), medium for amounts, low for discussions, information only for types, tags and the like; a step more for
    visitors who have not logged in, save where a model only names users or is part of a document about somebody.
    Where the model's own module was not read, or the model also decides in Python, confidence is low. A rule that
    looks meant for them and is bound to another group is named, and reported by
    [rule-wrong-group](rule-wrong-group.md).

    What counts is what is left, and that is proved: the rules together are put to a solver, which looks for a record
    that is shown though nothing ties it to the user. Rules that hold next to nothing back (`id > 0`, `user_id !=
    user.id`) are as good as none. Records about somebody or with amounts that are shown under a condition on the
    record alone, such as its state, are low, and so are records about customers that are shown because what they
    belong to is published: the booths of an event, with who rents them. What is itself published on purpose is left
    out, and so is what a record that lists the user is about (the club they are a member of), though others have it
    in common. Rules that compare with
    what customers share, may edit or may lack are reported by [rule-shared-attribute](rule-shared-attribute.md),
    [rule-editable-identity](rule-editable-identity.md) and [rule-on-empty-value](rule-on-empty-value.md), and a
    model whose records are held back in another one by [inherits-parent-open](inherits-parent-open.md).
    The finding carries the record that was found. Where it can't be decided, because a search method does so in Python
    or something could not be read, it is low too, with low confidence, and says what stood in the way.

    ## Why it is bad

    Without a rule, an access right opens the whole table: any portal user reads every customer's records over
    RPC, and `_document_check_access` in a controller lets everybody pass. Visitors can't log in to RPC: they get at
    what a page or route reads without `sudo()`, and at the files of the model by `/web/content` and `/web/image`.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer_portal,offer portal,model_estate_offer,base.group_portal,1,0,0,0
    ```

    with a rule on `estate.offer` for `estate.group_agent` only.

    ## Use instead

    ```xml
    <record id="estate_offer_rule_portal" model="ir.rule">
        <field name="name">Offer: own offers for the portal</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-862: Missing Authorization
    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for right, audience in rights_for_shares(policy):
        if audience.everyone or Mode.READ not in right.modes or not audited(policy, right.model):
            continue
        if is_transient(policy, right.model):
            continue  # shared-wizard says it
        alike: dict[bool, list[str]] = {}
        for label in audience.labels:
            if told_by_child(policy, label, right.model):
                continue  # inherits-parent-open says it
            if _unlimited(policy, label, right.model):
                rules = bool(reach(policy, label, right.model, Mode.READ).rules)
                alike.setdefault(rules, []).append(label)
            else:
                yield from _conditional(policy, right, label)
        for labels in alike.values():
            yield _finding(policy, right, tuple(labels))


def _unlimited(policy: Policy, label: str, model: str) -> bool:
    """Whether no rule limits the rows. A group rule that accepts all is another check's: rule-always-true."""
    found = reach(policy, label, model, Mode.READ)
    if weight(policy, model) is Weight.REFERENCE and found.group_rules:
        return False
    if limit(policy, label, model, Mode.READ) is not Limit.NONE:
        return False
    return not any(accepts_all(policy, label, rule, Mode.READ) for rule in found.group_rules)


def _finding(policy: Policy, right: AccessRight, labels: tuple[str, ...]) -> Finding:
    model = right.model
    found = reach(policy, labels[0], model, Mode.READ)
    about = held(policy, model)
    proof = isolation(policy, labels[0], model, Mode.READ) if about.weight in _ABOUT_SOMEBODY else None
    whom = sentence(audience_words(labels))
    if about.weight is Weight.UNKNOWN:
        message = (
            f"{whom} may read {model}, and no rule that was read limits the records; the module that defines it "
            "was not read and may have one."
        )
    elif found.rules:
        message = (
            f"{whom} may read every record of {model_words(policy, model)}, or nearly so: "
            f"{enumerated([rule_words(rule) for rule in found.rules])} "
            f"{'hold' if len(found.rules) > 1 else 'holds'} nothing back for them."
        )
    else:
        message = f"{whom} may read every record of {model_words(policy, model)}: no record rule limits them."
    at = place_of(policy, right, labels, (Mode.READ,))
    return share_model_without_rule.finding(
        at=at,
        subject=right.xmlid,
        model=model,
        audience=labels,
        severity=found.lowered(_severity(policy, model, labels)),
        confidence=confidence(found, proof),
        message=message,
        evidence=[*_evidence(policy, right, labels), *obstacles(proof)],
        proof=proof,
        fix="Nothing, if everybody may know these records."
        if about.weight is Weight.REFERENCE
        else how_to_limit(policy, at.module, model, labels[0]),
    )


def _conditional(policy: Policy, right: AccessRight, label: str) -> Iterator[Finding]:
    """What is left by a condition that has nothing to do with who asks, or that can't be decided."""
    model = right.model
    about = weight(policy, model)
    if about not in _ABOUT_SOMEBODY and about is not Weight.UNKNOWN:
        return
    sort = limit(policy, label, model, Mode.READ)
    if sort not in (Limit.CONDITION, Limit.UNKNOWN) or told_by_attribute(policy, label, model, Mode.READ):
        return
    proof, found = isolation(policy, label, model, Mode.READ), reach(policy, label, model, Mode.READ)
    condition = proof.condition
    lacking = condition is not None and bool(condition.user)
    if (sort is Limit.CONDITION and not lets_strangers_in(proof) and not _bares_customers(policy, proof)) or (
        about is Weight.UNKNOWN and not lacking
    ):
        return
    rule = _responsible(policy, label, found) if sort is Limit.CONDITION else None
    given = place_of(policy, right, (label,), (Mode.READ,))
    yield share_model_without_rule.finding(
        at=place_of_rule(policy, rule, (label,)) if rule else given,
        subject=right.xmlid,
        model=model,
        audience=(label,),
        severity=found.lowered(Severity.MEDIUM) if lacking else Severity.LOW,
        confidence=confidence(found, proof),
        message=_which(policy, label, proof),
        evidence=[*_evidence(policy, right, (label,)), *obstacles(proof)],
        proof=proof,
        fix="Nothing, if they may know these records, whoever they belong to. Otherwise:\n"
        + how_to_limit(policy, given.module, model, label),
        key=("condition", label),
    )


def _bares_customers(policy: Policy, proof: Proof) -> bool:
    """Whether records that are themselves about customers are shown because another record is published."""
    about = held(policy, proof.model)
    return about.weight is Weight.PERSONAL and not about.remote and published_by_another(policy, proof)


def _which(policy: Policy, label: str, proof: Proof) -> str:
    """Which records are shown, in a sentence."""
    whom, what = sentence(audience_words((label,))), model_words(policy, proof.model)
    if proof.verdict is Verdict.UNKNOWN or proof.condition is None:
        why = "; ".join(dict.fromkeys(one.text.rstrip(".") for one in proof.unknown))
        return f"{whom} may read records of {what}, and whether only their own can't be decided: {why}."
    condition = proof.condition
    asks = label == "public" and any(symbol.root == "user" for symbol in symbols(condition.domain))
    one = "; all visitors are one and the same user" if asks else ""
    whose = f", for a user of whom this is so: {enumerated(condition.user)}" if condition.user else one
    if truth(condition.domain) is True:
        return f"{whom} may read every record of {what}, whoever it belongs to{whose}."
    where = _shortened(to_english(condition.domain))
    if only_of_the_visitor(policy, label, proof.model, Mode.READ):
        return (
            f"{whom} may read records of {what} where {where}: all visitors are one and the same user, so that each "
            "sees what belongs to any other."
        )
    return f"{whom} may read records of {what}, only where {where}, whoever they belong to{whose}."


def _responsible(policy: Policy, label: str, found: Reach) -> RecordRule | None:
    """The first group rule that lets others' records through, where it is one that is audited."""
    for rule in found.group_rules:
        if in_context(policy, place_of_rule(policy, rule, (label,)).module):
            continue
        if lets_strangers_in(alone(policy, label, rule, Mode.READ, others=True)):
            return rule
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip(' ,')}…"


def _evidence(policy: Policy, right: AccessRight, labels: tuple[str, ...]) -> list[Evidence]:
    model = right.model
    found = reach(policy, labels[0], model, Mode.READ)
    about = held(policy, model)
    evidence = [step for label in labels for step in held_through(policy, label, right.group)]
    evidence.append(right_given(right))
    evidence += made_otherwise(right, place_of(policy, right, labels, (Mode.READ,)))
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, labels[0], model, Mode.READ)]
    evidence += lacking_rules(policy, labels[0], model, Mode.READ)
    if about.weight is not Weight.UNKNOWN:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += not_judged(policy, model, found)
    return evidence


def _severity(policy: Policy, model: str, labels: tuple[str, ...]) -> Severity:
    return max(shown_to(policy, label, model) for label in labels)
