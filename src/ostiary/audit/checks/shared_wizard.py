"""shared-wizard: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    group_of,
    held_through,
    in_context,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import place_of
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.rules_to_write import rule_xml
from ostiary.audit.asking.wording import at_most, audience_words, model_words, sentence, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.audit.weighing.sensitivity import AUTOMATIC, PEOPLE, Weight, fields_of
from ostiary.audit.weighing.severity import rated
from ostiary.policy.definitions import AccessRight, Field, Mode
from ostiary.policy.groups import closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PUBLIC

# Filling in a wizard of one's own takes no more than creating it; these get at what somebody else filled in.
_MODES = (Mode.READ, Mode.WRITE, Mode.UNLINK)
_OPEN = (Limit.NONE, Limit.COMPANY, Limit.CONDITION)
# How grave it is that a portal user reads it. What a wizard holds is there for an hour.
_BASE = {Weight.PERSONAL: Severity.MEDIUM, Weight.BUSINESS: Severity.LOW}
_SHOWN = 4


@check(
    "shared-wizard",
    "Users may get at each other's entries in a wizard",
    Severity.HIGH,
    references=("CWE-863", "CWE-200", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("rights", "rules"),
)
def shared_wizard(policy: Policy) -> Iterator[Finding]:
    """Looks for wizards whose records no rule keeps to the user who filled them in.

    ## What it does

    Takes every access right to read, change or delete records of a transient model that reaches portal users or
    visitors, and asks for a rule that leaves them their own. It is reported where the wizard holds
    something that differs from user to user: a password or a key, private facts, links to people, amounts, files. A
    wizard that only holds choices is in order. Gravity follows the audience, the mode and what it holds, one step below
    that of a model whose records stay. Visitors are all the same user, so that a rule on `create_uid` keeps none of
    them apart.

    Internal users are only spoken of where a wizard that they all may read holds a password, a key or private
    facts: low.

    ## Why it is bad

    Up to Odoo 13 a user reached none but their own records of a wizard. Since 14 access rights and record rules
    decide, as for every other model, and a wizard without a rule is open: its ids are numbers in a row, and its
    records stay for an hour or longer.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_rental_claim_wizard,claim,model_rental_claim_wizard,base.group_portal,1,1,1,0
    ```

    ## Use instead

    The same, and

    ```xml
    <record id="rental_claim_wizard_rule_own" model="ir.rule">
        <field name="name">Claim: own entries</field>
        <field name="model_id" ref="model_rental_claim_wizard"/>
        <field name="domain_force">[('create_uid', '=', user.id)]</field>
    </record>
    ```

    ## References

    - CWE-863: Incorrect Authorization
    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for right, audience in rights_for_shares(policy):
        if audience.everyone or not is_transient(policy, right.model):
            continue
        for label in audience.labels:
            yield from _of_audience(policy, right, label)
    inside = closure(policy, (INTERNAL,))
    for right in policy.rights:
        if (
            right.group in inside
            and right.active
            and not right.uncertain
            and is_transient(policy, right.model)
        ):
            yield from _of_audience(policy, right, INTERNAL)


def _of_audience(policy: Policy, right: AccessRight, label: str) -> Iterator[Finding]:
    signs = _signs(policy, right.model, grave_only=label == INTERNAL)
    if not signs:
        return
    if in_context(policy, place_of(policy, right, (label,), _MODES).module):
        return
    sorts = {mode: limit(policy, label, right.model, mode) for mode in _MODES if mode in right.modes}
    modes = [mode for mode, sort in sorts.items() if sort in _OPEN]
    if modes:
        yield _finding(policy, right, label, modes, signs)
        return
    if Limit.UNKNOWN in sorts.values():
        unknown = [mode for mode, sort in sorts.items() if sort is Limit.UNKNOWN]
        yield _finding(policy, right, label, unknown, signs, certain=False)


def _signs(policy: Policy, model: str, *, grave_only: bool) -> list[tuple[Weight, str]]:
    """What the wizard holds that differs from user to user, with how much it matters."""
    found = {field.name: field for field in fields_of(policy, model)}
    signs = []
    for name in sorted(found):
        field = found[name]
        if name in AUTOMATIC or field.groups or field.groups_unread or not field.store:
            continue
        sign = _sign(policy, model, field, grave_only=grave_only)
        if sign is not None:
            signs.append(sign)
    return sorted(signs, key=lambda sign: -sign[0])


def _sign(policy: Policy, model: str, field: Field, *, grave_only: bool) -> tuple[Weight, str] | None:
    known = policy.models.get(model)
    secret = secret_of(policy, known, field) if known else None
    if secret is not None and secret[0] is Secret.KEY:
        return Weight.PERSONAL, f"a password or key ({field.name})"
    private = private_fact(field)
    if private is not None:
        return Weight.PERSONAL, f"private facts: {private} ({field.name})"
    if grave_only:
        return None
    if field.type == "binary":
        return Weight.PERSONAL, f"a file ({field.name})"
    if field.type == "many2one" and field.comodel in PEOPLE:
        return Weight.PERSONAL, f"{PEOPLE[field.comodel]} ({field.name})"
    if field.type == "monetary":
        return Weight.BUSINESS, f"an amount ({field.name})"
    return None


def _finding(
    policy: Policy,
    right: AccessRight,
    label: str,
    modes: list[Mode],
    signs: list[tuple[Weight, str]],
    *,
    certain: bool = True,
) -> Finding:
    model = right.model
    found = reach(policy, label, model, modes[0])
    internal = label == INTERNAL
    proof = isolation(policy, label, model, modes[0]) if found.rules else None
    evidence = [*held_through(policy, label, right.group), right_given(right)]
    evidence += [rule_said(rule) for rule in found.rules] or [
        no_rule(policy, "internal" if internal else label, model, modes[0])
    ]
    evidence.append(Evidence(f"{model} is a wizard; it holds {at_most([text for _, text in signs], _SHOWN)}"))
    evidence += [*not_judged(policy, model, found), *obstacles(proof)]
    whom = "Every internal user" if internal else sentence(audience_words((label,)))
    what = f"{verbs(modes)} what others enter into the wizard {model_words(policy, model)}"
    holds = at_most([text for _, text in signs], 2)
    said = f"{whom} may {what}: {_because(label, found.rules != ())}; it holds {holds}."
    if not certain:
        said = f"Whether {whom[0].lower()}{whom[1:]} may {what} can't be decided; it holds {holds}."
    return shared_wizard.finding(
        at=place_of(policy, right, (label,), modes),
        subject=right.xmlid,
        model=model,
        audience=("internal" if internal else label,),
        severity=found.lowered(_severity(policy, label, modes, signs, certain=certain)),
        confidence=confidence(found, proof) if certain else Confidence.LOW,
        proof=proof,
        message=said,
        evidence=evidence,
        fix=_fix(policy, right, label),
    )


def _because(label: str, limited: bool) -> str:
    if group_of(label) == PUBLIC and limited:
        return "all visitors are one and the same user, so that no rule tells them apart"
    return "its rules don't keep them to their own" if limited else "no record rule keeps them to their own"


def _severity(
    policy: Policy, label: str, modes: list[Mode], signs: list[tuple[Weight, str]], *, certain: bool
) -> Severity:
    if label == INTERNAL or not certain:
        return Severity.LOW
    base = _BASE[signs[0][0]]
    return min(Severity.HIGH, max(rated(base, policy, label, mode) for mode in modes))


def _fix(policy: Policy, right: AccessRight, label: str) -> str:
    if group_of(label) == PUBLIC:
        return (
            f"Take {right.xmlid} away from visitors, and let a controller work with the wizard in superuser "
            "mode: it knows which entry belongs to the session."
        )
    text = rule_xml(
        policy,
        right.origin.module,
        right.model,
        "[('create_uid', '=', user.id)]",
        group=None,
        about="own entries",
    )
    return text.replace("_rule_company", "_rule_own", 1)
