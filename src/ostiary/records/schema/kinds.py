"""What a field is where records live: a column, a relation, a way to another field, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from ostiary.domain import Domain


class Storage(StrEnum):
    """How a column holds its value.

    - `plain`: as it is.
    - `translated`: a JSON object of texts by language (Odoo's translated fields); English is the fallback.
    - `by-company`: a JSON object of values by company id (company-dependent fields from 18 on).
    - `property`: not in the table at all but in rows of `ir_property` (company-dependent fields in 17).
    """

    PLAIN = "plain"
    TRANSLATED = "translated"
    BY_COMPANY = "by-company"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Kind:
    """What every kind of field has. `comodel` is the model of the records it holds, None for plain values.

    `declared` is true where what is said here rests on Ostiary's declared facts instead of on what was read.
    `assumed` holds what could not be read and was taken for its default: one phrase each.
    """

    model: str
    name: str
    type: str
    comodel: str | None = None
    declared: bool = False
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column(Kind):
    """A stored value. `column` is the column of the model's table; None only for `Storage.PROPERTY`."""

    column: sa.Column[object] | None = None
    storage: Storage = Storage.PLAIN
    required: bool = False


@dataclass(frozen=True, slots=True)
class Lines(Kind):
    """A one2many: the records of `comodel` whose field `inverse` holds this record.

    `model_field` names the field of the comodel that holds the model's name, where `inverse` is a plain number
    (`res_id` beside `res_model`). `domain`, which may speak of the session as rules do, narrows the lines (TRUE for
    none). `active_test` is the field's own context key, None where it has none. `auto_join`: searching through it asks
    for no access.
    """

    inverse: str = ""
    model_field: str | None = None
    domain: Domain | None = None
    active_test: bool | None = None
    auto_join: bool = False


@dataclass(frozen=True, slots=True)
class Links(Kind):
    """A many2many: the records of `comodel` beside this one in a relation table.

    `own` and `other` are columns of that table. `domain`, `active_test` and `auto_join` as for Lines.
    """

    own: sa.Column[object] | None = None
    other: sa.Column[object] | None = None
    domain: Domain | None = None
    active_test: bool | None = None
    auto_join: bool = False


@dataclass(frozen=True, slots=True)
class Inherited(Kind):
    """A field of an `_inherits` parent: it is `link`'s field of the same name, without asking for access."""

    link: str = ""


@dataclass(frozen=True, slots=True)
class Related(Kind):
    """A non-stored related field: the value at the end of `path`. `sudo`: it is followed as superuser."""

    path: tuple[str, ...] = ()
    sudo: bool = True


@dataclass(frozen=True, slots=True)
class Condition(Kind):
    """A non-stored boolean that is true for the records that `domain` selects (a declared fact).

    The domain is symbolic: `user`, `company_ids` ... mean the session's. It is asked as superuser.
    `= True` and `!= False` are the domain, `= False` and `!= True` its negation. `value_domain` says which records
    have the value True where that differs from what a search finds. `searched` is false where the field has a value
    but no search method: a search then does what it does for `Python.unsearchable`. `readable` is false where only
    Python gives the value.
    """

    domain: Domain | None = None
    searched: bool = True
    value_domain: Domain | None = None
    readable: bool = True


class Negative(StrEnum):
    """What a negative operator (`!=`, `not in`, `not like` ...) means on a field that stands for a path.

    - `outside`: the opposite of its positive form, `not (path = value)`; a record with nothing on the path matches.
    - `inside`: the term is taken as it is, `(path, '!=', value)`.
    - `unknown`: neither; only Python knows.
    """

    OUTSIDE = "outside"
    INSIDE = "inside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Through(Kind):
    """A non-stored field that is searched and read as another path of the same model (a declared fact).

    `path` may end in any field; with `also` there are further paths: a record matches where one of them does, and its
    value is what all of them hold. `sudo`: they are followed as superuser, otherwise as whoever asks. `negative` says
    what a negative operator means.

    `value_path` is read instead where reading differs; of the records at its end only those that `value_domain`
    selects (symbolic, as for Condition). `readable` is false where only Python gives the value.
    """

    path: tuple[str, ...] = ()
    also: tuple[tuple[str, ...], ...] = ()
    value_path: tuple[str, ...] = ()
    value_domain: Domain | None = None
    sudo: bool = True
    negative: Negative = Negative.OUTSIDE
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Python(Kind):
    """A field that only running Odoo's Python gives; `why` finishes the sentence `field X of model Y ...`.

    `unsearchable`: it is known to have no search method, so that Odoo's search takes every term on it for TRUE
    (17, 18) or fails (19); reading it still needs Python.
    """

    why: str = "is computed by Python"
    unsearchable: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """How records of a model are found and shown by name.

    `search` are the fields `display_name` is searched by (`_rec_names_search`, or `_rec_name`): a term on the name is
    the same term on each, ORed, or ANDed for a negative operator. Where it is empty and `python` is false there are
    none, and nothing is found by name; with `python` a method of the model decides.

    `exact`: where a field of that name equals the value (operators `=` and `ilike`, a value that isn't empty) on
    records that whoever asks finds, these are the records found, and no others. `below`: an operator that ends in
    `like` finds also all records below those it finds (`child_of`).

    `display` is the template of the name shown, None where Python makes it. `{field}` stands for the field's value
    (read as superuser; a path may lead to it), for that of records their own name. A part in angle brackets is left
    out where a field in it is empty: `<[{default_code}] >{name}`; of several, separated by `|`, the first one without
    an empty field is taken: `<{name}|#{id}>`. Without a name field a record is shown as `model,id`, which
    `display=""` says.

    `assumed` holds what could not be read and was taken for its default: one phrase each.
    """

    search: tuple[str, ...] = ()
    display: str | None = None
    python: bool = False
    exact: str | None = None
    below: bool = False
    assumed: tuple[str, ...] = ()
