"""When users were made and last seen, and which of them are employees; whatever may not be read is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from ostiary.sources.database.tables import Database


@dataclass(frozen=True, slots=True)
class Logins:
    """Days (UTC) by user id, and the ids of users who are employees in service."""

    created: dict[int, date]
    logins: dict[int, date]
    activity: dict[int, date]
    employees: frozenset[int]


def read_logins(database: Database) -> Logins:
    """Days are enough: the time of day says more about a person than any check asks."""
    employees = database.rows("hr_employee", "user_id active")
    return Logins(
        created=_latest(database.rows("res_users", "id create_date")),
        # `res.users.login_date`: the newest entry. Odoo keeps only that one of each user.
        logins=_latest(database.rows("res_users_log", "create_uid create_date")),
        activity=_latest(database.rows("res_device_log", "user_id last_activity")),
        employees=frozenset(user for user, active in employees if user is not None and active),
    )


def _latest(rows: Iterable[tuple[int | None, datetime | None]]) -> dict[int, date]:
    found: dict[int, date] = {}
    for user, moment in rows:
        if user is not None and moment is not None:
            found[user] = max(found.get(user, date.min), moment.date())
    return found
