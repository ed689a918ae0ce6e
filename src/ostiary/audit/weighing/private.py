"""Which fields and models hold what not even every employee should see, by their names and types."""

from __future__ import annotations

import re
from enum import Enum

from ostiary.audit.asking.facts import weight
from ostiary.audit.finding import Severity
from ostiary.audit.weighing.private_facts import PAY, private_name, stored_fact
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.definitions import Field, Model
from ostiary.policy.policy import Policy

_AMOUNTS = frozenset({"float", "integer", "monetary"})
_TEXTS = frozenset({"char", "text", "html"})
_COST = re.compile(
    r"(?:^|_)(?:costs?|standard_price|purchase_price|margin|profit|markup|profitability)(?:$|_)"
)
_NOTE = re.compile(
    r"(?:^|_)(?:(?:internal|private|staff|confidential|hidden|manager)_(?:notes?|comments?|remarks?|memo)|confidential)(?:$|_)"
)


class Private(Enum):
    """What sort of private value a field holds.

    `KEY`: a key or password. `PAY`: what somebody earns. `PERSON`: a person's body, identity or private life.
    `COST`: what the company earns on it. `NOTE`: what it writes for itself.
    """

    KEY = "what logs in somewhere"
    PAY = "what somebody earns"
    PERSON = "personal data"
    COST = "what the company pays or earns"
    NOTE = "an internal note"


# How grave it is that a portal user reads one.
GRAVITY = {
    Private.KEY: Severity.CRITICAL,
    Private.PAY: Severity.HIGH,
    Private.PERSON: Severity.HIGH,
    Private.COST: Severity.MEDIUM,
    Private.NOTE: Severity.MEDIUM,
}
OF_THE_PERSON = frozenset({Private.PAY, Private.PERSON})


def private_of(policy: Policy, model: Model, field: Field) -> Private | None:
    """What private value a field holds, None where its name and type say nothing of the kind."""
    secret = secret_of(policy, model, field)
    if secret is not None:
        return Private.KEY if secret[0] is Secret.KEY else None
    fact = stored_fact(field)
    if fact == PAY and field.type in _AMOUNTS:
        return Private.PAY
    if fact not in (None, PAY) and field.type not in ("one2many", "many2many"):
        return Private.PERSON
    if field.type in _AMOUNTS and _COST.search(field.name):
        return Private.COST
    return Private.NOTE if field.type in _TEXTS and _NOTE.search(field.name) else None


def private_model(policy: Policy, model: Model) -> str | None:
    """What says that the records of a model are private as such: its name, or a field of its own."""
    if weight(policy, model.name) < Weight.BUSINESS:
        return None
    if private_name(model.name):
        return "its name says what it holds"
    for field in model.fields.values():
        if field.groups or field.related or not field.store:
            continue
        if (found := private_of(policy, model, field)) in (Private.PAY, Private.PERSON):
            return f"it holds {found.value} ({field.name})"
    return None
