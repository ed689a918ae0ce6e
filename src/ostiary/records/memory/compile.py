"""Domains compiled: the entry points of evaluation in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ostiary.domain import And, Constant, Domain, IfElse, Not, Opaque, Or, Term
from ostiary.domain.walk import depth_exceeds
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.memory.checks import Check, built, combine, constant, failing, inverse
from ostiary.records.memory.env import Env
from ostiary.records.memory.mapped import mapped
from ostiary.records.memory.predicates import predicate
from ostiary.records.memory.source import Source
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access_protocol import Access

MAX_DEPTH = 250
"""Deepest domain that is compiled, subdomains and values included. Odoo's own rules have 6 levels."""


def compile_domain(
    reader: Source, access: Access | None, session: Session, model: str, domain: Domain
) -> Callable[[int], bool]:
    """The test that `filtered_domain` makes of one record of the model, by its id.

    `domain` is ground. As in Odoo, archived records are not left out, and no rule of the model itself is added.
    `access` is asked only where the session is no superuser; None makes every session one.

    The test raises Fails or Refused where Odoo would for this record alone (a domain that Odoo refuses raises
    only once there is a record), and Undecided where the answer rests on what can't be known and the rest of the
    domain doesn't settle it. Nothing is raised here but Undecided, for a domain without bounds.
    """
    return compile_in(Env(reader, access, session), model, domain)


def filtered(  # noqa: PLR0917 - what every evaluator takes, and the records
    reader: Source, access: Access | None, session: Session, model: str, domain: Domain, ids: Sequence[int]
) -> list[int]:
    """Those of the records that satisfy the domain, in the given order: `filtered_domain`.

    Raises as the tests of `compile_domain` do; where records fail for different reasons, the error is the one
    that Odoo comes to first.
    """
    env = Env(reader, access, session)
    test = compile_in(env, model, domain)
    try:
        return [record for record in ids if test(record)]
    except (Fails, Refused):
        if not reader.schema.semantics.python_predicates:
            _fail_first(env, model, domain, ids)
        raise


def compile_in(env: Env, model: str, domain: Domain) -> Callable[[int], bool]:
    """As `compile_domain`, within an environment."""
    if depth_exceeds(domain, MAX_DEPTH):
        raise Undecided(f"cannot be decided: a domain is nested deeper than {MAX_DEPTH} levels")
    return compile_check(env, model, domain).call


def compile_check(env: Env, model: str, domain: Domain) -> Check:
    """The check of a domain whose depth is known to be bounded."""
    eager = not env.source.schema.semantics.python_predicates
    match domain:
        case Constant(value):
            return constant(value, written=True)
        case And(items) | Or(items):
            checks = [compile_check(env, model, item) for item in items]
            return combine(checks, every=isinstance(domain, And), eager=eager)
        case Not(item):
            return inverse(compile_check(env, model, item))
        case Term():
            return built(lambda: (mapped if eager else predicate)(env, model, domain))
        case Opaque():
            return failing(_not_understood(domain, eager=eager))
        case IfElse():
            return failing(Undecided("cannot be decided: the domain depends on a condition"))
    raise TypeError(f"not a domain: {type(domain).__name__}")


def _not_understood(domain: Opaque, *, eager: bool) -> Exception:
    what = domain.why or domain.text
    if not domain.invalid:
        return Undecided(f"cannot be decided: a part of the domain could not be understood: {what}")
    # 17 and 18 take tokens off a list until there are none left.
    return Fails("ValueError" if domain.is_term or not eager else "IndexError", f"no domain: {what}"[:300])


def _fail_first(env: Env, model: str, domain: Domain, ids: Sequence[int]) -> None:
    """Raises what Odoo meets first: it goes through the terms from the last to the first, each for all records."""
    for leaf in reversed(list(_leaves(domain))):
        test = compile_check(env, model, leaf).call
        for record in ids:
            try:
                test(record)
            except Undecided:
                continue


def _leaves(domain: Domain) -> Iterator[Domain]:
    waiting = [domain]
    while waiting:
        node = waiting.pop()
        match node:
            case And(items) | Or(items):
                waiting.extend(reversed(items))
            case Not(item):
                waiting.append(item)
            case _:
                yield node
