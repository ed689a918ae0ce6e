"""Dates by hour, day, week, month, quarter or year, and numbers of these: as SQL, and as they are shown.

Source: `models._read_group_groupby`, `_read_group_format_result` (18). Times are UTC, words are English, and
weeks begin on Sunday, as in Odoo's English.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from ostiary.enforce.lists.following import Expression
from ostiary.records.sql.scope import Scope

Moment: TypeAlias = date | datetime

PERIODS = ("hour", "day", "week", "month", "quarter", "year")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MIDNIGHT = " 00:00:00.000000"


def period(scope: Scope, value: Expression, type_: str, unit: str) -> Expression:
    """The beginning of the period that a date (or datetime, by `type_`) is in; `unit` is one of `PERIODS`."""
    if scope.store.dialect == "postgresql":
        found = _of_postgresql(sa.cast(value, sa.DateTime), unit)
        return sa.cast(found, sa.Date) if type_ == "date" else found
    found = _of_sqlite(value, "day" if type_ == "date" and unit == "hour" else unit)
    if type_ == "date":
        return sa.type_coerce(found, sa.Date)
    return sa.type_coerce(found if unit == "hour" else found.concat(_written(_MIDNIGHT)), sa.DateTime)


def number(scope: Scope, value: Expression, unit: str) -> Expression:
    """A part of a date as a number (`month_number`); Sunday is day 0 of a week."""
    return sa.cast(sa.func.round(scope.sql.date_part(value, unit)), sa.Integer)


def end_of(start: Moment, unit: str) -> Moment:
    """The beginning of the next period."""
    match unit:
        case "hour":
            return start + timedelta(hours=1)
        case "day":
            return start + timedelta(days=1)
        case "week":
            return start + timedelta(days=7)
        case "year":
            return start.replace(year=start.year + 1)
    months = start.year * 12 + start.month - 1 + (3 if unit == "quarter" else 1)
    return start.replace(year=months // 12, month=months % 12 + 1)


def label(start: Moment, unit: str) -> str:
    """How a period is shown: `March 2024`, `W9 2024`, `Q1 2024`."""
    month = _MONTHS[start.month - 1]
    match unit:
        case "hour":
            clock = start.hour if isinstance(start, datetime) else 0
            return f"{(clock - 1) % 12 + 1:02}:00 {start.day:02} {month[:3]}"
        case "day":
            return f"{start.day:02} {month[:3]} {start.year}"
        case "week":
            year, week = _week(start.date() if isinstance(start, datetime) else start)
            return f"W{week} {year:04}"
        case "month":
            return f"{month} {start.year}"
        case "quarter":
            return f"Q{(start.month - 1) // 3 + 1} {start.year}"
    return f"{start.year}"


def written(moment: Moment) -> str:
    """As a domain has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if isinstance(moment, datetime) else moment.isoformat()


def _of_postgresql(value: Expression, unit: str) -> Expression:
    if unit != "week":
        return _truncated(_written(unit), value)
    day: Expression = sa.literal_column("INTERVAL '1 DAY'")
    return _truncated(_written(unit), value + day) - day


def _truncated(name: Expression, value: Expression) -> Expression:
    found: Expression = sa.func.date_trunc(name, value, type_=sa.DateTime)
    return found


def _of_sqlite(value: Expression, unit: str) -> Expression:
    def form(text: str, *more: str) -> Expression:
        return sa.func.strftime(_written(text), value, *map(_written, more), type_=sa.Text)

    match unit:
        case "hour":
            return form("%Y-%m-%d %H:00:00.000000")
        case "day":
            return form("%Y-%m-%d")
        case "week":
            return form("%Y-%m-%d", "-6 days", "weekday 0")
        case "month":
            return form("%Y-%m-01")
        case "year":
            return form("%Y-01-01")
    month = sa.cast(form("%m"), sa.Integer)
    first = (month + _written(2)) // _written(3) * _written(3) - _written(2)
    quarter = sa.func.printf(_written("%s-%02d-01"), form("%Y"), first, type_=sa.Text)
    return sa.case((value.is_not(None), quarter))


def _written(value: int | str) -> Expression:
    """A constant of this module's own as it is, so that SELECT and GROUP BY have the very same text."""
    return sa.literal_column(repr(value), type_=sa.Integer() if isinstance(value, int) else sa.Text())


def _week(day: date) -> tuple[int, int]:
    """The year and number of a week: the first of a year is the one with the 1st of January."""
    if day.year < date.max.year and day >= _first_day(day.year + 1):
        return day.year + 1, 1
    return day.year, (day - _first_day(day.year)).days // 7 + 1


def _first_day(year: int) -> date:
    january = date(year, 1, 1)
    return january - timedelta(days=january.isoweekday() % 7)
