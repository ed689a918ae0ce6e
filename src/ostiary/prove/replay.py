"""Putting a witness into tables and asking `records` the same question."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from ostiary.domain import Domain
from ostiary.policy import Mode, Policy, Subject
from ostiary.policy.rules import parents_of
from ostiary.prove.tables import Tables
from ostiary.prove.verdict import Row, Witness
from ostiary.records.access import Access
from ostiary.records.errors import RecordsError, Refused
from ostiary.records.evaluate import evaluate
from ostiary.records.memory import Reader, filtered
from ostiary.records.schema import Column, Links, Schema, Storage
from ostiary.records.session import Session
from ostiary.records.store import Store

_NO_TABLE = re.compile(r"no such table: (\S+)")
_MOST_TRIES = 40  # a question comes to one table after another


class Stage:
    """Tables in memory for the models of one Policy, made as they are needed and left empty after each question."""

    def __init__(self, policy: Policy, schema: Schema | None = None) -> None:
        self.policy = policy
        self.schema = schema or Schema(policy)
        self.tables = Tables(self.schema)

    def close(self) -> None:
        self.tables.close()

    def ask(
        self, subject: Subject, model: str, mode: Mode, witness: Witness, models: Iterable[str] = ()
    ) -> bool | str:
        """Whether the user of the witness may do this with its record; a sentence where `records` can't tell."""
        wanted = {row.model for row in witness.rows} | set(models)
        try:
            for name in sorted(wanted & self.policy.models.keys()):
                self.tables.make(self.schema.model(name).table.name)
        except (RecordsError, ValueError, sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            return f"the witness can't be put into tables: {error}"
        record = witness.record.id
        return self._with(
            witness, lambda access, session: _may(access, session, model, mode, record), subject
        )

    def ask_domain(
        self, subject: Subject, model: str, mode: Mode, witness: Witness, domain: Domain
    ) -> bool | str:
        """As `ask`, of a domain in the place of the rules, for what no right is asked. Call it after `ask`."""

        def passes(access: Access, session: Session) -> bool | str:
            record = witness.record.id
            ground = evaluate(access.reader, session, domain)
            if filtered(access.reader, access, session.sudo(), model, ground, [record]):
                return True
            if mode is not Mode.READ:
                return False
            return record in access.search(session.sudo(), model, ground, active_test=False)

        return self._with(witness, passes, subject)

    def _with(
        self, witness: Witness, ask: Callable[[Access, Session], bool | str], subject: Subject
    ) -> bool | str:
        """What is answered while the witness is in tables."""
        said = ""
        for _ in range(_MOST_TRIES):
            try:
                for row in self._ordered(witness.rows):
                    self.tables.insert(row.model, self._values(row, witness))
                store = Store(self.schema, self.tables.connection)
                companies = witness.companies
                company = companies[0] if companies else None
                return ask(
                    Access(store, Reader(store)), Session(subject, witness.user.id, company, companies)
                )
            except (RecordsError, sa.exc.SQLAlchemyError, sqlite3.Error, ValueError, OverflowError) as error:
                self.tables.clear()  # a table can't be made while there are rows
                said = str(error).split("\n", 1)[0].removeprefix("cannot be decided: ")
                if not isinstance(error, sqlite3.Error) or not self._mended(said):
                    return said
            finally:
                self.tables.clear()
        return said

    def _mended(self, said: str) -> bool:
        """Whether what a statement missed has been made: a table, or columns that a table got later."""
        missing = _NO_TABLE.search(said)
        return self.tables.make(missing[1]) if missing else self.tables.grow()

    def _values(self, row: Row, witness: Witness) -> Mapping[str, Any]:
        """The values that tables hold; those of a company-dependent field are by company."""
        values: dict[str, Any] = {"id": row.id}
        for name, value in row.values.items():
            try:
                kind = self.schema.field(row.model, name)
            except RecordsError:
                continue  # a field that these definitions lack
            if isinstance(kind, Links):
                values[name] = value
            elif isinstance(kind, Column):
                by_company = kind.storage is Storage.BY_COMPANY and value is not None
                values[name] = {witness.companies[0]: value} if by_company else value
        active = self.schema.model(row.model).active
        if active and active not in row.values and isinstance(self.schema.field(row.model, active), Column):
            values[active] = True
        return values

    def _ordered(self, rows: Iterable[Row]) -> list[Row]:
        """Parents before children, so that each has its place in the tree."""
        waiting = {(row.model, row.id): row for row in rows}
        ordered: list[Row] = []
        while waiting:
            ready = [key for key, row in waiting.items() if waiting.keys().isdisjoint(self._before(row))]
            for key in ready or [next(iter(waiting))]:
                ordered.append(waiting.pop(key))
        return ordered

    def _before(self, row: Row) -> list[tuple[str, object]]:
        """The rows that have to be there first: the parent in a tree, and those that are delegated to."""
        links = [
            (parent, row.values.get(link)) for parent, link in parents_of(self.policy, row.model).items()
        ]
        try:
            return [*links, (row.model, row.values.get(self.schema.model(row.model).parent_name))]
        except RecordsError:
            return list(links)


def _may(access: Access, session: Session, model: str, mode: Mode, record: int) -> bool | str:
    """Whether the session may do this with the record, which it may read where a search finds it too."""
    why = ""
    try:
        if record in access.allowed(session, model, mode, [record]):
            return True
    except Refused:
        pass
    except RecordsError as error:
        why = str(error)
    # Reading by id sees archived lines, a search doesn't (but from 19 on), and either may let the record through.
    for active_test in (False, True) if mode is Mode.READ else ():
        try:
            if record in access.search(session, model, active_test=active_test):
                return True
        except Refused:
            pass
        except RecordsError as error:
            why = why or str(error)
    return why.removeprefix("cannot be decided: ") if why else False
