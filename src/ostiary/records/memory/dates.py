"""Dates and times of domains: texts read as each version's `filtered_domain` reads them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from ostiary.records.errors import Fails, Undecided

_FORMAT = "%Y-%m-%d %H:%M:%S"


def to_datetime(value: Any) -> datetime | None:
    """`fields.Datetime.to_datetime`: None for what is not set, midnight for a date, a text by its length.

    Raises ValueError or TypeError where Odoo does.
    """
    if not value:
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    return datetime.strptime(value, _FORMAT[: len(value) - 2])


def read_date(type_: str, value: str) -> date | datetime:
    """A date or time as Odoo writes it into JSON."""
    found = to_datetime(value)
    if found is None:
        raise Fails("ValueError", "a date is empty")
    return found.date() if type_ == "date" else found


def parse_iso(value: str) -> date | datetime:
    """`parse_iso_date` of 19: a date, or a time. A relative date ('today', '-7d') depends on now and is
    Undecided; anything else fails as Odoo does."""
    try:
        return date.fromisoformat(value) if len(value) <= len("2024-01-31") else datetime.fromisoformat(value)
    except ValueError:
        raise Undecided(f"cannot be decided: the date {value!r:.40} depends on the time of asking") from None


def as_date(value: Any) -> Any:
    """A date out of a domain's value (19, `_value_to_date`); False stays False."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is False:
        return value
    if isinstance(value, str):
        return as_date(parse_iso(value))
    raise ValueError(f"Failed to cast {value!r:.40} into a date")


def as_datetime(value: Any) -> tuple[Any, bool]:
    """A time out of a domain's value and whether it was only a date (19, `_value_to_datetime`)."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None), False
    if value is False:
        return False, True
    if isinstance(value, str):
        return as_datetime(parse_iso(value))
    if isinstance(value, date):
        return datetime.combine(value, time.min), True
    raise ValueError(f"Failed to cast {value!r:.40} into a datetime")


def later(value: datetime, *, day: bool) -> datetime | None:
    """One day or one second later; None past the end of time."""
    try:
        return value + (timedelta(days=1) if day else timedelta(seconds=1))
    except OverflowError:
        return None


def part_of(value: date | datetime, part: str) -> int:
    """A part of a date (`month_number`), as 19's Python reads it."""
    match part:
        case "year_number":
            return value.year
        case "quarter_number":
            return (value.month - 1) // 3 + 1
        case "month_number":
            return value.month
        case "iso_week_number":
            return value.isocalendar()[1]
        case "day_of_year":
            return value.timetuple().tm_yday
        case "day_of_month":
            return value.day
    if isinstance(value, datetime):
        match part:
            case "hour_number":
                return value.hour
            case "minute_number":
                return value.minute
            case "second_number":
                return value.second
    raise Undecided(f"cannot be decided: {part} depends on the language")
