"""related-publishes: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.answers import Told, told, where
from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.readers import INSIDERS, known_as, readers
from ostiary.audit.asking.wording import audience_words, sentence
from ostiary.audit.fields.published import Published, published
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.openings import held_by
from ostiary.audit.weighing.private import GRAVITY, OF_THE_PERSON, Private, private_of
from ostiary.audit.weighing.sensitivity import PEOPLE
from ostiary.audit.weighing.severity import rated
from ostiary.policy.definitions import Field, Kind, Mode, Model
from ostiary.policy.policy import Policy
from ostiary.policy.rights import rights_on
from ostiary.policy.semantics import INTERNAL

_CONTACT = re.compile(r"(?:^|_)(?:email|phone|mobile|street2?|vat)(?:$|_)")
_OTHERS = frozenset({Limit.NONE, Limit.COMPANY})
_KEPT = frozenset({Limit.OWN, Limit.NOTHING})


@check(
    "related-publishes",
    "A related or computed field shows a value that is protected where it comes from",
    Severity.HIGH,
    references=("CWE-200", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("fields",),
)
def related_publishes(policy: Policy) -> Iterator[Finding]:
    """Looks for fields that copy a protected value to where more people read it.

    ## What it does

    Odoo reads the value of a related field as superuser (`related_sudo`), and computes stored fields as
    superuser too (`compute_sudo`). The check follows `related` and the paths of `@api.depends` to the field
    that the value comes from, and reports where share users, or all internal users, may read the new field,
    though they may not read the value itself:

    - its field has `groups` that they don't hold, and the new field does not;
    - or they have no access right to its model, and it holds pay, personal data, costs, an internal note or
      a secret;
    - or it is how to reach a person (email, phone, address) of whom record rules show them their own alone.

    Names are left out, since reading a many2one shows them anyway, as are related fields that take over the
    groups of their target, which Odoo does where they name none, and those with `related_sudo=False`. What
    a computed field makes of a value is not known, so that a finding about one is less certain.

    ## Why it is bad

    Access rights, record rules and groups protect the place where a value lives. A copy has only the
    protection of the model it was put on: a customer who may read their order reads the margin on it.

    ## Example

    ```python
    class Lesson(models.Model):
        _name = "school.lesson"

        teacher_id = fields.Many2one("hr.employee")
        # hourly_cost is for hr.group_hr_user; every teacher may read lessons
        cost = fields.Float(compute="_compute_cost", store=True)

        @api.depends("teacher_id.hourly_cost")
        def _compute_cost(self): ...
    ```

    ## Use instead

    ```python
        cost = fields.Float(compute="_compute_cost", store=True, groups="hr.group_hr_user")
    ```

    or, for a related field, `related_sudo=False`, without `store`.

    ## References

    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    - Odoo documentation: ORM API, Related fields; Computed Fields
    """
    for model in policy.models.values():
        if model.kind is not Kind.MODEL or not (concerned := readers(policy, model.name)):
            continue
        for field in model.fields.values():
            if not (field.related or field.depends) or field.inherited:
                continue
            found = [
                one
                for label, right in concerned.items()
                if not (in_context(policy, field.origin.module) and in_context(policy, right.origin.module))
                for one in _carried(policy, label, model, field)
            ]
            if found:
                yield from _finding(policy, model, field, found)


@dataclass(frozen=True, slots=True)
class _Carried:
    """A value that a field shows to an audience, and how grave that is."""

    answer: Told
    value: Published


def _carried(policy: Policy, label: str, model: Model, field: Field) -> Iterator[_Carried]:
    """The gravest of the protected values that a field shows to an audience."""
    found = [
        (severity, value)
        for value in published(policy, label, model, field)
        if (severity := _worth(policy, label, value)) is not None
    ]
    if not found:
        value = _of_a_person(policy, label, model, field)
        found = [(rated(Severity.MEDIUM, policy, label, Mode.READ), value)] if value else []
    if not found:
        return
    severity, value = max(found, key=lambda one: one[0])
    answer = told(policy, label, readers(policy, model.name)[label], model.name)
    if answer.limit is Limit.NOTHING or (
        answer.limit is Limit.OWN and not value.groups and _personal(policy, value)
    ):
        return
    if answer.limit is Limit.OWN and label == INSIDERS and _kind(policy, value) is None:
        return
    if answer.limit is Limit.OWN and _personal(policy, value):
        severity = min(severity, Severity.LOW)
    yield _Carried(answer.rated(answer.lowered(severity)), value)


def _kind(policy: Policy, value: Published) -> Private | None:
    return private_of(policy, policy.models[value.model], value.field)


def _personal(policy: Policy, value: Published) -> bool:
    return _kind(policy, value) in OF_THE_PERSON


def _worth(policy: Policy, label: str, value: Published) -> Severity | None:
    """How grave it is that an audience reads a value; None where it tells nothing that somebody would mind."""
    kind = _kind(policy, value)
    if kind is None and value.groups is None:
        return None
    base = Severity.MEDIUM if kind is None else GRAVITY[kind]
    found = rated(base, policy, label, Mode.READ)
    if label == INSIDERS:
        if kind is None and not value.copied:
            return None
        return Severity.MEDIUM if kind is not None and base > Severity.MEDIUM else Severity.LOW
    if not value.copied:
        return min(found, Severity.LOW if kind is None else Severity.MEDIUM)
    return found


def _of_a_person(policy: Policy, label: str, model: Model, field: Field) -> Published | None:
    """How to reach a person, on records of others, where the rules show the audience their own contact alone."""
    if label == INSIDERS or not field.related or not _CONTACT.search(field.name):
        return None
    for value in published(policy, label, model, field, limited=True):
        if value.model in PEOPLE and _CONTACT.search(value.field.name):
            known = known_as(label)
            if limit(policy, known, model.name, Mode.READ) in _OTHERS:
                return value if limit(policy, known, value.model, Mode.READ) in _KEPT else None
    return None


def _finding(policy: Policy, model: Model, field: Field, found: list[_Carried]) -> Iterator[Finding]:
    worst = max(found, key=lambda one: one.answer.severity)
    value, answer = worst.value, worst.answer
    labels = tuple(one.answer.label for one in found)
    mine = not in_context(policy, field.origin.module)
    how = "is related to" if value.copied else "is computed, as superuser, from"
    evidence = [
        Evidence(f"{field.name} of {model.name} {how} {value.path}", field.origin),
        Evidence(_protected(policy, answer.label, value), value.field.origin),
        *(step for one in found for step in one.answer.evidence(policy)),
    ]
    carries = "shows" if value.copied else "is worked out from"
    yield related_publishes.finding(
        at=field.origin if mine else answer.right.origin,
        subject=f"{model.name}.{field.name}",
        model=model.name,
        audience=labels,
        severity=answer.severity,
        confidence=answer.confidence if value.copied else min(answer.confidence, Confidence.MEDIUM),
        message=f"{sentence(audience_words(labels))} may read {field.name} "
        f"{where(policy, [one.answer for one in found])}, which {carries} "
        f"{value.field.name} of {value.model}: {_kept(value)}.",
        evidence=dict.fromkeys(evidence),
        fix=_fix(policy, model, field, value, mine=mine),
    )


def _protected(policy: Policy, label: str, value: Published) -> str:
    if value.groups:
        return f"{value.field.name} of {value.model} is for {value.groups}"
    if value.limited:
        return f"record rules show {audience_words((label,))} only their own records of {value.model}"
    return f"no access right lets {audience_words((label,))} read {value.model}"


def _kept(value: Published) -> str:
    if value.groups:
        return f"there it is for {value.groups} only"
    if value.limited:
        return "there they read their own alone"
    return "they have no access right to that model"


def _fix(policy: Policy, model: Model, field: Field, value: Published, *, mine: bool) -> str:
    groups = value.groups or ",".join(_readers_of(policy, value.model)) or "base.group_system"
    kind = "".join(part.capitalize() for part in field.type.split("_"))
    line = f'{field.name} = fields.{kind}({"..., " if mine else ""}groups="{groups}")'
    start = "Give it the same groups" if value.groups else "Give it groups"
    if value.groups is None and field.related and not field.store:
        return f"{start}, or related_sudo=False so that it is read with the user's own rights:\n{line}"
    return f"{start}{'' if mine else f', in a class that inherits {model.name}'}:\n{line}"


def _readers_of(policy: Policy, model: str) -> list[str]:
    """The groups of internal users that may read a model, in the fewest words."""
    groups = {right.group for right in rights_on(policy, model, Mode.READ) if right.group}
    return (
        [INTERNAL]
        if INTERNAL in groups
        else sorted(one for one in groups if INTERNAL in held_by(policy, one))
    )
