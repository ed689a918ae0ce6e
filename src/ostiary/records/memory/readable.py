"""Which records of a model a session that is no superuser's may read, as reading their fields asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ostiary.domain import TRUE, And, Literal, Term
from ostiary.policy import Mode
from ostiary.records.access_protocol import Rules, Searches
from ostiary.records.errors import RecordsError

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

CHUNK = 2_000
"""How many neighbouring ids are asked for at once."""


def readable_by(env: Env, model: str) -> Callable[[int], bool]:
    """A test of ids. It raises what Odoo raises where the session may not read the model at all."""
    assert env.access is not None
    try:
        domain = env.access.rule_domain(env.session, model, Mode.READ)
    except RecordsError as error:
        return _raising(error)
    if domain == TRUE:
        return anybody
    if isinstance(env.access, Searches):
        return _found(env, env.access, model)
    # Odoo fetches with archived records, and so with the archived lines that a rule may ask for.
    return env.sudo().active_test(False).deeper().test(model, domain)


def linked_by(env: Env, model: str) -> Callable[[int], bool]:
    """A test of the ids that a many2many holds: up to 18 the rules of the model choose among them, and the right to
    read it is not asked for."""
    access: object = env.access
    if not env.source.schema.semantics.links_ask_for_right and isinstance(access, Rules):
        domain = access.rules_alone(env.session, model, Mode.READ)
        return anybody if domain == TRUE else env.sudo().deeper().test(model, domain)
    return env.readable(model)


def _found(env: Env, access: Searches, model: str) -> Callable[[int], bool]:
    """Whether a search finds a record: Odoo reads by SQL, which doesn't always say what its Python says."""
    session, source = env.session.with_active_test(False), env.source
    chunks: dict[int, frozenset[int]] = {}

    def found(record: int) -> bool:
        first = record // CHUNK * CHUNK
        if first not in chunks:
            within = And((Term("id", ">=", Literal(first)), Term("id", "<", Literal(first + CHUNK))))
            chunks[first] = frozenset(access.search(session, model, within))
        # Reading one that doesn't exist is another error.
        return record in chunks[first] or not source.exists(model, record)

    return found


def anybody(record: int) -> bool:
    """Every record may be read."""
    return True


def _raising(error: RecordsError) -> Callable[[int], bool]:
    def raise_(record: int) -> bool:
        raise error

    return raise_
