"""secret-field-without-groups: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.answers import SETTINGS, Told, told, where
from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.limits import Limit
from ostiary.audit.asking.readers import INSIDERS, readers
from ostiary.audit.asking.wording import audience_words, sentence
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.visitors import only_of_the_visitor
from ostiary.audit.weighing.secrets import Held, Secret, secrets
from ostiary.audit.weighing.severity import rated
from ostiary.policy.definitions import AccessRight, Field, Mode, Model
from ostiary.policy.fields import field_groups
from ostiary.policy.policy import Policy

# Odoo's own code shows stars in its place (`USER_PRIVATE_FIELDS`).
_STARRED = frozenset({("res.users", "oauth_access_token")})
_ALL = frozenset({Limit.NONE, Limit.COMPANY})


@check(
    "secret-field-without-groups",
    "A password, key or token can be read by whoever reads the record",
    Severity.CRITICAL,
    references=("CWE-200", "CWE-522", "OWASP A01:2021", "ASVS 4.0.3 V6.4.1"),
    tags=("fields",),
)
def secret_field_without_groups(policy: Policy) -> Iterator[Finding]:
    """Looks for fields that hold a secret on models that share users, or all internal users, may read.

    ## What it does

    Takes stored fields (and related ones) that are named as a password, an API key, a client secret, a private key or a
    token, or that a view shows with `password="True"`, and that name no `groups`. Reports those on a model that portal
    users, visitors or every internal user has an access right to read.

    An `access_token` that opens one document without a login is only reported where share users read it on documents
    that aren't theirs: who may read a document needs no token for it. Left out are computed fields that aren't stored
    (Odoo's own way to take a password and never to give it back), wizards, keys that are meant for browsers
    (`site_key`, `publishable_key`), and internal users who only reach records of their own.

    ## Why it is bad

    `password="True"` in a view shows dots; over RPC `read` gives the text. Whoever logs in may ask for any field
    without `groups` of any record they may read, and then acts as the account behind the key.

    ## Example

    ```python
    class Gateway(models.Model):
        _name = "rental.gateway"

        api_key = fields.Char()  # and every internal user has an access right to read it
    ```

    ## Use instead

    ```python
        api_key = fields.Char(groups="base.group_system")
    ```

    and read it with `sudo()` in the one method that needs it.

    ## References

    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - CWE-522: Insufficiently Protected Credentials
    - OWASP Top 10 2021, A01: Broken Access Control
    - Odoo documentation: Security in Odoo, Field Access
    """
    for held in secrets(policy):
        model, field = held.model, held.field
        if (model.name, field.name) in _STARRED or not (field.store or field.related):
            continue
        guard = field_groups(policy, model.name, field.name)
        if guard.spec or not guard.known:
            continue
        concerned = list(_concerned(policy, model, field, held.kind))
        if concerned:
            yield _finding(policy, held, concerned)


def _concerned(policy: Policy, model: Model, field: Field, kind: Secret) -> Iterator[Told]:
    """The audiences who read the secret and should not, with how grave that is."""
    for label, right in readers(policy, model.name).items():
        if kind is Secret.LINK and label == INSIDERS:
            continue
        if in_context(policy, field.origin.module) and in_context(policy, right.origin.module):
            continue
        answer = told(policy, label, right, model.name)
        severity = _severity(policy, model.name, kind, answer)
        if severity is not None:
            yield answer.rated(severity)


def _severity(policy: Policy, model: str, kind: Secret, answer: Told) -> Severity | None:
    if answer.limit is Limit.NOTHING or _of_nobody(policy, model, answer):
        return None
    if kind is Secret.LINK:
        return rated(Severity.LOW, policy, answer.label, Mode.READ) if answer.limit in _ALL else None
    if answer.limit is Limit.OWN and model not in SETTINGS:
        return None if answer.label == INSIDERS else Severity.MEDIUM
    if answer.label == INSIDERS:
        return Severity.MEDIUM if answer.limit is Limit.UNKNOWN else Severity.HIGH
    return rated(Severity.CRITICAL, policy, answer.label, Mode.READ)


def _of_nobody(policy: Policy, model: str, answer: Told) -> bool:
    """Whether the audience is visitors, who see records of the public user alone: it has no account anywhere."""
    return answer.limit is Limit.CONDITION and only_of_the_visitor(policy, answer.label, model, Mode.READ)


def _finding(policy: Policy, held: Held, concerned: list[Told]) -> Finding:
    model, field = held.model, held.field
    labels = tuple(one.label for one in concerned)
    worst = max(concerned, key=lambda one: one.severity)
    evidence = [
        Evidence(
            f"{field.name} of {model.name} holds a secret: {held.why}; it names no groups", field.origin
        ),
        *(step for one in concerned for step in one.evidence(policy)),
    ]
    mine = held.kind is Secret.KEY and not in_context(policy, field.origin.module)
    thing = "the secret" if held.kind is Secret.KEY else "the token"
    return secret_field_without_groups.finding(
        at=field.origin if mine else worst.right.origin,
        subject=f"{model.name}.{field.name}",
        model=model.name,
        audience=labels,
        severity=worst.severity,
        confidence=_confidence(worst),
        message=f"{sentence(audience_words(labels))} may read {thing} {field.name} {where(policy, concerned)}: "
        "the field names no groups, so that it goes out with the record.",
        evidence=dict.fromkeys(evidence),
        fix=_fix(held, worst.right, mine=mine),
    )


def _confidence(answer: Told) -> Confidence:
    """What Odoo's own code does for users keeps other fields than those it was written for."""
    if answer.model == "res.users" and answer.limit is not Limit.UNKNOWN and not answer.found.unknowns:
        return Confidence.MEDIUM
    return answer.confidence


def _fix(held: Held, right: AccessRight, *, mine: bool) -> str:
    model, field = held.model, held.field
    if held.kind is Secret.LINK:
        return (
            f"Limit which records of {model.name} {right.xmlid} lets them read: whoever reads a document that isn't "
            "theirs can act on it through its token, as its owner would."
        )
    if not mine:
        return f"Take perm_read away in {right.xmlid}: {field.name} is open to whoever reads {model.name}."
    kind = "".join(part.capitalize() for part in field.type.split("_"))
    return (
        f'Name the group that manages it: {field.name} = fields.{kind}(..., groups="base.group_system"). Code that '
        "needs the value for other users reads it with sudo(). Change the secret where it was in use."
    )
