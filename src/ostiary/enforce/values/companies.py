"""`check_company`: records that are linked belong to companies that go together.

Source: `models._check_company`, `_check_company_domain` (18; 17 and 19 differ in how many of several must fit). This
keeps data whole; it is no access control.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ostiary.enforce.bypasses import QUIET
from ostiary.enforce.errors import UserError
from ostiary.policy.definitions import Field
from ostiary.records.errors import Undecided
from ostiary.records.memory.convert import RELATIONAL

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment

_OWNERS = ("company_id", "company_ids")


def current(env: Environment) -> int:
    """The id of the current company. Raises AccessError where it was chosen and isn't the user's, Undecided where there
    is none."""
    found = env.company.id or None
    if found is None:
        raise Undecided(f"cannot be decided: {env.subject.phrase} is in no company that is known")
    return found


def check(env: Environment, model: str, ids: Sequence[int], written: Collection[str] | None) -> None:
    """Raises UserError where a field with `check_company` leads to a record of another company. `written` are the
    fields that were written; None after a creation."""
    definition = env.policy.models[model]
    if not definition.check_company_auto:
        return
    names = (
        set(definition.fields) if written is None or not set(_OWNERS).isdisjoint(written) else set(written)
    )
    fields = [
        field
        for name, field in sorted(definition.fields.items())
        if name in names and field.check_company and field.type in RELATIONAL and field.comodel
    ]
    if not fields:
        return
    su = env.derived(su=True, reason=QUIET).with_context(active_test=False)
    for one in ids:
        wrong = next(iter(_wrong(su, model, one, fields)), None)
        if wrong is not None:
            raise UserError(
                f"{model} {one} and what {wrong} leads to belong to companies that do not go together"
            )


def _wrong(su: Environment, model: str, one: int, fields: Sequence[Field]) -> Iterator[str]:
    record = su[model].browse(one)
    owners = _companies_of(su, model, record)
    for field in fields:
        if owners is None and not field.company_dependent:
            continue
        own = [current(su)] if field.company_dependent else owners
        linked = record[field.name]
        if not linked:
            continue
        fitting = [each for each in linked if _fits(su, str(field.comodel), each, own or [])]
        every = su.policy.semantics.field_groups_on_create  # 19 asks it of all, those before it of one
        if not (len(fitting) == len(linked) if every else fitting):
            yield field.name


def _companies_of(su: Environment, model: str, record: Any) -> list[int] | None:
    """The companies a record belongs to; None where its model knows of none."""
    if model == "res.company":
        return list(record.ids)
    for name in _OWNERS:
        if name in su.policy.models[model].fields:
            return list(record[name].ids)
    return None


def _fits(su: Environment, comodel: str, record: Any, companies: list[int]) -> bool:
    """Whether a linked record goes with these companies (`_check_company_domain`)."""
    if comodel == "res.users":
        return not companies or bool(set(record.company_ids.ids) & set(companies))
    if comodel == "res.company":
        return record.id in companies if companies else True
    if "company_id" not in su.policy.models[comodel].fields:
        return True
    own = record.company_id
    return not own or own.id in companies
