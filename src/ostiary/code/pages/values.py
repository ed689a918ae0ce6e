"""What is known of a value in a page: which records it holds, or which field it was read from, and how it came there.

An expression has several values where it may be one of several, or was made of several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from ostiary.policy.code import Given, Passed
from ostiary.policy.fields import find_field
from ostiary.policy.policy import Policy

_NAME = re.compile(r"\w{1,80}\.\w{1,120}")
MAX_VALUES = 12
MAX_STEPS = 12
RELATIONS = frozenset({"many2one", "one2many", "many2many"})
ANY = "*"
"""The name of a mapping that the caller sends and whose items a page has by their names."""
GLOBALS = frozenset({"request", "env", "user_id", "res_company", "website"})
"""What every page has, whatever it is given."""


class Sort(StrEnum):
    """What sort of value it is.

    `RECORDS`; a `FIELD` of records, or something made of one; something `GIVEN` by the caller; the `REQUEST` or a part
    of it; an `ENV`; a `TEST` of who asks; `PLAIN`: constants, numbers and what was rendered; anything `OTHER`.
    """

    RECORDS = "records"
    FIELD = "field"
    GIVEN = "given"
    REQUEST = "request"
    ENV = "env"
    TEST = "test"
    PLAIN = "plain"
    OTHER = "other"


class Value(msgspec.Struct, frozen=True, gc=False):
    """One value.

    `model` is that of records. `owner` and `field` are the model and the field that it was read from, at the end of
    `path`, which starts with `root`, a value of the page; `through` are the models that the path goes through before.
    `escaped` says that nothing in it can be taken for HTML, `raw` that it passes for HTML, and what made it so.
    `by` is a function that it went through and that was not read. `yes` and `no` are the groups, as a
    specification, of whoever a test holds for, and does not. `const` is a text that may be the name of a template,
    `items` are what a mapping holds by its keys.
    """

    sort: Sort
    model: str = ""
    owner: str = ""
    field: str = ""
    root: str = ""
    path: str = ""
    through: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    escaped: bool = False
    raw: str = ""
    by: str = ""
    yes: str = ""
    no: str = ""
    const: str = ""
    items: tuple[tuple[str, Values], ...] = ()


Values: TypeAlias = tuple[Value, ...]
Scope = dict[str, Values]

PLAIN = Value(Sort.PLAIN, escaped=True)
HTML = Value(Sort.PLAIN, raw="Markup")
"""A constant that passes for HTML: what is put into it is escaped."""


def scope_of(values: Iterable[Passed]) -> Scope:
    """The names that a page is given; what stands in a mapping (`data.order`) is an item of it."""
    found: Scope = {}
    items: dict[str, list[tuple[str, Values]]] = {}
    for one in values:
        name, _, key = one.name.partition(".")
        if key:
            items.setdefault(name, []).append((key, passed(one, f"{name}['{key}']")))
        else:
            found[name] = few((*found.get(name, ()), *passed(one, name)))
    for name, inside in items.items():
        mapping = Value(Sort.OTHER, root=name, path=name, items=tuple(inside))
        found[name] = few((mapping, *(one for one in found.get(name, ()) if one.sort is not Sort.OTHER)))
    return found


def passed(value: Passed, path: str) -> Values:
    """What a page was given under a name.

    What is only made of what the caller sent, in a way that was not followed, is not known.
    """
    if value.model and value.model != "*":
        return (Value(Sort.RECORDS, value.model, root=value.name, path=path),)
    if value.given and (value.exact or any(not one.name for one in value.given)):
        return (Value(Sort.GIVEN, root=value.name, path=path, given=value.given, raw=value.raw),)
    return (other(value.name, path),)


def other(root: str, path: str = "") -> Value:
    """Something of which only the name is known."""
    return Value(Sort.OTHER, root=root, path=path or root)


def records(model: str, root: str, path: str = "") -> Value:
    """Records that every page has, or that it looks for by itself."""
    return Value(Sort.RECORDS, model, root=root, path=path or root)


def environment(policy: Policy) -> Scope:
    """What Odoo puts into every page: `ir.qweb › _prepare_environment`, `_prepare_frontend_environment`.

    `user_id` and `website` are used with the rights of who asks, `res_company` as superuser.
    """
    found: Scope = {
        "request": (Value(Sort.REQUEST, root="request", path="request"),),
        "env": (Value(Sort.ENV, root="env", path="env"),),
        "user_id": (records("res.users", "user_id"),),
        "res_company": (records("res.company", "res_company"),),
        # Only those who edit the website have these set.
        "editable": (Value(Sort.TEST, yes="base.group_user"),),
        "translatable": (Value(Sort.TEST, yes="base.group_user"),),
    }
    if "website" in policy.models:
        found["website"] = (records("website", "website"),)
    return found


def constant(value: object) -> Value:
    """A constant; of a text that may name a template, the text is kept."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return Value(Sort.PLAIN, escaped=True, const=value)
    return PLAIN


def few(values: Iterable[Value]) -> Values:
    """The values, each once, and no more than a few of them."""
    found = values if isinstance(values, tuple) else tuple(values)
    return found if len(found) < 2 else tuple(dict.fromkeys(found))[:MAX_VALUES]


def read(policy: Policy, value: Value, name: str) -> Value:
    """What reading a field of records gives; nothing certain where the model has none of that name.

    A path that is too long to follow ends where it is.
    """
    path = f"{value.path}.{name}"
    if path.count(".") > MAX_STEPS:
        return other(value.root, value.path)
    field = find_field(policy, value.model, name)
    through = (*value.through, value.model)
    if field is None:
        return Value(Sort.OTHER, root=value.root, path=path, through=through)
    sort = Sort.RECORDS if field.type in RELATIONS and field.comodel else Sort.FIELD
    return Value(
        sort,
        model=field.comodel or "" if sort is Sort.RECORDS else "",
        owner=value.model,
        field=name,
        root=value.root,
        path=path,
        through=value.through if sort is Sort.FIELD else through,
    )


def made(values: Iterable[Value], by: str = "") -> Values:
    """What is made of some values: it says something of each of them. `by` is a function that was not read."""
    found: list[Value] = []
    for value in values:
        if value.sort in (Sort.FIELD, Sort.GIVEN, Sort.OTHER):
            found.append(msgspec.structs.replace(value, by=by or value.by))
        elif value.sort is Sort.RECORDS:
            found.append(msgspec.structs.replace(value, sort=Sort.OTHER, model="", by=by))
        elif value.sort is Sort.PLAIN:
            found.append(PLAIN)
    return few(found) or (PLAIN,)


def escaped(values: Iterable[Value]) -> Values:
    """The values after something that leaves no HTML in them."""
    return few(msgspec.structs.replace(value, escaped=True, raw="") for value in values)


def marked(values: Iterable[Value], how: str) -> Values:
    """The values as something that passes for HTML."""
    return few(
        HTML if value.sort is Sort.PLAIN else msgspec.structs.replace(value, raw=how) for value in values
    )
