"""superuser-record-walked-in-template: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import weight
from ostiary.audit.code.join import Join, Standing, join
from ostiary.audit.code.pages import (
    OUT,
    Visit,
    actor_of,
    narrowed,
    own,
    place,
    searched,
    shown_to,
    steps,
    tied_to_user,
    value_of,
    visits,
)
from ostiary.audit.code.telling import Telling, telling
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Actor, Shown
from ostiary.policy.definitions import Field, Mode
from ostiary.policy.fields import find_field
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

_MANY = frozenset({"one2many", "many2many"})
_KEPT = frozenset({Standing.NOTHING, Standing.OWN})
_NAMES = frozenset({"name", "display_name", "complete_name", "sequence", "color", "avatar_128", "image_128"})
_FAMILY = frozenset({"res.partner", "res.users"})


@check(
    "superuser-record-walked-in-template",
    "A page goes from a superuser record to other people's records",
    Severity.HIGH,
    references=("CWE-639", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.2.1"),
    tags=("code", "pages"),
)
def superuser_record_walked_in_template(policy: Policy) -> Iterator[Finding]:
    """Looks for pages that follow relations of a superuser record to records that the reader may not see.

    ## What it does

    `_document_check_access` says that the caller may see one record, and returns it as superuser. Whatever the
    template reaches from there is read as superuser too. The check follows the relations and reports:

    - a list of records behind a many2one: from the order to its customer, and from there to all contacts, orders or
      tasks of that customer, or of the project or the product. They are not part of the document that was checked;
    - records that the page looks for by itself as superuser (`request.env[...].sudo().search(...)`),

    where the rights and record rules would not show the readers those records (each finding says what is proved), and
    what is shown says more than a name. Lines of the document itself, the one record behind a many2one, and
    reference data such as tags are not reported.

    ## Why it is bad

    Nobody decided that the customer may see those records: the check was of one document, and the template goes on from
    there with no check at all.

    ## Example

    ```xml
    <!-- lesson_sudo comes from _document_check_access: the lesson is the pupil's, the others of the class are not -->
    <t t-foreach="lesson_sudo.class_id.pupil_ids" t-as="pupil">
        <li><t t-out="pupil.name"/>: <t t-out="pupil.email"/></li>
    </t>
    ```

    ## Use instead

    ```xml
    <t t-foreach="pupils" t-as="pupil">
    ```

    with records that the controller looked for as the user:

    ```python
    pupils = request.env["school.pupil"].search([("class_id", "=", lesson_sudo.class_id.id)])
    ```

    ## References

    - CWE-639: Authorization Bypass Through User-Controlled Key
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    worst: dict[tuple[Origin, str], _Case] = {}
    for visit in visits(policy):
        for shown in visit.page.shown:
            case = _case(policy, visit, shown) if shown.as_ in OUT else None
            if case is None:
                continue
            key = (case.at, case.target)
            if key not in worst or case.rank > worst[key].rank:
                worst[key] = case
    merged: dict[tuple[str, str, str], _Case] = {}
    for case in worst.values():
        merged.setdefault((case.visit.page.template, case.link, case.target), case)
    for case in merged.values():
        yield _finding(policy, case)


@dataclass(frozen=True, slots=True)
class _Case:
    """One way to the records of others: `link` is the relation that leads to them, `by_search` that the page looks for
    them itself. `said` is what the definitions leave the readers of them."""

    visit: Visit
    shown: Shown
    target: str
    link: str
    left: str
    by_search: bool
    said: Join
    at: Origin
    severity: Severity
    confidence: Confidence

    @property
    def rank(self) -> tuple[int, int]:
        return (self.severity.rank, self.confidence.rank)


def _case(policy: Policy, visit: Visit, shown: Shown) -> _Case | None:
    if own(shown) or actor_of(visit.page, shown) is not Actor.SUPERUSER:
        return None
    if not shown_to(policy, visit.label, shown.groups) or tied_to_user(shown):
        return None
    found = _others(policy, visit, shown)
    at = place(policy, visit, shown.origin)
    if found is None or at is None:
        return None
    target, link, left = found
    if weight(policy, target) < Weight.BUSINESS or _slight(policy, shown):
        return None
    # Whoever opens a page by its link is a customer too: what counts is what they could see with a login.
    said = join(policy, "portal", target, Mode.READ)
    if said.standing not in (*_KEPT, Standing.UNDECIDED):
        return None
    return _Case(
        visit,
        shown,
        target,
        link,
        left,
        bool(searched(shown)),
        said,
        at,
        _severity(policy, target, left, shown),
        _confidence(visit, shown, said),
    )


def _others(policy: Policy, visit: Visit, shown: Shown) -> tuple[str, str, str] | None:
    """The model of records that don't belong to the document, the relation that leads to them, and the model that has
    it; None where a path stays with the document."""
    path = steps(policy, shown)
    if not path:
        return None
    if model := searched(shown):
        return (model, f"env['{model}']", "") if ".search(" in shown.path else None
    if value_of(visit.page, shown) is None:
        return None
    away = False
    for at, (model, field) in enumerate(path[:-1]):
        if away and field.type in _MANY and field.comodel and not _back(path[:at], field):
            return field.comodel, field.name, model
        away = away or field.type == "many2one"
    return None


def _back(path: list[tuple[str, Field]], field: Field) -> bool:
    """Whether a list leads back to where its many2one came from: to the other lines of the same document."""
    if not path or field.type != "one2many":
        return False
    model, link = path[-1]
    return (field.comodel, field.inverse) == (model, link.name) and link.ondelete == "cascade"


def _slight(policy: Policy, shown: Shown) -> bool:
    """Whether nothing is told but that a record is there, or what it is called."""
    if shown.field in _NAMES:
        return True
    field = find_field(policy, shown.model, shown.field)
    if field is not None and private_fact(field):
        return False
    return telling(policy, shown.model, (shown.field,)) <= Telling.SLIGHT


def _severity(policy: Policy, target: str, left: str, shown: Shown) -> Severity:
    """What tells of a person is graver than what the company does, and the contacts of the same customer less."""
    if target in _FAMILY and left in _FAMILY:
        return Severity.LOW
    if weight(policy, target) is not Weight.PERSONAL:
        return Severity.LOW
    field = find_field(policy, shown.model, shown.field)
    return Severity.HIGH if field is not None and private_fact(field) else Severity.MEDIUM


def _confidence(visit: Visit, shown: Shown, said: Join) -> Confidence:
    if said.standing is Standing.UNDECIDED or narrowed(shown):
        return Confidence.LOW
    return min(said.confidence, Confidence.HIGH if visit.known else Confidence.MEDIUM)


def _finding(policy: Policy, case: _Case) -> Finding:
    shown, visit = case.shown, case.visit
    value = value_of(visit.page, shown)
    start = f"{shown.root} ({value.model}), a superuser record," if value else shown.root
    way = (
        f"looks for records of {case.target} as superuser"
        if case.by_search
        else f"goes from {start} to {case.link} of {case.left}, and so to records of {case.target}"
    )
    return superuser_record_walked_in_template.finding(
        at=case.at,
        subject=f"{visit.page.template}:{case.link}",
        model=case.target,
        audience=visit.audience,
        severity=case.severity,
        confidence=case.confidence,
        message=f"The page {visit.page.template} {way} that nothing says its reader may see: {case.said.said}.",
        evidence=[
            Evidence(f"{shown.path} is put out in {visit.page.template}", shown.origin),
            *visit.evidence(),
            *case.said.evidence,
        ],
        fix=_fix(case),
        proof=case.said.proof,
    )


def _fix(case: _Case) -> str:
    what = (
        "Look for the records in the controller, as the user"
        if case.by_search
        else "Give the page the records that its reader may see, looked for in the controller as the user"
    )
    return f'{what}, and leave sudo() out:\nrecords = request.env["{case.target}"].search([...])'
