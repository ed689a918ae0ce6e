"""mass-assignment: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import may, weight
from ostiary.audit.code.callers import by_superuser, caller_at, files_of, passing
from ostiary.audit.code.join import mode_of
from ostiary.audit.code.lines import Line, Worth, lines, sent, sureness, way
from ostiary.audit.code.methods import is_orm
from ostiary.audit.code.naming import handed_on, names_fields
from ostiary.audit.code.wording import entry_words, given_words, what
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import PRIVILEGES, Weight
from ostiary.audit.weighing.severity import one_less
from ostiary.audit.weighing.severity import severity as gravity
from ostiary.policy.code import Choice, Entry, EntryKind, Use, UseKind
from ostiary.policy.policy import Policy

_ANY = "*"


@check(
    "mass-assignment",
    "The caller chooses which fields are written",
    Severity.CRITICAL,
    references=("CWE-915", "OWASP A08:2021", "ASVS 4.0.3 V5.1.2"),
    tags=("code",),
)
def mass_assignment(policy: Policy) -> Iterator[Finding]:
    """Looks for records that are written or created with fields whose names come from the request.

    ## What it does

    Follows what is sent to a route, or given to a method over RPC, to the values of `write`, `create`, `update` and
    `setattr`, and asks who names the fields: values taken over whole, a loop over what was posted, a field's name
    sent as a parameter. As superuser that is high: every field can be set, whatever its groups. As the caller
    rights and rules hold, and it is low for who has the right, and not reported for who hasn't. A list of names
    that are allowed is in order; a list of those that are not is not: it doesn't know the fields of other modules.

    ## Why it is bad

    A form shows three fields, but whoever sends it may add a fourth: `partner_id`, `state`, `price`, `groups_id`.

    ## Example

    ```python
    @http.route("/clinic/patient/save", type="http", auth="user", methods=["POST"])
    def save(self, **post):
        request.env["clinic.patient"].sudo().search([("user_id", "=", request.uid)]).write(post)
    ```

    ## Use instead

    ```python
        values = {name: post[name] for name in ("phone", "street", "city") if name in post}
        request.env["clinic.patient"].sudo().search([("user_id", "=", request.uid)]).write(values)
    ```

    ## References

    - CWE-915: Improperly Controlled Modification of Dynamically-Determined Object Attributes
    - OWASP Top 10 2021, A08: Software and Data Integrity Failures
    """
    for line in lines(policy, (UseKind.WRITE, UseKind.CREATE), lambda entry, use: _worth(policy, entry, use)):
        yield _finding(policy, line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if _ANY not in use.fields or is_orm(entry) or not names_fields(use):
        return None
    caller = caller_at(entry, use)
    # Where some fields are named in the code, the rest may be put together there too.
    sure = sureness(use, caller, Confidence.HIGH if len(use.fields) == 1 else Confidence.MEDIUM)
    if not use.model or (
        len(use.steps) > 1 and use.origin.path not in files_of(entry) and not handed_on(use)
    ):
        sure = Confidence.LOW  # deep in code that may name the fields by itself
    if not by_superuser(use):
        allowed = use.model in policy.models and may(policy, caller.label, use.model, mode_of(use))
        if entry.kind is EntryKind.RPC or not allowed or weight(policy, use.model) < Weight.BUSINESS:
            return None  # over RPC they may do so anyway
        return Severity.LOW, sure
    if use.model in PRIVILEGES or use.model == _ANY:
        found = Severity.CRITICAL
    else:
        found = gravity(policy, caller.label, use.model, mode_of(use))
        if weight(policy, use.model) >= Weight.BUSINESS or use.model not in policy.models:
            found = max(found, Severity.HIGH)
    if _own(policy, entry, use):
        found = one_less(found)
    return found, sure


def _own(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether the record is the caller's own, or one that they were let have."""
    return use.choice in (Choice.OWN, Choice.SESSION) or bool(passing(policy, entry, use))


def _finding(policy: Policy, line: Line) -> Finding:
    use, model = line.use, what(policy, line.use.model)
    creates = use.kind is UseKind.CREATE
    whose = "as superuser" if by_superuser(use) else "with the caller's own rights"
    can = f"create {model} with any field set" if creates else f"set any field of {model}"
    theirs = " of their own" if not creates and by_superuser(use) and _own(policy, line.entry, use) else ""
    return mass_assignment.finding(
        at=line.at,
        subject=line.entry.name,
        model=use.model if use.model in policy.models else None,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} can {can}{theirs}: {entry_words(line.entry)} takes the names of the fields from "
        f"{given_words(sent(use.written))}, and {'creates' if creates else 'writes'} {whose}.",
        evidence=way(line, f"{use.kind.value} {whose}"),
        fix="Name the fields that may be set, and take over no others:\n"
        'values = {name: post[name] for name in ("phone", "note") if name in post}',
    )
