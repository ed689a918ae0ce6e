"""What PostgreSQL and SQLite write differently, and which shape of a query is fast on which."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ostiary.records.errors import Undecided
from ostiary.records.schema import ModelTable
from ostiary.records.sql.patterns import like as python_like
from ostiary.records.sql.values import fitting, wide_enough

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]


class Beside(Enum):
    """Where a condition on a set of ids stands: on its own, or beside others under an OR, with few or many ids."""

    NOTHING = "nothing"
    FEW = "few"
    MANY = "many"


_FEW = 16  # values that SQLite is given as a list of parameters
_LONGEST_PATTERN = 50_000  # SQLite refuses longer ones
_PARTS = {
    "year_number": "year",
    "quarter_number": "quarter",
    "month_number": "month",
    "iso_week_number": "week",
    "day_of_year": "doy",
    "day_of_month": "day",
    "day_of_week": "dow",
    "hour_number": "hour",
    "minute_number": "minute",
    "second_number": "second",
}


class Dialect:
    """The base: what both write alike. A set of values is always one bound parameter, never a list of terms."""

    name = ""

    def size(self, connection: sa.Connection, table: str) -> int:
        """About how many rows a table has; 0 where that is not known."""
        raise NotImplementedError

    def among(self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]) -> Condition:
        """`left` is one of the values, which are of the type and not empty."""
        raise NotImplementedError

    def not_among(
        self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]
    ) -> Condition:
        """`left` is none of the values; unset stays unknown."""
        raise NotImplementedError

    def selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, beside: Beside = Beside.NOTHING
    ) -> Condition:
        """`left`, of the table `of`, is one of what a query finds; `beside` says where the condition stands."""
        return left.in_(found)

    def not_selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, indexed: bool
    ) -> Condition:
        """`left`, of the table `of`, is none of what a query finds, which may find NULL. Whether an unset `left` is,
        is not defined. `indexed`: an index leads to what the query finds."""
        return ~_exists(left, found, of)

    def later_tree(
        self, model: ModelTable, ids: Sequence[int], link: str | None, *, up: bool
    ) -> Sequence[int] | None:
        """What stands for the ids below (or above) some records, where a tree is only worked out when the statement
        runs; None where it is read at once. `link` is the field that leads up, None for `parent_path`."""
        return None

    def like(self, left: Expression, pattern: str, *, fold: bool) -> Condition:
        """`left` (a text) matches the pattern, as PostgreSQL's LIKE has it, or ILIKE with `fold`."""
        raise NotImplementedError

    def starts_with(self, left: Expression, start: str) -> Condition:
        """`left` starts with a text that holds neither `%`, `_` nor a backslash."""
        raise NotImplementedError

    def as_text(self, left: Expression, type_: str) -> Expression:
        """A value of a field of this type as PostgreSQL casts it to text."""
        raise NotImplementedError

    def date_part(self, left: Expression, part: str) -> Expression:
        """A part of a date (`month_number`) as a number; Sunday is day 0 of the week."""
        raise NotImplementedError

    def json_missing(self, left: Expression, key: str) -> Condition:
        """Whether a JSON object has no such key, or there is no object."""
        raise NotImplementedError

    def json_value(self, left: Expression, key: str, type_: sa.types.TypeEngine[Any]) -> Expression:
        """The value of a key of a JSON object, of the type; NULL where it has none."""
        raise NotImplementedError


class PostgreSQL(Dialect):
    """Lists as arrays. `IN (SELECT ...)` is a join where it is a condition of its own; under an OR it is asked for
    every row, which takes hours where the found ids don't fit into `work_mem`. So a small set is read first, as an
    array, which an index can be asked about, and a large one is asked for the row at hand, as EXISTS. `NOT EXISTS` is
    a join of its own too."""

    name = "postgresql"

    def size(self, connection: sa.Connection, table: str) -> int:
        wanted = sa.text(
            "SELECT reltuples FROM pg_catalog.pg_class "
            "WHERE oid = pg_catalog.to_regclass(pg_catalog.quote_ident(:table))"
        )
        found = connection.execute(wanted, {"table": table}).scalar()
        return max(int(found or 0), 0)

    def among(self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]) -> Condition:
        return left == sa.any_(_array(values, type_))

    def not_among(
        self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]
    ) -> Condition:
        return left != sa.all_(_array(values, type_))

    def selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, beside: Beside = Beside.NOTHING
    ) -> Condition:
        if beside is Beside.NOTHING:
            return left.in_(found)
        if beside is Beside.MANY:
            return _exists(left, found, of)
        return left == sa.any_(sa.func.array(found.scalar_subquery(), type_=ARRAY(sa.Integer)))

    def like(self, left: Expression, pattern: str, *, fold: bool) -> Condition:
        bound = sa.bindparam(None, pattern, type_=sa.Text)
        return left.ilike(bound) if fold else left.like(bound)

    def starts_with(self, left: Expression, start: str) -> Condition:
        return left.like(sa.bindparam(None, start + "%", type_=sa.Text))

    def as_text(self, left: Expression, type_: str) -> Expression:
        return sa.cast(left, sa.Text)

    def date_part(self, left: Expression, part: str) -> Expression:
        return sa.func.date_part(_PARTS[part], left, type_=sa.Float)

    def json_missing(self, left: Expression, key: str) -> Condition:
        return left.op("->", return_type=sa.Text())(sa.bindparam(None, key, type_=sa.Text)).is_(None)

    def json_value(self, left: Expression, key: str, type_: sa.types.TypeEngine[Any]) -> Expression:
        text = left.op("->>", return_type=sa.Text())(sa.bindparam(None, key, type_=sa.Text))
        return text if isinstance(type_, sa.Text) else sa.cast(text, type_)


class SQLite(Dialect):
    """Lists as JSON. `IN (SELECT ...)` uses an index under an OR too; `EXISTS` would be asked for every row. What is
    not to be found is asked row by row where an index answers, since NOT IN reads all of it first."""

    name = "sqlite"

    def size(self, connection: sa.Connection, table: str) -> int:
        return 0  # the same shape whatever the size

    def among(self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]) -> Condition:
        if len(values) <= _FEW:
            # Of a list SQLite knows how short it is, and asks an index for its values under an OR too.
            return left.in_([sa.bindparam(None, fitting(value), type_=type_) for value in values])
        return left.in_(_each([fitting(value) for value in values]))

    def not_among(
        self, left: Expression, values: Sequence[object], type_: sa.types.TypeEngine[Any]
    ) -> Condition:
        return left.not_in(_each([fitting(value) for value in values]))

    def not_selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, indexed: bool
    ) -> Condition:
        if indexed:
            return ~_exists(left, found, of)
        column = next(iter(found.selected_columns))
        return left.not_in(found.where(column.is_not(None)))

    def like(self, left: Expression, pattern: str, *, fold: bool) -> Condition:
        """SQLite's own LIKE takes no notice of the case of ASCII letters, and of nothing else. It decides where that
        is all there is to decide, and lets few rows through to the function where it isn't."""
        bound = sa.bindparam(None, pattern, type_=sa.Text)
        exact = sa.func.ostiary_like(left, bound, sa.literal(int(fold)), type_=sa.Boolean)
        if len(pattern.encode("utf-8", "replace")) > _LONGEST_PATTERN:
            return exact
        native = left.like(bound, escape="\\")
        if not fold:
            return sa.and_(native, exact)
        if not pattern.isascii():
            return exact
        ascii_only = sa.func.length(sa.cast(left, sa.LargeBinary)) == sa.func.length(left)
        return sa.case((sa.or_(native, ascii_only, left.is_(None)), native), else_=exact)

    def starts_with(self, left: Expression, start: str) -> Condition:
        after = start[:-1] + chr(ord(start[-1]) + 1)
        low, high = sa.bindparam(None, start, type_=sa.Text), sa.bindparam(None, after, type_=sa.Text)
        return sa.and_(left >= low, left < high)

    def as_text(self, left: Expression, type_: str) -> Expression:
        text = sa.cast(left, sa.Text)
        if type_ == "boolean":
            return sa.case((left.is_(sa.true()), "true"), (left.is_(sa.false()), "false"), else_=sa.null())
        if type_ == "datetime":
            short = sa.func.rtrim(sa.func.rtrim(text, "0"), ".", type_=sa.Text)
            return sa.case((sa.func.instr(text, ".") > 0, short), else_=text)
        if type_ in ("float", "monetary"):
            whole = sa.cast(left, sa.Integer)
            return sa.case((left == whole, sa.cast(whole, sa.Text)), else_=text)
        if type_ in ("json", "properties", "properties_definition"):
            raise Undecided("cannot be decided: how PostgreSQL writes JSON as text is not known to SQLite")
        return text

    def date_part(self, left: Expression, part: str) -> Expression:
        def number(form: str, *of: Any) -> Expression:
            return sa.cast(sa.func.strftime(form, *(of or (left,))), sa.Integer)

        match part:
            case "quarter_number":
                return (number("%m") + 2) // 3
            case "iso_week_number":
                thursday = number("%j", sa.func.date(left, "-3 days", "weekday 4"))
                return (thursday - 1) // 7 + 1
            case "second_number":
                return sa.cast(sa.func.strftime("%f", left), sa.Float)
        forms = {
            "year": "%Y",
            "month": "%m",
            "doy": "%j",
            "day": "%d",
            "dow": "%w",
            "hour": "%H",
            "minute": "%M",
        }
        return number(forms[_PARTS[part]])

    def json_missing(self, left: Expression, key: str) -> Condition:
        return sa.func.json_type(left, _path(key)).is_(None)

    def json_value(self, left: Expression, key: str, type_: sa.types.TypeEngine[Any]) -> Expression:
        return sa.func.json_extract(left, _path(key), type_=type_)


def _array(values: Sequence[object], type_: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    """The values as an array of a type that holds them: of no column is an id that needs 64 bits, but it may be asked
    for."""
    kept = [fitting(value) for value in values]
    return sa.bindparam(None, kept, type_=ARRAY(wide_enough(type_, kept)))


def _exists(left: Expression, found: sa.Select[Any], of: sa.FromClause) -> sa.Exists:
    """Whether the query finds this value."""
    column = next(iter(found.selected_columns))
    return sa.exists(found.where(column == left).with_only_columns(sa.literal(1)).correlate(of))


def _path(key: str) -> sa.BindParameter[str]:
    return sa.bindparam(None, f'$."{key}"', type_=sa.Text)


def _each(values: Sequence[object]) -> sa.Select[Any]:
    """The values as rows."""
    text = json.dumps([_stored(value) for value in values])
    rows = sa.func.json_each(sa.bindparam(None, text, type_=sa.Text)).table_valued("value")
    return sa.select(rows.c.value)


def _stored(value: object) -> object:
    """A value as it is in a column: dates are texts."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def dialect_of(connection: sa.Connection) -> Dialect:
    """The dialect of a connection, which is prepared for it. Raises ValueError for a database of another kind."""
    if connection.dialect.name == "postgresql":
        return PostgreSQL()
    if connection.dialect.name != "sqlite":
        raise ValueError(
            f"Ostiary reads records from PostgreSQL and SQLite, not from {connection.dialect.name}"
        )
    driver: Any = connection.connection.driver_connection
    driver.create_function("ostiary_like", 3, python_like, deterministic=True)
    return SQLite()
