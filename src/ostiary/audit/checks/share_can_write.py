"""share-can-write: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
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
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import made_otherwise, place_of
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.rules_to_write import how_to_limit, nothing_to_limit_by
from ostiary.audit.asking.wording import audience_words, columns, enumerated, model_words, sentence, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.misplaced import lacking_rules
from ostiary.audit.rules.strangers import told_by_attribute
from ostiary.audit.rules.visitors import only_of_the_visitor
from ostiary.audit.weighing.sensitivity import PRIVILEGES, Weight
from ostiary.audit.weighing.severity import one_less, severity
from ostiary.domain import to_english, truth
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread, summary_of
from ostiary.policy.semantics import PUBLIC
from ostiary.prove import Proof

_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)
_LONGEST = 160
_WRITING = (Mode.WRITE, Mode.CREATE, Mode.UNLINK)
_WORST_FIRST = (Limit.NONE, Limit.COMPANY, Limit.CONDITION, Limit.UNKNOWN)
_PRIVILEGED = {
    Limit.NONE: Severity.CRITICAL,
    Limit.COMPANY: Severity.CRITICAL,
    Limit.CONDITION: Severity.HIGH,
}
_ONE_USER = "these are of the one user that all visitors are, so that each changes what any other made"
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
    the company, a condition), which is proved, and on what the model holds; models that
    decide what users may do or that run code (users, groups, rights, rules, server actions, settings) are the gravest.
    Wizards are reported by [shared-wizard](shared-wizard.md).
    What the model's own `write` or `create` refuses in Python is not judged; overrides of the methods that check
    access make a finding one step less grave, with low confidence.

    ## Why it is bad

    Portal users can call `write`, `create` and `unlink` over RPC, without any page or form that offers it.
    Only access rights and record rules stand between them and every record of the model. Visitors can't log in to RPC:
    for them it takes a page or route that writes without `sudo()`, and such a right lets every one of these through.

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
        if is_transient(policy, right.model):
            continue  # shared-wizard says it
        for label in audience.labels:
            by_limit: dict[Limit, list[Mode]] = {}
            for mode in modes:
                sort = limit(policy, label, right.model, mode)
                if sort is not Limit.CONDITION or not told_by_attribute(policy, label, right.model, mode):
                    by_limit.setdefault(sort, []).append(mode)
            worst = next((sort for sort in _WORST_FIRST if sort in by_limit), None)
            if worst is not None:
                yield _finding(policy, right, label, worst, by_limit[worst])


def _finding(policy: Policy, right: AccessRight, label: str, sort: Limit, modes: list[Mode]) -> Finding:
    model = right.model
    found = reach(policy, label, model, modes[0])
    proof = isolation(policy, label, model, modes[0]) if weight(policy, model) in _ABOUT_SOMEBODY else None
    at = place_of(policy, right, (label,), modes)
    evidence = [*held_through(policy, label, right.group), right_given(right), *made_otherwise(right, at)]
    evidence += [rule_said(rule) for rule in found.rules] or [no_rule(policy, label, model, modes[0])]
    evidence += lacking_rules(policy, label, model, modes[0])
    about = held(policy, model)
    if model in PRIVILEGES:
        evidence.append(Evidence(f"{model} {PRIVILEGES[model]}"))
    elif about.shown:
        evidence.append(Evidence(f"{model} {about}"))
    guards = _guards(policy, model, modes)
    evidence += guards
    if not guards and _code_unread(policy, model):
        methods = enumerated([mode.value for mode in modes], "or")
        evidence.append(Evidence(f"what {methods} of {model} may refuse in Python was not read"))
    evidence += [*not_judged(policy, model, found), *obstacles(proof)]
    shared = sort is Limit.CONDITION and all(only_of_the_visitor(policy, label, model, one) for one in modes)
    unread = about.weight is Weight.UNKNOWN
    gravest = found.lowered(_severity(policy, label, model, sort, modes))
    surest = Confidence.MEDIUM if guards else Confidence.HIGH
    any_of = shared or unread or modes == [Mode.CREATE]
    which = "records" if any_of else _WHICH.get(sort, "records")
    where = " in their company" if sort is Limit.COMPANY else ""
    if sort is Limit.CONDITION and not shared:
        where = _where(isolation(policy, label, model, modes[0]))
    return share_can_write.finding(
        at=at,
        subject=right.xmlid,
        model=model,
        audience=(label,),
        severity=Severity.LOW if shared else one_less(gravest) if len(guards) == len(modes) else gravest,
        confidence=Confidence.LOW if sort is Limit.UNKNOWN else min(confidence(found, proof), surest),
        proof=proof,
        extent=[mode.value for mode in modes],
        message=f"{sentence(audience_words((label,)))} may {verbs(modes)} {which} of "
        f"{model_words(policy, model)}{where}: {_ONE_USER if shared else _because(sort, modes, unread)}.",
        evidence=evidence,
        fix=_fix(policy, right, label, modes, at.module),
    )


def _where(proof: Proof) -> str:
    """Which records pass the rules whoever asks, where a condition says so."""
    if proof.condition is None or truth(proof.condition.domain) is True:
        return ""
    text = to_english(proof.condition.domain)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1].rstrip(' ,')}…"
    return f" where {text}"


def _guards(policy: Policy, model: str, modes: list[Mode]) -> list[Evidence]:
    """The model's own methods that may refuse one of these modes in Python."""
    known = policy.models.get(model)
    return [
        Evidence(f"{model} has a {mode.value} of its own, which may refuse this; it is not judged", place)
        for mode in modes
        if known is not None and (place := known.guards.get(mode.value)) is not None
    ]


def _code_unread(policy: Policy, model: str) -> bool:
    """Whether the model's own Python is not known: it may refuse what rights and rules give."""
    known = policy.models.get(model)
    return (
        model_unread(policy, model)
        or summary_of(policy, model) is not None
        or (known is not None and known.code_unread)
    )


def _fix(policy: Policy, right: AccessRight, label: str, modes: list[Mode], module: str) -> str:
    away = f"Set {columns(modes)} to 0 in {right.xmlid}"
    if group_of(label) == PUBLIC and nothing_to_limit_by(policy, right.model, label):
        return f"{away}: visitors have no records of their own that a rule could tell apart."
    return f"{away}, or limit the records:\n{how_to_limit(policy, module, right.model, label, modes)}"


def _because(sort: Limit, modes: list[Mode], unread: bool) -> str:
    whom = "this mode" if len(modes) == 1 else "these modes"
    none = f"no record rule limits {whom}"
    if unread:
        none = f"no rule that was read limits {whom}; the module that defines the model was not read and may have one"
    return {
        Limit.NONE: none,
        Limit.COMPANY: "the record rules compare companies only",
        Limit.CONDITION: "the record rules let some through whoever asks",
    }.get(sort, "what a record rule lets through is decided in Python, or could not be read")


def _severity(policy: Policy, label: str, model: str, sort: Limit, modes: list[Mode]) -> Severity:
    """What the audience and the records make of it; at least high where any record may be spoilt, and at most medium
    where records are only created, or only some may be changed."""
    if model in PRIVILEGES:
        return _PRIVILEGED.get(sort, Severity.MEDIUM)
    if sort is Limit.UNKNOWN or (modes == [Mode.CREATE] and sort is Limit.CONDITION):
        return Severity.LOW
    gravest = severity(policy, label, model, modes[0])
    if modes == [Mode.CREATE]:
        return min(gravest, Severity.MEDIUM)
    if sort is Limit.CONDITION:
        return Severity.MEDIUM
    return max(gravest, Severity.HIGH) if sort is Limit.NONE else Severity.HIGH
