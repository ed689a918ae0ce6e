"""Decisions about real rows: for each user, model and mode, which records the user may do this with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sqlalchemy as sa

from ostiary.domain import TRUE, And, Constant, Domain, Literal, Not, Or, Subdomain, Term, Value
from ostiary.domain import Sequence as Values
from ostiary.policy import MODES, Mode
from ostiary.records.access import Access
from ostiary.records.errors import Fails, RecordsError, Refused, Undecided
from ostiary.records.session import Session

MANY = 2_000
"""A model with more rows than this is only listed where that is asked for."""

Plain: TypeAlias = "bool | int | float | str | list[Plain] | None"
Row: TypeAlias = dict[str, Plain]
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions are asked for: logins, models and modes, and the companies that the sessions choose (none:
    the users' own). `many` is the number of rows above which a model's records aren't listed; None lists all."""

    users: Sequence[str]
    models: Sequence[str]
    modes: Sequence[Mode] = MODES
    companies: Sequence[int] = field(default=())
    many: int | None = MANY


def decisions(access: Access, wanted: Wanted, progress: Progress | None = None) -> Iterator[Row]:
    """One row for each user, model and mode, by model, then in the given order of users and modes.

    `acl` is whether an access right gives the mode, `domain` what the record rules leave, evaluated, as Odoo's
    prefix list; `ids` are the records that pass, archived ones too, ascending. For `read`, `search_ids` are
    those that a search finds, archived ones too. What can't be known is None, with `undecided`, one sentence;
    with `fails` where Odoo raises an error instead; with `too_many`, the number of rows, where they aren't listed.
    """
    sessions = [(login, access.session_of(login, wanted.companies or None)) for login in wanted.users]
    for done, model in enumerate(wanted.models):
        if progress is not None:
            progress("Decisions", done, len(wanted.models))
        rows = _Rows(access, model, wanted.many)
        for login, session in sessions:
            for mode in wanted.modes:
                yield _decision(access, login, session, mode, rows)
        access.forget()
    if progress is not None:
        progress("Decisions", len(wanted.models), len(wanted.models))


class _Rows:
    """The ids of a model's rows, read once and only when they are asked for."""

    def __init__(self, access: Access, model: str, many: int | None) -> None:
        self.access = access
        self.model = model
        self.many = many
        self._count: int | None = None
        self._ids: list[int] | None = None

    def too_many(self) -> int:
        """The number of rows where they are not to be listed, else 0. Raises Undecided where there is no table."""
        if self._count is None:
            table = self.access.store.schema.model(self.model).table
            statement = sa.select(sa.func.count()).select_from(table)
            self._count = int(self.access.store.rows(statement)[0][0])
        return self._count if self.many is not None and self._count > self.many else 0

    def ids(self) -> list[int]:
        if self._ids is None:
            self._ids = sorted(self.access.reader.ids(self.model))
        return self._ids


def _decision(access: Access, login: str, session: Session, mode: Mode, rows: _Rows) -> Row:
    model = rows.model
    row: Row = {"user": login, "uid": session.uid, "model": model, "mode": mode.value}
    row |= {"acl": None, "domain": None, "ids": None}
    if mode is Mode.READ:
        row["search_ids"] = None
    try:
        row["acl"] = access.may(session, model, mode)
        if row["acl"]:
            row["domain"] = to_lists(access.rule_domain(session, model, mode))
        else:
            row["ids"] = []
            if mode is Mode.READ:
                _search(access, session, rows, row)
            return row
        count = rows.too_many()
        if count:
            row["too_many"] = count
            return row
        row["ids"] = list[Plain](access.allowed(session, model, mode, rows.ids()))
    except RecordsError as error:
        _why_not(error, row)
    if mode is Mode.READ and not row.get("undecided"):
        _search(access, session, rows, row)
    return row


def _search(access: Access, session: Session, rows: _Rows, row: Row) -> None:
    """Add what a search finds. One that is refused finds nothing that could be listed."""
    try:
        if row["acl"] and rows.too_many():
            return
        row["search_ids"] = list[Plain](access.search(session, rows.model, active_test=False))
    except Refused as error:
        row["search_refused"] = str(error)
    except RecordsError as error:
        _why_not(error, row)


def _why_not(error: RecordsError, row: Row) -> None:
    if isinstance(error, Undecided):
        row["undecided"] = str(error)
    elif isinstance(error, Fails):
        row["fails"] = f"{error.error}: {error}"
    else:
        row["refused"] = str(error)


def to_lists(domain: Domain) -> list[Plain]:
    """A ground domain as Odoo's prefix list, with lists for tuples. TRUE is the empty list.

    Raises Undecided for what isn't ground.
    """
    return [] if domain == TRUE else _tokens(domain)


def _tokens(domain: Domain) -> list[Plain]:
    match domain:
        case And(items) | Or(items):
            operator = "&" if isinstance(domain, And) else "|"
            tokens: list[Plain] = [operator] * (len(items) - 1)
            for item in items:
                tokens.extend(_tokens(item))
            return tokens
        case Not(item):
            return ["!", *_tokens(item)]
        case Constant(value):
            return [[int(value), "=", 1]]
        case Term(path, operator, Subdomain(inner)):
            return [[path, operator, _tokens(inner)]]
        case Term(path, operator, value):
            return [[path, operator, _plain(value)]]
    raise Undecided("cannot be decided: a domain was not evaluated")


def _plain(value: Value) -> Plain:
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Values):
        return [_plain(item) for item in value.items]
    raise Undecided("cannot be decided: a value of a domain was not evaluated")
