"""Which fields are meant for the people of the company: by their groups, by what they hold, by their own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ostiary.audit.asking.facts import weight
from ostiary.audit.asking.readers import INSIDERS, reads_field, subject_of
from ostiary.audit.code.writers import outside_writer
from ostiary.audit.fields.hiding import hidden_fields, is_role, kept_from
from ostiary.audit.finding import Evidence, Severity
from ostiary.audit.weighing.private import GRAVITY, OF_THE_PERSON, Private, private_of
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.code.insiders import INTERNAL, KIND
from ostiary.policy.code import Mark
from ostiary.policy.definitions import Field, Mode
from ostiary.policy.fields import UnknownField, field_groups, find_field
from ostiary.policy.groups import named_groups
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting

_RELATIONS = frozenset({"many2one", "one2many", "many2many", "reference"})
_TEXTS = frozenset({"char", "text", "html"})
_WORDS = re.compile(
    r"(?:^|_)(?:internal|private|confidential|staff|hidden)_"
    r"(?:assessment|comments?|description|details?|diagnosis|evaluation|feedback|info|information|memo|message|notes?"
    r"|observations?|remarks?|review|summary)(?:$|_)"
)
# Where Odoo's own modules let employees write about a record, under a name that doesn't say so.
_NOTES = {
    ("res.partner", "comment"): "employees write their notes about a contact there",
    ("product.template", "description"): "employees write their notes about a product there",
    ("product.product", "description"): "employees write their notes about a product there",
    ("crm.lead", "description"): "employees write their notes about a lead there",
    ("hr.employee", "notes"): "the office writes its notes about an employee there",
}
_EARNED = re.compile(
    r"(?:^|_)(?:standard_price|purchase_price|cost_price|purchase_cost|unit_cost|margin|profit|markup|profitability)(?:$|_)"
)
# What the customer pays may be called a cost, too.
_PAID = re.compile(r"(?:delivery|extra|freight|points?|shipping|subscription|ticket|travel)_costs?(?:$|_)")
_OF_WEIGHT = {Weight.PERSONAL: Severity.MEDIUM, Weight.BUSINESS: Severity.LOW}
# A key that is made to stand in a page.
_PUBLISHABLE = re.compile(
    r"public|publishable|site_key|client_key|maps|analytics|recaptcha|measurement|tracking"
)


@dataclass(frozen=True, slots=True)
class Meant:
    """That a field is meant for insiders: `what` says so of it, `grave` and `sure` how grave and certain it is.

    `groups` are those the field itself is for, which Odoo holds every reader to but the superuser. `personal` says
    that it is about a person, who may see it.
    """

    what: str
    grave: Severity
    sure: bool
    because: Evidence
    groups: str = ""
    personal: bool = False


def meant_for_insiders(policy: Policy, label: str, model: str, name: str) -> Meant | None:
    """Why an audience is not meant to see a field of records that it is shown; None where nothing says so."""
    field = find_field(policy, model, name)
    known = policy.models.get(model)
    if field is None or known is None:
        return None
    kind = private_of(policy, known, field)
    if (found := _by_groups(policy, label, model, field, kind)) is not None:
        return found
    if kind is Private.KEY:
        if _PUBLISHABLE.search(name):
            return None
        said = Evidence(
            f"by its name, or the views that show it, {name} of {model} holds {kind.value}", field.origin
        )
        # Somebody put it into the page: it may be made for who sees it there.
        return Meant(f"holds {kind.value}", Severity.HIGH, False, said)
    if kind is Private.COST:
        if _PAID.search(name):
            return None
        earned = bool(_EARNED.search(name))
        said = Evidence(f"by its name, {name} of {model} holds {kind.value}", field.origin)
        return Meant(f"holds {kind.value}", GRAVITY[kind] if earned else Severity.LOW, earned, said)
    if (why := _note(policy, model, field, kind)) is not None:
        return Meant("holds an internal note", GRAVITY[Private.NOTE], True, why)
    return _by_views(policy, model, field)


def _by_groups(policy: Policy, label: str, model: str, field: Field, kind: Private | None) -> Meant | None:
    """A field whose groups the audience lacks, by a role: one that switches a feature on keeps nothing secret."""
    try:
        guard = field_groups(policy, model, field.name)
    except UnknownField:
        return None
    if not guard.spec or reads_field(policy, label, model, field.name) is not False:
        return None
    names = [name.lstrip("!") for name in named_groups(guard.spec)]
    if kind is None and not any(is_role(policy, name) for name in names):
        return None
    if _opens_itself(policy, model, field):
        return None
    origin = guard.field.origin if guard.field else field.origin
    # A group alone says less of settings and of what is sold than of a document about somebody.
    about = _OF_WEIGHT.get(weight(policy, model), Severity.INFO)
    return Meant(
        f"is for {guard.spec} only",
        GRAVITY[kind] if kind else about,
        kind is not None or about is Severity.MEDIUM,
        Evidence(f"{field.name} of {model} is for {guard.spec}", origin),
        guard.spec,
        kind in OF_THE_PERSON,
    )


def _opens_itself(policy: Policy, model: str, field: Field) -> bool:
    """Whether a field is the token of its own record: a page puts it into the link to what it shows anyway."""
    secret = secret_of(policy, policy.models[model], field) if model in policy.models else None
    return secret is not None and secret[0] is Secret.LINK


def _note(policy: Policy, model: str, field: Field, kind: Private | None) -> Evidence | None:
    if field.type not in _TEXTS:
        return None
    if kind is Private.NOTE or _WORDS.search(field.name):
        return Evidence(f"by its name, {field.name} of {model} holds an internal note", field.origin)
    if outside_writer(policy, model, field.name):
        return None  # a name may say whose note it is; a label may not, of what customers write
    if INTERNAL.search(field.string):
        return Evidence(f"{field.name} of {model} is labelled “{field.string}”", field.origin)
    if (mark := _marked(policy).get(f"{model}.{field.name}")) is not None:
        return Evidence(f"a view of {model} says “{mark.text}” at {field.name}", mark.origin)
    said = _NOTES.get((model, field.name))
    return Evidence(f"{field.name} of {model}: {said}", field.origin) if said else None


def _marked(policy: Policy) -> dict[str, Mark]:
    """The fields that a view calls internal."""

    def find() -> dict[str, Mark]:
        marks = policy.code.marks if policy.code else ()
        return {mark.name: mark for mark in marks if mark.kind == KIND}

    return remembered(policy, ("audit internal words",), find)


def _by_views(policy: Policy, model: str, field: Field) -> Meant | None:
    """A field that all views of the backend keep even from ordinary employees. Of a relation, only a name is shown.

    Where they may not read the model, its views keep nothing from them.
    """
    if field.type in _RELATIONS or not granting(policy, subject_of(policy, INSIDERS), model, Mode.READ):
        return None
    places = hidden_fields(policy).get((model, field.name), ())
    kept = kept_from(policy, INSIDERS, places)
    if not kept:
        return None
    said = f"the views of {model} show {field.name} to {kept[0].groups} alone ({kept[0].view})"
    return Meant(
        "is kept even from most employees by all views that show it",
        Severity.INFO,
        False,
        Evidence(said, kept[0].origin),
    )
