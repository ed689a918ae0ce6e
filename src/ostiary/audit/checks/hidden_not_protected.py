"""hidden-not-protected: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.answers import Told, told, where
from ostiary.audit.asking.facts import has_records, in_context, is_transient
from ostiary.audit.asking.limits import Limit
from ostiary.audit.asking.readers import INSIDERS, readers
from ostiary.audit.asking.wording import audience_words, enumerated, model_words, sentence
from ostiary.audit.fields.hiding import Hidden, hidden_fields, hidden_menus, kept_from
from ostiary.audit.fields.published import published
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.private import GRAVITY, OF_THE_PERSON, Private, private_model, private_of
from ostiary.audit.weighing.severity import rated
from ostiary.policy.definitions import Field, Mode, Model
from ostiary.policy.fields import field_groups
from ostiary.policy.policy import Policy


@check(
    "hidden-not-protected",
    "A view or menu hides what its users can read all the same",
    Severity.HIGH,
    references=("CWE-602", "CWE-200", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("fields", "views"),
)
def hidden_not_protected(policy: Policy) -> Iterator[Finding]:
    """Looks for private values that only a view, or only a menu, keeps from users who may read them.

    ## What it does

    Takes the elements and views with `groups`, as extensions change them, and looks for fields that are
    shown to some groups everywhere they are shown, though the field itself names no groups. A field is
    reported where share users or all internal users have an access right to read the model, and where its
    name and type say that it holds pay, personal data, costs and margins, or an internal note. In the same
    way it reports a model of such data that all internal users may read, and whose menus are all for a few
    groups.

    Hiding for convenience is no intent to protect, and stays silent: groups of features that a setting
    switches on (units of measure, several companies or currencies), developer mode, and all fields that
    tell nothing private. So does a field that another view of the model shows to the same users, and what
    users read of their own records about themselves. Buttons are left out, since only their Python says
    whom they obey.

    ## Why it is bad

    `groups` in a view takes the element out of the page. It takes nothing out of `read`, `search_read` or
    an export: whoever may read the record gets the value over RPC with their own login, portal users
    included.

    ## Example

    ```xml
    <field name="margin" groups="rental.group_manager"/>
    ```

    where portal users may read their contracts, and `margin` is a plain field of the contract.

    ## Use instead

    ```python
    margin = fields.Monetary(groups="rental.group_manager")
    ```

    The view then needs no groups: Odoo leaves the field out for everybody else, in each view, export and
    RPC call.

    ## References

    - CWE-602: Client-Side Enforcement of Server-Side Security
    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - OWASP Top 10 2021, A01: Broken Access Control
    - Odoo documentation: Security in Odoo, Field Access
    """
    for (name, field_name), places in hidden_fields(policy).items():
        model = policy.models[name]
        field = model.fields[field_name]
        if _unguarded(policy, model, field):
            yield from _of_field(policy, model, field, places)
    for model in policy.models.values():
        if has_records(policy, model.name) and not is_transient(policy, model.name):
            yield from _of_menus(policy, model)


def _unguarded(policy: Policy, model: Model, field: Field) -> bool:
    if not has_records(policy, model.name) or is_transient(policy, model.name):
        return False
    if private_of(policy, model, field) in (None, Private.KEY):
        return False  # secret-field-without-groups reports secrets, hidden or not
    guard = field_groups(policy, model.name, field.name)
    return guard.known and not guard.spec


def _of_field(policy: Policy, model: Model, field: Field, places: tuple[Hidden, ...]) -> Iterator[Finding]:
    kind = private_of(policy, model, field)
    mine = not in_context(policy, field.origin.module)
    kept: dict[str, tuple[Hidden, ...]] = {}
    answers: list[Told] = []
    for label, right in readers(policy, model.name).items():
        by = kept_from(policy, label, places)
        if not by or kind is None or any(one.groups for one in published(policy, label, model, field)):
            continue  # what it carries of a protected value, related-publishes reports
        at = [field.origin, right.origin, *(one.origin for one in by)]
        if all(in_context(policy, origin.module) for origin in at):
            continue
        answer = told(policy, label, right, model.name)
        severity = _severity(policy, model, kind, answer)
        if severity is not None:
            kept[label] = by
            answers.append(answer.rated(severity))
    if not answers or kind is None:
        return
    worst = max(answers, key=lambda one: one.severity)
    labels = tuple(one.label for one in answers)
    hide = _nearest(policy, kept[worst.label])
    groups = enumerated(sorted({one.groups for one in kept[worst.label]}), "or")
    evidence = [
        *(
            Evidence(f"{_shown(one)} shows {field.name} to {one.groups} only", one.origin)
            for one in kept[worst.label][:4]
        ),
        Evidence(
            f"the field {field.name} of {model.name}, {kind.value} by its name, names no groups", field.origin
        ),
        *(step for one in answers for step in one.evidence(policy)),
    ]
    yield hidden_not_protected.finding(
        at=field.origin if mine else hide.origin,
        subject=f"{model.name}.{field.name}",
        model=model.name,
        audience=labels,
        severity=worst.severity,
        confidence=worst.confidence,
        message=f"{sentence(audience_words(labels))} may read {field.name} {where(policy, answers)} over RPC: only "
        f"views keep it for {groups}, and the field itself names no groups.",
        evidence=dict.fromkeys(evidence),
        fix=_fix(model, field, kept[worst.label], mine=mine),
    )


def _severity(policy: Policy, model: Model, kind: Private, answer: Told) -> Severity | None:
    if answer.limit is Limit.NOTHING:
        return None
    if answer.limit is Limit.OWN and (answer.label == INSIDERS or kind in OF_THE_PERSON):
        return None
    found = rated(GRAVITY[kind], policy, answer.label, Mode.READ)
    if answer.label == INSIDERS:
        found = max(found, Severity.MEDIUM if kind in OF_THE_PERSON else Severity.LOW)
    return answer.lowered(found)


def _nearest(policy: Policy, places: tuple[Hidden, ...]) -> Hidden:
    """The first place in a module that is audited."""
    return next((one for one in places if not in_context(policy, one.origin.module)), places[0])


def _shown(place: Hidden) -> str:
    return f"view {place.view}" if place.element == "view" else f"<{place.element}> in {place.view}"


def _fix(model: Model, field: Field, places: tuple[Hidden, ...], *, mine: bool) -> str:
    groups = ",".join(dict.fromkeys(one.groups for one in places))
    kind = "".join(part.capitalize() for part in field.type.split("_"))
    line = f'{field.name} = fields.{kind}({"..., " if mine else ""}groups="{groups}")'
    where = (
        "Put the groups on the field"
        if mine
        else f"Put the groups on the field, in a class that inherits {model.name}"
    )
    return f"{where}:\n{line}\nCode that needs the value for other users reads it with sudo()."


def _of_menus(policy: Policy, model: Model) -> Iterator[Finding]:
    """A model of private data that all internal users may read, where all menus to it are for a few groups."""
    right = readers(policy, model.name).get(INSIDERS)
    if right is None or in_context(policy, right.origin.module):
        return
    menus = hidden_menus(policy, INSIDERS, model.name)
    why = private_model(policy, model) if menus else None
    if why is None:
        return
    answer = told(policy, INSIDERS, right, model.name)
    if answer.limit not in (Limit.NONE, Limit.COMPANY, Limit.UNKNOWN):
        return
    groups = enumerated(sorted({group for _, kept in menus for group in kept}))
    yield hidden_not_protected.finding(
        at=right.origin,
        subject=right.xmlid,
        model=model.name,
        audience=(INSIDERS,),
        severity=answer.lowered(Severity.MEDIUM),
        confidence=answer.confidence,
        message=f"Internal users may read records of {model_words(policy, model.name)} over RPC: only its menus keep "
        f"them for {groups}, and a menu protects nothing.",
        evidence=[
            *(
                Evidence(f"menu {menu.name} ({menu.xmlid}) is for {enumerated(kept)}", menu.origin)
                for menu, kept in menus[:4]
            ),
            Evidence(f"{model.name} is private: {why}", model.origin),
            *answer.evidence(policy),
        ],
        fix=f"Give the right {right.xmlid} to {groups} in place of {right.group}, or limit with a record rule which "
        "records everybody else reads.",
        key=("menus",),
    )
