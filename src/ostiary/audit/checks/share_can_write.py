"""share-can-write: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.facts import (
    audited,
    group_of,
    held,
    held_through,
    is_transient,
    no_rule,
    not_judged,
    reach,
    right_given,
    rights_for_shares,
    rule_said,
    weight,
)
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.limits import Limit, limit
from ostiary.audit.proofs import confidence, isolation, obstacles
from ostiary.audit.registry import check
from ostiary.audit.rules_to_write import how_to_limit, nothing_to_limit_by
from ostiary.audit.sensitivity import PRIVILEGES, Weight
from ostiary.audit.wording import audience_words, columns, model_words, sentence, verbs
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC

_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)
_WRITING = (Mode.WRITE, Mode.CREATE, Mode.UNLINK)
_WORST_FIRST = (Limit.NONE, Limit.COMPANY, Limit.CONDITION, Limit.UNKNOWN)
_PRIVILEGED = {
    Limit.NONE: Severity.CRITICAL,
    Limit.COMPANY: Severity.CRITICAL,
    Limit.CONDITION: Severity.HIGH,
}
_WHICH = {Limit.NONE: "any record", Limit.COMPANY: "any record", Limit.CONDITION: "other people's records"}


@check(
    "share-can-write",
    "Portal users or visitors may change records that are not theirs",
    Severity.CRITICAL,
    references=("CWE-732", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rights", "rules"),
)
def share_can_write(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights that let people who are not internal users change records.

    ## What it does

    Takes every access right with `perm_write`, `perm_create` or `perm_unlink` whose group share users hold, directly or
    through implied groups, and asks what the record rules leave for exactly those modes. Rights whose records are
    tied to the user by a rule are in order and not reported. How grave the rest is depends on what limits it (nothing,
    the company, a condition), which is proved, on what the model holds, and on whether it is a wizard; models that
    decide what users may do or that run code (users, groups, rights, rules, server actions, settings) are the gravest.
    What the model's own `write` or `create` refuses in Python is not judged; overrides of the methods that check
    access make a finding one step less grave, with low confidence.

    ## Why it is bad

    Portal users can call `write`, `create` and `unlink` over RPC, without any page or form that offers it.
    Only access rights and record rules stand between them and every record of the model.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer_portal,offer portal,model_estate_offer,base.group_portal,1,1,1,0
    ```

    with no record rule on `estate.offer` for the portal.

    ## Use instead

    Give read alone and let a controller do the change after its own checks, or limit the mode:

    ```xml
    <record id="estate_offer_rule_portal" model="ir.rule">
        <field name="name">Offer: own offers for the portal</field>
        <field name="model_id" ref="model_estate_offer"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    ```

    ## References

    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for right, audience in rights_for_shares(policy):
        modes = [mode for mode in _WRITING if mode in right.modes]
        if audience.everyone or not modes or not audited(policy, right.model):
            continue
        for label in audience.labels:
            by_limit: dict[Limit, list[Mode]] = {}
            for mode in modes:
                by_limit.setdefault(limit(policy, label, right.model, mode), []).append(mode)
            worst = next((sort for sort in _WORST_FIRST if sort in by_limit), None)
            if worst is not None:
                yield _finding(policy, right, label, worst, by_limit[worst])


def _finding(policy: Policy, right: AccessRight, label: str, sort: Limit, modes: list[Mode]) -> Finding:
    model = right.model
    found = reach(policy, label, model, modes[0])
    proof = isolation(policy, label, model, modes[0]) if weight(policy, model) in _ABOUT_SOMEBODY else None
    evidence = [*held_through(policy, label, right.group), right_given(right)]
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, label, model, modes[0])]
    about = held(policy, model)
    if model in PRIVILEGES:
        evidence.append(Evidence(f"{model} {PRIVILEGES[model]}"))
    elif about.shown:
        evidence.append(Evidence(f"{model} {about}"))
    evidence += [*not_judged(policy, model, found), *obstacles(proof)]
    which = "records" if modes == [Mode.CREATE] else _WHICH.get(sort, "records")
    where = " in their company" if sort is Limit.COMPANY else ""
    return share_can_write.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model,
        audience=(label,),
        severity=found.lowered(_severity(policy, model, sort, modes)),
        confidence=Confidence.LOW if sort is Limit.UNKNOWN else confidence(found, proof),
        proof=proof,
        message=f"{sentence(audience_words((label,)))} may {verbs(modes)} {which} of "
        f"{model_words(policy, model)}{where}: {_because(sort, modes)}.",
        evidence=evidence,
        fix=_fix(policy, right, label, modes),
    )


def _fix(policy: Policy, right: AccessRight, label: str, modes: list[Mode]) -> str:
    away = f"Set {columns(modes)} to 0 in {right.xmlid}"
    if group_of(label) == PUBLIC and nothing_to_limit_by(policy, right.model, label):
        return f"{away}: visitors have no records of their own that a rule could tell apart."
    return f"{away}, or limit the records:\n{how_to_limit(policy, right.origin.module, right.model, label)}"


def _because(sort: Limit, modes: list[Mode]) -> str:
    whom = "this mode" if len(modes) == 1 else "these modes"
    return {
        Limit.NONE: f"no record rule limits {whom}",
        Limit.COMPANY: "the record rules compare companies only",
        Limit.CONDITION: "the record rules let some through whoever asks",
    }.get(sort, "what a record rule lets through is decided in Python, or could not be read")


def _severity(policy: Policy, model: str, sort: Limit, modes: list[Mode]) -> Severity:
    if is_transient(policy, model):
        return Severity.INFO if modes == [Mode.CREATE] else Severity.LOW
    if model in PRIVILEGES:
        return _PRIVILEGED.get(sort, Severity.MEDIUM)
    if sort is Limit.UNKNOWN or (modes == [Mode.CREATE] and sort is Limit.CONDITION):
        return Severity.LOW
    if modes == [Mode.CREATE] or sort is Limit.CONDITION:
        return Severity.MEDIUM
    personal = weight(policy, model) is Weight.PERSONAL
    return Severity.CRITICAL if personal and sort is Limit.NONE else Severity.HIGH
