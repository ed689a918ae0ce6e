"""The format of a file of access tests, `*.access.yaml`: what may be written. See docs/access-tests.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from ostiary.policy import Mode
from ostiary.prove.invariants import Entry

NAME = "^[a-z][a-z0-9_]*$"
_MOST_LETTERS = 200
MOST_ENTRIES = 2_000

Name = Annotated[str, msgspec.Meta(pattern=NAME, max_length=_MOST_LETTERS)]
"""What a file calls something of its own."""

Reference = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=_MOST_LETTERS, description="A name of this file, or an external id."
    ),
]
References = Reference | Annotated[list[Reference], msgspec.Meta(max_length=MOST_ENTRIES)]
Values = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="Values by field. Of a relational field: a name of this file or an external id, or a list; of a "
        "one2many, lines may stand as values by field. Of a company-dependent field: values by company. A date may be "
        "`today`, `today - 3 days`, a datetime `now`, `now + 2 hours`."
    ),
]
Target = Reference | Annotated[dict[Reference, Values], msgspec.Meta(min_length=1, max_length=MOST_ENTRIES)]
Targets = Target | Annotated[list[Target], msgspec.Meta(max_length=MOST_ENTRIES)]


class Company(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A company. Its contact is made with it."""

    parent: Annotated[Reference | None, msgspec.Meta(description="The company that it is a branch of.")] = (
        None
    )
    active: bool = True
    values: Annotated[Values, msgspec.Meta(description="Values of its other fields.")] = {}


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A user. Their contact is made with them."""

    groups: Annotated[
        References,
        msgspec.Meta(
            description="The groups they were given, by external id, or `portal`, `public`, `internal`. What these "
            "imply is held too."
        ),
    ]
    company: Annotated[
        Reference | None,
        msgspec.Meta(description="Their company. By default the first of this file, or the main one."),
    ] = None
    companies: Annotated[
        References, msgspec.Meta(description="The companies they may choose. By default their own.")
    ] = []
    partner: Annotated[
        Reference | Values | None,
        msgspec.Meta(description="Their contact: a record of this file, or its values."),
    ] = None
    active: bool = True
    values: Annotated[Values, msgspec.Meta(description="Values of their other fields.")] = {}


class Deeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What is done, and with what: records (`house`), fields of records (`house.price`), models (`estate.property`:
    whether an access right gives it at all), fields of models. With values, what is written is really written and what
    is created is really created, and undone."""

    read: Targets = []
    write: Targets = []
    create: Targets = []
    unlink: Targets = []
    see: Annotated[References, msgspec.Meta(description="Menus, by external id.")] = []


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What some users can do, and what they can't."""

    who: Annotated[References, msgspec.Meta(description="Users: names of this file, logins or external ids.")]
    can: Deeds | None = None
    cannot: Deeds | None = None
    unknown: Annotated[
        Deeds | None,
        msgspec.Meta(
            description="What is known not to be decidable without running Odoo's Python, and accepted as such."
        ),
    ] = None
    finds: Annotated[
        dict[Reference, References],
        msgspec.Meta(description="By model, the records that a search finds: these, and no others."),
    ] = {}
    companies: Annotated[
        References,
        msgspec.Meta(
            description="The companies they have chosen, the current one first. By default all of theirs."
        ),
    ] = []
    name: Annotated[str, msgspec.Meta(max_length=_MOST_LETTERS, description="What reports call it.")] = ""
    why: Annotated[str, msgspec.Meta(max_length=2_000, description="The reason, for those who read it.")] = ""


class Matrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of users and records, for users who have chosen certain companies."""

    table: Annotated[str, msgspec.Meta(max_length=200_000)]
    companies: References = []
    name: Annotated[str, msgspec.Meta(max_length=_MOST_LETTERS)] = ""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Access tests of Ostiary: who may do what with which records."""

    version: Annotated[Literal[1], msgspec.Meta(description="The version of this format.")] = 1
    target: Annotated[
        str | list[str],
        msgspec.Meta(
            description="The addons to read, relative to this file. By default the addon it lies in, or those "
            "beside it."
        ),
    ] = []
    addons_path: Annotated[
        str | list[str],
        msgspec.Meta(description="Folders of addons that the target depends on, relative to this file."),
    ] = []
    modules: Annotated[
        str | list[str], msgspec.Meta(description="Only these modules and what they depend on.")
    ] = []
    odoo: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^$|^[0-9]{1,3}\.[0-9]{1,2}$", description='The version of Odoo, such as `"18.0"`.'
        ),
    ] = ""
    demo: Annotated[
        bool,
        msgspec.Meta(
            description="Whether the records of the target's data and demo files are there too, by external id."
        ),
    ] = False
    strict: Annotated[
        bool,
        msgspec.Meta(
            description="Whether what is written is checked after as well, and links to what one may not read are "
            "refused."
        ),
    ] = False
    whole: Annotated[
        bool,
        msgspec.Meta(
            description="Whether what is read is all there is, as for an application that these definitions guard and "
            "nothing else. By default, what a module says of which only a summary is known is unknown."
        ),
    ] = False
    companies: dict[Name, Company | None] = {}
    users: dict[Name, User | References] = {}
    records: Annotated[
        dict[Reference, dict[Reference, Values | None]],
        msgspec.Meta(
            description="By model and name, the records there are. With `demo`, an external id in place of a name "
            "changes a record of the data files."
        ),
    ] = {}
    expect: Annotated[list[Expectation], msgspec.Meta(max_length=MOST_ENTRIES)] = []
    matrix: Annotated[
        Annotated[str, msgspec.Meta(max_length=200_000)]
        | Annotated[list[Matrix], msgspec.Meta(max_length=200)],
        msgspec.Meta(
            description="A table: records in its first line, then users, and in each cell the letters of what the "
            "user can do with the record (r, w, c, u), `-` for nothing, `?` for what is accepted as unknown, `.` "
            "for what is not asked."
        ),
    ] = []
    never: Annotated[
        list[Entry],
        msgspec.Meta(
            max_length=1_000, description="Invariants, as in ostiary.invariants.yaml: proved for all records."
        ),
    ] = []


SEE = "see"
VERBS = (*(mode.value for mode in Mode), SEE)


def listed(value: str | list[str]) -> tuple[str, ...]:
    """One name or several, as they may be written."""
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def schema() -> dict[str, object]:
    """The JSON schema of a file, for editors."""
    found = _on_one_line(msgspec.json.schema(File))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Access tests", **found}


def _on_one_line(value: Any) -> Any:
    """The same with descriptions, some of which are docstrings, on one line each."""
    if isinstance(value, dict):
        return {
            key: " ".join(one.split()) if key == "description" and isinstance(one, str) else _on_one_line(one)
            for key, one in value.items()
        }
    return [_on_one_line(one) for one in value] if isinstance(value, list) else value
