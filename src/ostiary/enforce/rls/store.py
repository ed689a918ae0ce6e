"""What the compiler of domains is given in place of open tables and a user's rights: a script is written
without rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ostiary.domain import Domain
from ostiary.enforce.rls.compiler import Written
from ostiary.policy import Mode, Policy
from ostiary.records.errors import Undecided
from ostiary.records.layers import Layers
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store

_READ = "cannot be decided: a rule rests on values that are looked up when it is read, which a script can't repeat"


class Unopened(Store):
    """A store without a connection. What the compiler would read while it compiles is undecided: it would
    stay in the script as it was at that moment. `sizes` is a store of the same tables, to ask how large
    they are."""

    def __init__(self, schema: Schema, sql: Written, sizes: Store | None = None) -> None:
        self.schema = schema
        self.sql = sql
        self._opened = sizes

    @property
    def dialect(self) -> str:
        return "postgresql"

    def rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        raise Undecided(_READ)

    def fallback(self, model: str, field: str, company: int | None) -> object:
        raise Undecided.computed(model, field, "depends on the company, and its default is looked up")

    def size(self, table: sa.Table) -> int:
        return self._opened.size(table) if self._opened is not None else 0

    def indexed(self, column: sa.ColumnClause[Any]) -> bool:
        return False

    def expected(self, statement: sa.Select[Any]) -> int:
        """Not known of a statement whose values aren't: as many as the table it is asked of has rows."""
        return self.size_of(statement)

    def size_of(self, statement: sa.Select[Any]) -> int:
        tables = [getattr(one, "element", one) for one in statement.get_final_froms()]
        return max((self.size(one) for one in tables if isinstance(one, sa.Table)), default=0)


class Superuser:
    """The access of a rule: it is evaluated as superuser, who is asked for no right. What only Odoo's Python
    finds is undecided."""

    def __init__(self, policy: Policy) -> None:
        self.layers = Layers(policy)

    def rule_domain(self, session: Session, model: str, mode: Mode) -> Domain:
        raise TypeError("a superuser's session asks for no rights")

    def check_field(self, session: Session, model: str, field: str) -> None:
        raise TypeError("a superuser's session asks for no rights")

    def decides_search(self, session: Session, model: str) -> bool:
        layer = self.layers.find(model, None)
        if layer is not None and layer.always:
            raise Undecided(f"cannot be decided: Python decides what a search of {model} finds", model)
        return False

    def search(self, session: Session, model: str, domain: Domain) -> Sequence[int]:
        raise Undecided(_READ)
