"""How much of a record a use tells or changes: the state of a document is less than what it says of somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from ostiary.audit.asking.facts import held, weight
from ostiary.audit.weighing.sensitivity import AUTOMATIC, PEOPLE, Weight, fields_of, mixins
from ostiary.policy.code import Page, Use, UseKind
from ostiary.policy.definitions import Field
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

EVERY = "*"
_SLIGHT_TYPES = frozenset({"boolean", "selection", "date", "datetime", "integer"})
_COUNTED_TYPES = frozenset({"integer", "datetime", "date"})
# What names a record or says where it is: the number of a document tells nothing, the name of a person does.
_NAMES = frozenset({"name", "display_name", "sequence", "website_url", "access_url", "uuid", "exists", "ids"})
_ASKS = re.compile(
    r"_?(?:get|to|is|has|can|check|find|search|read|format|filter|compute|prepare|convert)(?:_|$)"
)
_TOKEN = re.compile(r"(?:^|_)token(?:$|_expir|_valid)")
_TOKEN_MAKERS = frozenset({"_portal_ensure_token", "generate_access_token", "_generate_access_token"})
_OPENS = re.compile(r"(?:^|_)(?:access_token|ensure_token|share_url|portal_url)$")
_TO_THE_OWNER = re.compile(r"_?(?:action_)?reset_password$")
_PUBLISHED = frozenset({"website.published.mixin", "website.published.multi.mixin"})


class Telling(IntEnum):
    """What somebody learns by a read. `NOTHING`: that a record is there. `SLIGHT`: its state, its dates, its number.
    `CONTENT`: what it is about, or what could not be told. `ANY`: any field, by the caller's choice, or by a token."""

    NOTHING = 0
    SLIGHT = 1
    CONTENT = 2
    ANY = 3


def telling(policy: Policy, model: str, fields: Iterable[str]) -> Telling:
    """What the fields of a model say that are read; `CONTENT` where none is named, since the record goes on whole."""
    given = tuple(fields)
    named = tuple(name for name in given if not name.startswith("_"))
    if opens(given):
        return Telling.ANY
    if given and not named:
        return Telling.NOTHING
    if EVERY in named:
        return Telling.ANY
    if not named or model not in policy.models:
        return Telling.CONTENT
    return max(_of_field(policy, model, name) for name in named)


def opens(fields: Iterable[str]) -> bool:
    """Whether one of some fields is a token or a link that lets whoever has it into the record."""
    return any(_OPENS.search(name) for name in fields)


def _of_field(policy: Policy, model: str, path: str) -> Telling:
    name, _, rest = path.partition(".")
    if name in AUTOMATIC and name != "display_name":
        return Telling.NOTHING
    field = _field(policy, model, name)
    if rest and field is not None and field.comodel:
        return _of_field(policy, field.comodel, rest)
    if name in _NAMES:
        return Telling.CONTENT if model in PEOPLE else Telling.SLIGHT
    if field is None:
        known = policy.models.get(model)
        return (
            Telling.CONTENT if known is None or known.partial else Telling.SLIGHT
        )  # a method, by a known name
    if field.type in _SLIGHT_TYPES:
        return Telling.SLIGHT
    if field.type == "many2one" and field.comodel and weight(policy, field.comodel) is Weight.REFERENCE:
        return Telling.SLIGHT
    return Telling.CONTENT


def counts_only(policy: Policy, use: Use) -> bool:
    """Whether a write of the caller's changes nothing but counters and dates, to values they don't choose."""
    if use.kind is not UseKind.WRITE or use.written or not use.fields or EVERY in use.fields:
        return False
    found = [_field(policy, use.model, name) for name in use.fields]
    return all(field is not None and field.type in _COUNTED_TYPES for field in found)


def only_asks(use: Use) -> bool:
    """Whether the name of a method that is run says that it gives something back and does nothing."""
    return use.kind is UseKind.CALL and not use.written and bool(_ASKS.match(use.method))


def makes_a_token(use: Use) -> bool:
    """Whether all that is done is to give a record a token of its own, which nobody is told by that."""
    if use.kind is UseKind.CALL:
        return use.method in _TOKEN_MAKERS
    if use.kind is not UseKind.WRITE or set(use.written) - set(use.given) or not use.fields:
        return False
    return all(_TOKEN.search(name) for name in use.fields)


def tells_the_owner(use: Use) -> bool:
    """Whether all that is done is to write to whom a record belongs, as they ask for by a form of the login page."""
    return use.kind is UseKind.CALL and _TO_THE_OWNER.match(use.method) is not None


def made_to_publish(policy: Policy, model: str) -> bool:
    """Whether records of a model are there to be published on a website, and are not about customers."""
    about = held(policy, model)
    if about.weight is Weight.PERSONAL and not about.remote:
        return False
    return not _PUBLISHED.isdisjoint(mixins(policy, model))


def page_of(policy: Policy, template: str) -> Page | None:
    """What is known of a page."""

    def index() -> dict[str, Page]:
        return {page.template: page for page in (policy.code.pages if policy.code else ())}

    return remembered(policy, ("audit pages",), index).get(template)


def shown(page: Page | None, name: str) -> tuple[str, ...]:
    """The paths below a value that a page shows; nothing where that is not known, `id` where it shows none of it."""
    if page is None or page.unread:
        return ()
    paths = [one.path.removeprefix(f"{name}.") for one in page.shown if one.root == name]
    if name in paths:
        return ()
    return tuple(dict.fromkeys(paths)) or ("id",)


def _field(policy: Policy, model: str, name: str) -> Field | None:
    known = policy.models.get(model)
    if known is None:
        return None
    if name in known.fields:
        return known.fields[name]
    return next((field for field in fields_of(policy, model) if field.name == name), None)
