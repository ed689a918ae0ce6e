"""How much it matters that somebody may read a model: whether its records say something about a person.

Judged from the model's fields alone, so it is a judgement of gravity and never of correctness.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from ostiary.audit.weighing.private_facts import private_fact
from ostiary.policy.definitions import Field, Kind, Model
from ostiary.policy.policy import Policy

CONTACTS = {"res.partner": "a contact", "res.partner.bank": "a bank account"}
STAFF = {"res.users": "a user", "hr.employee": "an employee"}
PEOPLE = CONTACTS | STAFF
# A contact that is a place, or the other side of the business, and says nothing about a customer.
_PLACES = (
    "address",
    "location",
    "venue",
    "organizer",
    "organiser",
    "carrier",
    "vendor",
    "supplier",
    "manufacturer",
)
# What is configured once: a record that belongs to one of these is no line of a document.
_SETTINGS = frozenset({"hr.employee", "res.company", "res.partner", "res.users", "website"})
# Models named so hold kinds of things, not documents: whom one names is no customer of it.
_KINDS = frozenset({"category", "stage", "tag", "type"})
_OURS = frozenset({"res.company", "website"})
# Whoever may change these decides what they and others may do, or what code is run.
PRIVILEGES = {
    "ir.actions.server": "runs code (a server action)",
    "ir.config_parameter": "holds secrets and settings of the whole database",
    "ir.cron": "runs code (a scheduled action)",
    "ir.model": "defines models",
    "ir.model.access": "decides who may do what (access rights)",
    "ir.model.fields": "defines fields, and code that computes them",
    "ir.rule": "decides who sees what (record rules)",
    "ir.ui.view": "holds templates that are rendered for everybody",
    "mail.template": "holds templates that are rendered with the sender's rights",
    "res.groups": "decides who may do what (groups)",
    "res.users": "holds users and their groups",
    "res.users.apikeys": "holds keys that log in as a user",
}
_SECRETS = frozenset({"ir.config_parameter", "res.users.apikeys"})
AUTOMATIC = frozenset(
    {"id", "display_name", "create_uid", "create_date", "write_uid", "write_date", "__last_update"}
)
TOKENS = frozenset({"access_token", "token", "secret", "password", "api_key"})


class Weight(IntEnum):
    """What a model's records are about, by who would mind.

    `PERSONAL`: a customer, or a secret. `BUSINESS`: the company's staff or its amounts. `UNKNOWN`: the module was
    not read. `DISCUSSED`: nothing of the kind, but people write messages on it. `REFERENCE`: what anyone may
    know, such as types, tags and countries.
    """

    REFERENCE = 0
    DISCUSSED = 1
    UNKNOWN = 2
    BUSINESS = 3
    PERSONAL = 4


@dataclass(frozen=True, slots=True)
class Holding:
    """What a model holds, and the fields or mixins that say so.

    `remote` says that only a document it is part of is about a customer, or that it only names users.
    """

    weight: Weight
    signs: tuple[str, ...] = ()
    remote: bool = False

    @property
    def shown(self) -> bool:
        """Whether there is something to show for it."""
        return bool(self.signs)

    def __str__(self) -> str:
        return ", ".join(self.signs) or "looks like plain reference data"


def fields_of(policy: Policy, name: str) -> Iterator[Field]:
    """The fields of a model, with those of its mixins and of the mixins' mixins; delegated parents are left out."""
    for other in (name, *mixins(policy, name)):
        model = policy.models.get(other)
        yield from model.fields.values() if model else ()


def mixins(policy: Policy, name: str) -> tuple[str, ...]:
    """The models it takes fields from, at any depth, nearest first."""
    return tuple(_below(policy, name, delegated=False))


def ancestors(policy: Policy, name: str) -> tuple[str, ...]:
    """The models it takes fields from, the ones it delegates to included, nearest first."""
    return tuple(_below(policy, name, delegated=True))


def _below(policy: Policy, name: str, delegated: bool) -> Iterator[str]:
    seen = {name}
    waiting = deque([name])
    while waiting:
        model = policy.models.get(waiting.popleft())
        for other in (*model.inherit, *(model.inherits if delegated else ())) if model else ():
            if other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other


def holding(policy: Policy, name: str) -> Holding:
    """What the records of a model are about."""
    if name in _SECRETS:
        return Holding(Weight.PERSONAL, (PRIVILEGES[name],))
    model = policy.models.get(name)
    if model is None or model.unresolved:
        return Holding(Weight.UNKNOWN)
    if name in _OURS:
        return Holding(Weight.REFERENCE)
    delegated = (policy.models[other] for other in ancestors(policy, name) if other in policy.models)
    direct = max(
        [_direct(policy, model), *(_direct(policy, one) for one in delegated)], key=lambda one: one.weight
    )
    if direct.weight is Weight.PERSONAL or _is_kind(policy, name):
        return direct
    for field, parent in document_links(policy, model):
        above = _direct(policy, parent)
        if above.weight is Weight.PERSONAL:
            return Holding(
                Weight.PERSONAL,
                (f"is part of {parent.name} ({field.name}), which {above.signs[0]}",),
                remote=True,
            )
    return direct


def _direct(policy: Policy, model: Model) -> Holding:
    taken = mixins(policy, model.name)
    kind = _is_kind(policy, model.name)
    signs: list[str] = []
    if "portal.mixin" in taken:
        signs.append("is a portal document (portal.mixin)")
    worth: list[str] = []
    amounts = False
    for field in sorted(fields_of(policy, model.name), key=lambda field: field.name):
        if field.name in AUTOMATIC or field.groups:
            continue
        if field.name in TOKENS:
            signs.append(f"holds a secret ({field.name})")
        elif (private := private_fact(field)) is not None:
            signs.append(f"holds private facts: {private} ({field.name})")
        elif kind:
            continue
        elif field.type == "many2one" and field.comodel in PEOPLE:
            said = f"links to {PEOPLE[field.comodel]} ({field.name})"
            (signs if field.comodel in CONTACTS and not _is_place(field) else worth).append(said)
        elif field.type == "monetary" and field.store:
            worth.append(f"holds amounts ({field.name})")
            amounts = True
    found = [
        Holding(Weight.PERSONAL, tuple(dict.fromkeys(signs))),
        Holding(Weight.BUSINESS, tuple(dict.fromkeys(worth)), remote=not amounts),
        Holding(
            Weight.DISCUSSED, ("has a discussion thread (mail.thread)",) if "mail.thread" in taken else ()
        ),
    ]
    return next((one for one in found if one.signs), Holding(Weight.REFERENCE))


def _is_kind(policy: Policy, name: str) -> bool:
    return name.rpartition(".")[2] in _KINDS and "portal.mixin" not in mixins(policy, name)


def _is_place(field: Field) -> bool:
    """Whether a link to a contact says where something is, or who supplies it: by its name or its whole label."""
    return any(word in field.name for word in _PLACES) or labelled_as_place(field)


def labelled_as_place(field: Field) -> bool:
    """Whether the label of a link to a contact is that of a place and nothing more, such as `Address`."""
    return field.string.strip().lower() in _PLACES


def document_links(policy: Policy, model: Model) -> Iterator[tuple[Field, Model]]:
    """The links that make a record part of a document: the other side lists them as a one2many, or they are there only
    as long as it is."""
    for field in fields_of(policy, model.name):
        parent = policy.models.get(field.comodel or "")
        if field.type != "many2one" or parent is None or parent.kind is not Kind.MODEL:
            continue
        if parent.name == model.name or parent.name in _SETTINGS:
            continue
        if (field.required and field.ondelete == "cascade") or any(
            other.type == "one2many" and other.comodel == model.name and other.inverse == field.name
            for other in parent.fields.values()
        ):
            yield field, parent
