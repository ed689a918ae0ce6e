"""internal-field-on-portal-page: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.code.insiders import Meant, meant_for_insiders
from ostiary.audit.code.pages import OUT, Visit, actor_of, narrowed, own, place, shown_to, value_of, visits
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.severity import one_less
from ostiary.policy.code import Actor, Choice, GuardKind, Shown
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

_MESSAGE = "mail.message"
_CONTENT = frozenset({"body", "preview", "description", "subject", "record_name"})
# What tells the notes of employees from what was written to the customer.
_TELLS_APART = frozenset({"is_internal", "subtype_id", "internal", "message_type"})
_MOST_PLACES = 5
_PUBLIC_MESSAGES = frozenset({"website_message_ids"})


@check(
    "internal-field-on-portal-page",
    "A page for portal users shows a field that is meant for employees",
    Severity.HIGH,
    references=("CWE-200", "CWE-863", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("code", "pages"),
)
def internal_field_on_portal_page(policy: Policy) -> Iterator[Finding]:
    """Looks for pages that show portal users or visitors what the company keeps for itself.

    ## What it does

    Follows the values that a route gives to a page through its template, inherited views and called templates
    included, and reports fields that are put out there, though they are meant for employees:

    - fields whose `groups` portal users lack, read through a superuser record, as `_document_check_access` returns:
      nobody holds the superuser to them;
    - keys and passwords, costs and margins, internal notes, by their names, labels and what views say of them, unless
      customers write them by themselves;
    - the whole discussion of a record (`message_ids`), with the notes that employees log for each other, read through a
      superuser record;
    - as a note, fields that all views of the backend keep even from employees who may read the model, and fields with
      groups of what is about nobody (what is sold, settings).

    Elements with `groups`, and those behind a test such as `request.env.user.has_group(...)`, count only if portal
    users pass.

    ## Why it is bad

    Access rights and field groups don't hold for a superuser record: the template is then the last place that decides
    what a customer sees, and nobody takes a template for a place of access control.

    ## Example

    ```xml
    <!-- rental_sudo comes from _document_check_access -->
    <tr><td>Our margin</td><td t-field="rental_sudo.margin"/></tr>
    <p t-field="rental_sudo.partner_id.comment"/>
    ```

    ## Use instead

    ```xml
    <tr groups="base.group_user"><td>Our margin</td><td t-field="rental_sudo.margin"/></tr>
    ```

    or leave the field out of the page.

    ## References

    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - CWE-863: Incorrect Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    worst: dict[tuple[str, str, str], _Case] = {}
    places: dict[tuple[str, str, str], dict[Origin, None]] = {}
    for visit in visits(policy):
        for shown in visit.page.shown:
            case = _case(policy, visit, shown) if shown.as_ in OUT else None
            if case is None:
                continue
            key = (case.at.path, shown.model, shown.field)
            places.setdefault(key, {})[case.at] = None
            if key not in worst or case.rank > worst[key].rank:
                worst[key] = case
    for key, case in worst.items():
        yield _finding(case, [one for one in places[key] if one != case.at])


@dataclass(frozen=True, slots=True)
class _Case:
    visit: Visit
    shown: Shown
    meant: Meant
    actor: Actor
    at: Origin
    severity: Severity
    confidence: Confidence

    @property
    def rank(self) -> tuple[int, int, bool]:
        return (self.severity.rank, self.confidence.rank, self.visit.label == "public")


def _case(policy: Policy, visit: Visit, shown: Shown) -> _Case | None:
    at = place(policy, visit, shown.origin)
    if at is None or not shown_to(policy, visit.label, shown.groups):
        return None
    actor = actor_of(visit.page, shown)
    meant = _discussion(policy, visit, shown) if shown.model == _MESSAGE else None
    meant = meant or meant_for_insiders(policy, visit.label, shown.model, shown.field)
    if meant is None or (own(shown) and not meant.groups and actor is Actor.CALLER):
        return None
    if actor is not Actor.SUPERUSER and (meant.groups or meant.grave >= Severity.HIGH or not meant.sure):
        # Odoo refuses the field, or it is open to them everywhere, which is another finding.
        return None
    if meant.personal and _their_own(visit, shown):
        return None
    severity = meant.grave if actor is Actor.SUPERUSER else one_less(meant.grave)
    sure = meant.sure and visit.known and not narrowed(shown)
    return _Case(visit, shown, meant, actor, at, severity, Confidence.HIGH if sure else Confidence.MEDIUM)


def _their_own(visit: Visit, shown: Shown) -> bool:
    """Whether the record that a field is on is the reader's own, which tells them nothing of others."""
    value = value_of(visit.page, shown)
    if value is None or shown.through:
        return own(shown)
    return value.choice is Choice.OWN or any(guard.kind is GuardKind.OWNER for guard in value.guards)


def _discussion(policy: Policy, visit: Visit, shown: Shown) -> Meant | None:
    """The messages of a record, all of them: as superuser, the notes that employees log are among them."""
    steps = shown.path.split(".")
    if shown.field not in _CONTENT or "message_ids" not in steps or not _PUBLIC_MESSAGES.isdisjoint(steps):
        return None
    if narrowed(shown) or actor_of(visit.page, shown) is not Actor.SUPERUSER:
        return None
    if any(
        one.model in (_MESSAGE, "mail.message.subtype")
        and one.field in _TELLS_APART
        and one.as_ == "condition"
        for one in visit.page.shown
    ):
        return None
    said = (
        "message_ids holds the notes that employees log too, which Odoo keeps from portal users (is_internal)"
    )
    return Meant("holds the notes that employees log, too", Severity.MEDIUM, True, Evidence(said))


def _finding(case: _Case, elsewhere: list[Origin]) -> Finding:
    shown, visit, meant = case.shown, case.visit, case.meant
    by_superuser = case.actor is Actor.SUPERUSER
    through = "through a superuser record" if by_superuser else "as the user"
    evidence = [
        Evidence(f"{shown.path} is put out ({shown.as_}) in {visit.page.template}", shown.origin),
        meant.because,
        Evidence(
            f"it is read {through}{': groups of fields and record rules do not count' if by_superuser else ''}"
        ),
        *visit.evidence(),
        *(Evidence("it is put out here too", one) for one in elsewhere[:_MOST_PLACES]),
    ]
    return internal_field_on_portal_page.finding(
        at=case.at,
        subject=f"{visit.page.template}:{shown.model}.{shown.field}",
        model=shown.model,
        audience=visit.audience,
        severity=case.severity,
        confidence=case.confidence,
        message=f"{visit.who(shown)} see {shown.field} of {shown.model} on the page {visit.page.template}, {through}: "
        f"it {meant.what}.",
        evidence=evidence,
        fix=_fix(shown, meant),
    )


def _fix(shown: Shown, meant: Meant) -> str:
    if shown.model == _MESSAGE:
        return (
            "Show website_message_ids, or use the portal's own discussion, which leaves out internal notes:\n"
            't-call="portal.message_thread"'
        )
    groups = meant.groups or "base.group_user"
    return (
        "Leave the field out of the page, or show it to employees only, on the element that shows it:\n"
        f'groups="{groups}"'
    )
