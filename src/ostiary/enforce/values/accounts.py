"""What Odoo's own model of users adds to writing: fields of one's own account, and one type of user only.

Source: `res.users.write`, `SELF_WRITEABLE_FIELDS`, `_check_one_user_type` (19: `_check_disjoint_groups`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ostiary.enforce import who
from ostiary.enforce.bypasses import QUIET
from ostiary.enforce.errors import ValidationError
from ostiary.policy import closure, user_type_conflict

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

USERS, GROUPS = "res.users", "res.groups"
_OWN = frozenset({"signature", "action_id", "company_id", "email", "name", "image_1920", "lang", "tz"})
"""Those of `base`. Modules add to them in Python, which isn't read: their fields are written with rights only."""


def own_fields(records: Records, values: Mapping[str, Any]) -> tuple[Records, Mapping[str, Any]]:
    """The records and values of a write, in superuser mode where users write nothing but open fields of themselves.

    A company that isn't theirs is left out of the values, as in Odoo. A strict environment knows no such way around
    access rights and rules.
    """
    env = records.env
    itself = records._name == USERS and env.uid is not None and records._ids == (env.uid,)
    if not itself or env.su or env.strict or not _OWN.issuperset(values):
        return records, values
    user = env.subject.user
    allowed = env.access.companies_of(user) if user is not None else ()
    kept = {name: value for name, value in values.items() if name != "company_id" or value in allowed}
    return records.with_env(env.derived(su=True, reason=QUIET)), kept


def check_types(env: Environment, model: str, ids: Sequence[int], written: Iterable[str]) -> None:
    """Raises ValidationError where users have come to hold groups of several types of users."""
    renamed = env.policy.semantics.group_fields_renamed
    if model == USERS and ("group_ids" if renamed else "groups_id") in written:
        users = list(ids)
    elif model == GROUPS and ("user_ids" if renamed else "users") in written:
        su = env.derived(su=True, reason=QUIET).with_context(active_test=False)
        users = su[GROUPS].browse(ids).mapped("user_ids" if renamed else "users").ids
    else:
        return
    for user in users:
        row = who.of_row(env.transaction, user)
        held = closure(env.policy, [link.group for link in row.groups]) if row is not None else frozenset()
        conflict = user_type_conflict(held)
        if conflict:
            named = " and ".join(conflict)
            raise ValidationError(f"a user is of one type only, and {USERS} {user} would hold {named}")
