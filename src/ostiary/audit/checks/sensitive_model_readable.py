"""sensitive-model-readable: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import (
    Reach,
    held_through,
    in_context,
    is_transient,
    not_judged,
    reach,
    right_given,
    rule_said,
)
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import made_otherwise, place_of
from ostiary.audit.asking.proofs import confidence, isolation, obstacles
from ostiary.audit.asking.wording import at_most, model_words
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.audit.weighing.private_models import KEYS, STAFF_FILES, signs
from ostiary.audit.weighing.sensitivity import fields_of
from ostiary.audit.weighing.severity import rated
from ostiary.domain import truth
from ostiary.policy.definitions import AccessRight, Mode
from ostiary.policy.groups import closure
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread, rights_on
from ostiary.policy.semantics import INTERNAL

_SHOWN = 4
_WHICH = {
    Limit.NONE: "every record",
    Limit.COMPANY: "every record in their company",
    Limit.CONDITION: "other people's records",
    Limit.UNKNOWN: "records",
}


@check(
    "sensitive-model-readable",
    "Every internal user may read what is private to a few",
    Severity.HIGH,
    references=("CWE-359", "CWE-732", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rights",),
)
def sensitive_model_readable(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights that show every internal user private facts about people, or the keys of the database.

    ## What it does

    Takes every access right with `perm_read` whose group all internal users hold, and asks what the model
    holds: pay, bank details, identity papers, facts about health or private life, judged by its fields (those with
    `groups` left out), or the settings, keys and outgoing e-mail of the whole database. What record rules leave is
    proved: whoever only reaches their own file is in order. Settings and keys are high, private facts medium, and low
    where a condition limits them or where it can't be decided. A right is only reported where no other one gives
    internal users the same. What portal users and visitors read is reported by
    [share-model-without-rule](share-model-without-rule.md) and its like, a field that holds a password or a key by
    [secret-field-without-groups](secret-field-without-groups.md).

    ## Why it is bad

    `base.group_user` is everybody with a login at the office: the trainee, the shared account at the till, whoever
    got hold of one password. A menu that isn't shown to them hides nothing: any of them may read the model over RPC.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_clinic_patient,patient,model_clinic_patient,base.group_user,1,0,0,0
    ```

    where `clinic.patient` has a field `diagnosis`.

    ## Use instead

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_clinic_patient,patient,model_clinic_patient,clinic.group_physician,1,0,0,0
    ```

    or put the field itself out of reach:

    ```python
    diagnosis = fields.Text(groups="clinic.group_physician")
    ```

    ## References

    - CWE-359: Exposure of Private Personal Information to an Unauthorized Actor
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    inside = closure(policy, (INTERNAL,))
    for right in policy.rights:
        if right.group not in inside or Mode.READ not in right.modes or not right.active or right.uncertain:
            continue
        at = place_of(policy, right, (INTERNAL,), (Mode.READ,))
        if in_context(policy, at.module) or is_transient(policy, right.model):
            continue
        shown = signs(policy, right.model)
        if shown and not _given_otherwise(policy, right, inside):
            yield from _finding(policy, right, shown, at)


def _given_otherwise(policy: Policy, right: AccessRight, inside: frozenset[str]) -> bool:
    """Whether internal users read the model by another right too, one that came first: that one opened it."""
    for other in rights_on(policy, right.model, Mode.READ):
        if other is right:
            return False
        if other.group is None or other.group in inside:
            return True
    return False


def _finding(policy: Policy, right: AccessRight, shown: list[Evidence], at: Origin) -> Iterator[Finding]:
    model = right.model
    found = reach(policy, INTERNAL, model, Mode.READ)
    left = Limit.NONE if found.truth else limit(policy, INTERNAL, model, Mode.READ)
    if left not in _WHICH:
        return
    proof = isolation(policy, INTERNAL, model, Mode.READ) if truth(found.domain) is None else None
    evidence = [*held_through(policy, INTERNAL, right.group), right_given(right), *made_otherwise(right, at)]
    evidence += [
        *shown[:_SHOWN],
        *map(rule_said, found.rules),
        *not_judged(policy, model, found),
        *obstacles(proof),
    ]
    yield sensitive_model_readable.finding(
        at=at,
        subject=right.xmlid,
        model=model,
        audience=("internal",),
        severity=_severity(policy, model, found, left),
        confidence=Confidence.LOW if left is Limit.UNKNOWN else confidence(found, proof),
        proof=proof,
        message=f"Every internal user may read {_WHICH[left]} of {model_words(policy, model)}, which "
        f"{_holds(policy, model)}.",
        evidence=evidence,
        fix=_fix(policy, right),
    )


def _severity(policy: Policy, model: str, found: Reach, left: Limit) -> Severity:
    if left in (Limit.CONDITION, Limit.UNKNOWN):
        return Severity.LOW
    if model in KEYS:
        return found.lowered(Severity.HIGH)
    return found.lowered(rated(Severity.CRITICAL, policy, "internal", Mode.READ))


def _facts(policy: Policy, model: str) -> dict[str, list[str]]:
    """The private facts a model holds: what they are about, with the fields."""
    facts: dict[str, list[str]] = {}
    for field in fields_of(policy, model):
        what = None if field.groups or field.groups_unread else private_fact(field)
        if what is not None and field.name not in facts.setdefault(what, []):
            facts[what].append(field.name)
    return facts


def _holds(policy: Policy, model: str) -> str:
    known = KEYS.get(model)
    if known is None and model_unread(policy, model):
        known = STAFF_FILES.get(model)
    if known is not None:
        return known
    facts = _facts(policy, model)
    said = [f"{what} ({at_most(sorted(names), 2)})" for what, names in sorted(facts.items())]
    return f"holds private facts: {at_most(said)}"


def _fix(policy: Policy, right: AccessRight) -> str:
    names = sorted(name for found in _facts(policy, right.model).values() for name in found)
    away = f"Give {right.xmlid} to the group that works with these records instead of {right.group}"
    if right.model in KEYS or not names:
        return f"{away}."
    return f"{away}, or name that group in the groups of {at_most(names)}."
