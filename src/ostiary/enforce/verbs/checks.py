"""Asking for access: `check_access` and its like, for records as they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ostiary.domain import FALSE, TRUE, Domain, Subdomain, terms
from ostiary.enforce import refusals
from ostiary.enforce.errors import AccessError, MissingError, translated
from ostiary.policy import INTERNAL, Mode
from ostiary.policy import has_groups as satisfies
from ostiary.policy.effective import answer
from ostiary.policy.fields import find_field
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.memory import filtered

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records
    from ostiary.policy import Subject


@contextlib.contextmanager
def explained(env: Environment, model: str, mode: Mode) -> Iterator[None]:
    """Raises what is refused or goes wrong inside as the errors of this package."""
    try:
        with translated():
            yield
    except Refused as refused:
        raise refusals.of(refused, env.access, env.session, model, mode) from None


def check_access(records: Records, mode: Mode) -> None:
    """See `Records.check_access`."""
    env = records.env
    if env.su:
        env.note("check_access", records._name)  # a check that can't refuse
        return
    check_right(env, records._name, mode)
    check_rules(env, records._name, mode, records._ids)


def check_right(env: Environment, model: str, mode: Mode) -> None:
    """Raises AccessError unless an access right gives the mode."""
    if env.su:
        return
    with explained(env, model, mode):
        if env.access.may(env.session, model, mode):
            return
    raise refusals.by_right(env.access, env.session, model, mode)


def check_rules(
    env: Environment, model: str, mode: Mode, ids: Sequence[object], *, after: bool = False
) -> None:
    """Raises AccessError unless record rules, and Odoo's own Python where it decides, let the session do this with
    all of the records. `after` they were written."""
    if env.su:
        return
    left = set(_allowed(env, model, mode, ids))
    stopped = [one for one in ids if one not in left]
    if stopped:
        _refuse(env[model]._of(stopped), mode, after=after)


def _refuse(stopped: Records, mode: Mode, *, after: bool = False) -> None:
    """Raises AccessError for records that rules don't accept.

    17 asks first which of them exist: there a rule that accepts none is no reason to refuse one that doesn't.
    """
    env = stopped.env
    model = stopped._name
    if env.policy.semantics.series == "17.0":
        stopped = stopped.exists()
        if not stopped and mode in (Mode.READ, Mode.UNLINK):
            return
        if not stopped:
            raise MissingError(f"there is no such record of {model}, or not any more")
    raise refusals.by_rule(env.access, env.session, model, mode, tuple(stopped.ids), after=after)


def check_rules_read(records: Records) -> None:
    """Raises AccessError unless reading the records would, as reading asks it: of the database."""
    from ostiary.enforce.verbs.finding import id_in, selected
    from ostiary.enforce.verbs.reading import refuse_hidden

    env, model = records.env, records._name
    with explained(env, model, Mode.READ):
        found = selected(env, model, id_in(records.ids), by_id=True)
        rows = {} if found.empty else {row[0]: row for row in env.transaction.store.rows(found.select())}
    refuse_hidden(records, rows)
    if len(rows) < len(set(records.ids)):
        raise MissingError(f"there is no such record of {model}, or not any more")


def has_access(records: Records, mode: Mode) -> bool:
    """See `Records.has_access`."""
    env = records.env
    if env.su:
        return True
    try:
        with explained(env, records._name, mode):
            if not env.access.may(env.session, records._name, mode):
                return False
        return len(_allowed(env, records._name, mode, records._ids)) == len(records._ids)
    except AccessError:
        return False


def allowed(records: Records, mode: Mode) -> list[object]:
    """See `Records.filtered_access`."""
    env = records.env
    if env.su:
        return list(records._ids)
    with explained(env, records._name, mode):
        if not env.access.may(env.session, records._name, mode):
            return []
    return _allowed(env, records._name, mode, records._ids)


def _allowed(env: Environment, model: str, mode: Mode, ids: Sequence[object]) -> list[object]:
    real = [one for one in ids if isinstance(one, int)]
    env.transaction.reader.want(model, real[:2_000])
    with explained(env, model, mode):
        if len(real) == len(ids):
            return list(env.access.allowed(env.session, model, mode, real))
        return _allowed_with_new(env, model, mode, ids, real)


def _allowed_with_new(
    env: Environment, model: str, mode: Mode, ids: Sequence[object], real: list[int]
) -> list[object]:
    """With records that are only in memory: from 18 on rules aren't asked of these alone; 17 asks them."""
    if not real and env.policy.semantics.series != "17.0":
        return list(ids)
    return _accepted(env, model, env.access.rule_domain(env.session, model, mode), ids)


def _accepted(env: Environment, model: str, domain: Domain, ids: Sequence[object]) -> list[object]:
    """Those that a domain of record rules accepts, evaluated as superuser."""
    if domain in (TRUE, FALSE):
        return list(ids) if domain == TRUE else []
    real = [one for one in ids if isinstance(one, int)]
    if len(real) != len(ids):
        raise Undecided(
            f"cannot be decided: record rules of {model} would be asked of a record that is not stored"
        )
    return list(filtered(env.access.reader, env.access, env.session.sudo(), model, domain, real))


def check_access_rights(records: Records, mode: Mode, *, raise_exception: bool) -> bool | None:
    """See `Records.check_access_rights`."""
    try:
        check_right(records.env, records._name, mode)
    except AccessError:
        if raise_exception:
            raise
        return False
    old = records.env.policy.semantics.series == "17.0"
    return True if old or not raise_exception else None


def check_access_rule(records: Records, mode: Mode) -> None:
    """See `Records.check_access_rule`."""
    env = records.env
    if env.su:
        return
    if env.policy.semantics.series != "17.0":
        check_access(records, mode)
        return
    with explained(env, records._name, mode):
        layered = env.access.layers.find(records._name, mode) is not None
    if layered:  # the method is overridden there, as what is asked here
        check_rules(env, records._name, mode, records._ids)
        return
    with explained(env, records._name, mode):
        domain = env.access.rules_alone(env.session, records._name, mode)
        left = set(_accepted(env, records._name, domain, records._ids))
    stopped = [one for one in records._ids if one not in left]
    if stopped:
        _refuse(records._of(stopped), mode)


def check_field(env: Environment, model: str, field: str, mode: Mode) -> None:
    """Raises AccessError where field groups keep the session from a field."""
    if env.su:
        return
    try:
        with translated():
            env.access.check_field(env.session, model, field)
    except Refused as refused:
        if refused.kind != "field":
            raise refusals.of(refused, env.access, env.session, model, mode) from None
        raise refusals.by_field(env.access, env.session, model, mode, field) from None


def check_named(env: Environment, model: str, domain: Domain) -> None:
    """Raises Refused (`field`) where field groups keep the session from a field that a domain names. Odoo asks it of
    columns only: what a related field leads to is found as superuser, so that a search would tell its value."""
    if env.su:
        return
    for term, _ in terms(domain):
        at: str | None = model
        for name in term.path.split("."):
            field = find_field(env.policy, at, name) if at in env.policy.models else None
            if field is None:
                break
            env.access.check_field(env.session, str(at), name)
            at = field.comodel
        else:
            if isinstance(term.value, Subdomain) and at is not None:
                check_named(env, at, term.value.domain)


def may_use(env: Environment, model: str, field: str) -> bool:
    """Whether field groups let the session have a field; False too where that isn't known."""
    if env.su:
        return True
    try:
        env.access.check_field(env.session, model, field)
    except (Refused, Undecided, Fails):
        return False
    return True


def has_group(users: Records, xmlid: str) -> bool:
    """See `Records.has_group`."""
    env = users.env
    subject = _whose_groups(users, "has_group")
    if "." not in xmlid and env.policy.semantics.series == "17.0":
        raise MissingError(f"a group is named by its external id, with its module: {xmlid}")
    return _holds(env, subject, xmlid, debug=False)


def has_groups(users: Records, spec: str) -> bool:
    """See `Records.has_groups`."""
    env = users.env
    subject = _whose_groups(users, "has_groups")
    names = [one.strip().removeprefix("!") for one in spec.split(",")]
    held = {one for one in names if one not in {"", "."} and _holds(env, subject, one, debug=True)}
    return satisfies(spec, held, env.policy.semantics)


def _holds(env: Environment, subject: Subject, xmlid: str, *, debug: bool) -> bool:
    held = answer(env.policy, subject, xmlid, debug)
    if held is None:
        raise Undecided(f"cannot be decided: whether {subject.phrase} holds {xmlid} is not known")
    return held


def _whose_groups(users: Records, method: str) -> Subject:
    """Whose groups are asked for. Raises AccessError where the session may only ask for its own (from 18 on)."""
    env = users.env
    if users._name != "res.users":
        raise AttributeError(f"{users._name} has no method {method}")
    user = users.ensure_one().id
    if user == env.uid:
        return env.subject
    limited = env.policy.semantics.series != "17.0" and not env.su
    if limited and INTERNAL not in env.subject.groups:
        raise AccessError(
            "Only internal users may ask which groups others hold.", kind="rule", model="res.users"
        )
    from ostiary.enforce.who import subject_of

    return subject_of(env, user)
