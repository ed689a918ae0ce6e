"""From answers to a verdict: nobody, everybody, or under which smallest condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from ostiary.domain import TRUE, Domain, conjunction, disjunction, normalize
from ostiary.policy import Policy
from ostiary.policy.effective import Unknown
from ostiary.prove.condition import sort_of
from ostiary.prove.encode import TooLarge
from ostiary.prove.isolation import Premises
from ostiary.prove.question import asked
from ostiary.prove.solver import Solver
from ostiary.prove.verdict import Condition, Proof, Sort, Verdict
from ostiary.prove.ways import Way

_MOST_ALTERNATIVES = 6


@dataclass(slots=True)
class Outcome:
    """A proof but for its witness, and what to ask of one: named parts, the most telling first."""

    proof: Proof
    wanted: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Smallest:
    """A way of passing with nothing in it that could be left out. `user` are parts about the user."""

    domains: tuple[Domain, ...]
    user: tuple[str, ...]
    parts: tuple[str, ...]


def decide(policy: Policy, blank: Proof, put: Premises, *, checked: bool) -> Outcome:
    """The verdict on what was put; `blank` is the proof so far."""
    solver = put.solver
    blank = msgspec.structs.replace(blank, checked=checked)
    near = [put.passes, *put.stranger, *put.near]
    leak = solver.check(near)
    if leak is False:
        return Outcome(_closed(blank, put, near))
    if leak is None:
        return Outcome(unknown(blank, "solver", "the solver gave up"))
    put.more()
    return _open(blank, put) or _conditional(policy, blank, put)


def _closed(blank: Proof, put: Premises, near: list[str]) -> Proof:
    """Where no stranger gets through by what can be read: because nobody does, or because they would have to by what
    can't be read. What is taken for granted must not be the reason."""
    solver = put.solver
    possible = solver.check([put.passes], guess=True)
    if possible is None:
        return unknown(blank, "solver", "the solver gave up")
    if not possible:
        found = proved(blank, solver, Verdict.NO_ACCESS)
        return found if solver.check([]) else _contradiction(blank)
    if solver.check(near, guess=True) is False:
        found = proved(blank, solver, Verdict.ISOLATED)
        return found if solver.check([*put.stranger, *put.near], guess=True) else _contradiction(blank)
    solver.check(near)
    return unread(blank, solver)


def _contradiction(blank: Proof) -> Proof:
    return unknown(blank, "contradiction", "what is taken for granted can't all be so at once")


def _open(blank: Proof, put: Premises) -> Outcome | None:
    """Where every record of the company passes, for all users or for some; None where not every one does."""
    solver = put.solver
    always = [*put.stranger, *put.same, *put.companies]
    for mood in put.moods:
        premise = [*always, *mood]
        if not solver.check([put.passes, *premise]):
            continue
        if solver.check([put.fails, *premise], guess=True) is False:
            rests = set(solver.core())
            assumptions = solver.assumptions()
            user = [part for part in mood if part in rests]
            found = _opened(blank, put, user, assumptions)
            return Outcome(found, [[*put.stranger, *put.same, *user], [*put.stranger, *put.near, *user]])
    return None


def _opened(blank: Proof, put: Premises, user: Sequence[str], assumptions: Iterable[str] = ()) -> Proof:
    phrases = tuple(dict.fromkeys(put.phrases[part] for part in user))
    return msgspec.structs.replace(
        blank,
        verdict=Verdict.OPEN,
        condition=Condition(TRUE, (), Sort.UNSET, phrases) if phrases else None,
        assumptions=tuple(dict.fromkeys((*blank.assumptions, *assumptions))),
    )


def _conditional(policy: Policy, blank: Proof, put: Premises) -> Outcome:
    base = [*put.stranger, *put.near]
    ways, unread_way = _ways(put)
    found = [one for one in ways if not any(_within(other, one) for other in ways)]
    wanted = [[*base, *one.parts, *one.user] for one in found[:_MOST_ALTERNATIVES]] or [base]
    free = next((one for one in found if not one.domains), None)
    if free is not None:
        return Outcome(_opened(blank, put, free.user), [[*base, *free.user]])
    blank = msgspec.structs.replace(blank, verdict=Verdict.CONDITIONAL)
    if not found:
        return Outcome(blank, wanted)
    alternatives = tuple(normalize(conjunction(list(one.domains))) for one in found)
    shown = alternatives[:_MOST_ALTERNATIVES]
    covered = _covered(put, blank, alternatives)
    every = all(set(one.user) & put.unset for one in found)
    sort = Sort.UNSET if every else sort_of(policy, put.model, alternatives)
    if sort is Sort.PUBLISHING and not covered:
        sort = Sort.PLAIN  # there are other ways, which may publish nothing
    condition = Condition(
        normalize(disjunction(list(shown))),
        shown,
        sort,
        tuple(dict.fromkeys(put.phrases[part] for one in found for part in one.user)),
        covered and unread_way is None and len(shown) == len(alternatives),
    )
    if unread_way is not None and condition.publishes:
        return Outcome(unread_way(blank))
    return Outcome(msgspec.structs.replace(blank, condition=condition), wanted)


def _covered(put: Premises, blank: Proof, alternatives: Sequence[Domain]) -> bool:
    """Whether no stranger gets through but by one of the alternatives, as far as can be read."""
    question = put.question
    refused = [question.part(question.passes(one, blank.mode, False)) for one in alternatives]
    question.extend(put.solver)
    return put.solver.check([put.passes, *put.stranger, *put.near, *refused]) is False


class _Unread:
    """A way of passing that hangs on what can't be read: what it hangs on."""

    def __init__(self, put: Premises, parts: list[str]) -> None:
        self.put = put
        self.parts = parts

    def __call__(self, blank: Proof) -> Proof:
        self.put.solver.check(self.parts)
        return unread(blank, self.put.solver)


def _ways(put: Premises) -> tuple[list[Smallest], _Unread | None]:
    """The smallest ways of passing, and one that can't be read, if there is any."""
    solver = put.solver
    base = [put.passes, *put.stranger, *put.near]
    found: dict[frozenset[Domain], Smallest] = {}
    unread_way: _Unread | None = None
    for way in put.ways:
        parts = [*way.parts, *way.user]
        moods = [mood for mood in put.moods if solver.check([*base, *parts, *mood])]
        if not moods:
            if solver.check([*base, *parts], guess=True) is not False:
                unread_way = unread_way or _Unread(put, [*base, *parts])
            continue
        one = next((small for mood in moods if (small := _smallest(put, way, mood)) is not None), None)
        if one is None and not way.domains:
            continue  # that everything passes has to be proved
        one = one or Smallest(way.domains, way.user, way.parts)
        key = frozenset(one.domains)
        if key not in found or len(one.user) < len(found[key].user):
            found[key] = one
    return list(found.values()), unread_way


def _smallest(put: Premises, way: Way, mood: Sequence[str]) -> Smallest | None:
    """As few statements as still make every record pass, in the user's company; None where even all do not."""
    solver = put.solver
    always = [*put.stranger, *put.companies, *put.same]
    if not solver.check([put.passes, *always, *way.parts, *way.user, *mood]):
        always = [*put.stranger, *put.near]  # a record of no company

    def enough(parts: Iterable[str], user: Iterable[str]) -> bool:
        return solver.check([put.fails, *always, *parts, *user], guess=True) is False

    kept, user = list(zip(way.domains, way.parts, strict=True)), [*way.user, *mood]
    if not enough(way.parts, user):
        return None
    for one in list(kept):
        rest = [other for other in kept if other is not one]
        if enough([part for _, part in rest], user):
            kept = rest
    for part in list(user):
        less = [other for other in user if other != part]
        if enough([part for _, part in kept], less):
            user = less
    return Smallest(tuple(domain for domain, _ in kept), tuple(user), tuple(part for _, part in kept))


def _within(small: Smallest, other: Smallest) -> bool:
    """Whether a way asks for less than another, of no more users."""
    return set(small.domains) < set(other.domains) and set(small.user) <= set(other.user)


def within_bounds(blank: Proof, prove: Callable[[bool], Proof]) -> Proof:
    """What `prove` gives (see `asked`); unknown where the question is too large."""
    try:
        return asked(prove)
    except TooLarge:
        return unknown(blank, "too-large", "the question comes to more than a solver should be given")


def proved(blank: Proof, solver: Solver, verdict: Verdict) -> Proof:
    """The proof with a verdict that rests on the last "no", and on what that takes for granted."""
    assumptions = tuple(dict.fromkeys((*blank.assumptions, *solver.assumptions())))
    return msgspec.structs.replace(blank, verdict=verdict, assumptions=assumptions)


def unknown(blank: Proof, kind: str, text: str) -> Proof:
    """The proof as one that is not known, and why."""
    return msgspec.structs.replace(
        blank, verdict=Verdict.UNKNOWN, condition=None, unknown=(Unknown(kind, text),)
    )


def unread(blank: Proof, solver: Solver) -> Proof:
    """The proof as one that hangs on what can't be read: what the last "no" rests on."""
    found = tuple(dict.fromkeys(unread_parts(solver)))
    return msgspec.structs.replace(blank, verdict=Verdict.UNKNOWN, condition=None, unknown=found)


def unread_parts(solver: Solver) -> Iterator[Unknown]:
    """The parts that can't be read on which the last "no" rests."""
    core = set(solver.core())
    opaques = list(solver.world.opaques.values())
    for one in [one for one in opaques if one.guess in core] or opaques:
        yield Unknown("opaque", one.why, one.name)
