"""Proving ahead of the checks, in several processes, what they will ask: most of an audit's time is proofs.

Only time is gained: a check that asks something else has it proved then, and where processes can't be forked all is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module

from ostiary.audit.asking.facts import audited, in_context, reach, rights_for_shares, weight
from ostiary.audit.asking.proofs import key_of, prover_of
from ostiary.audit.bounds import TooLarge, refuse_too_large
from ostiary.audit.rules.openings import wanting_proof
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.code.forked import in_processes, workers_at_hand
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.prove import Proof

Progress = Callable[[str, int, int], None]
Question = tuple[str, str, str, Mode]

# Below this many questions, starting processes costs more than it saves.
_WORTH_IT = 60
_AT_ONCE = 4
# What is else imported by each process, since a command that proves little can do without.
_NEEDED = (
    "ostiary.prove.difference",
    "ostiary.prove.implied",
    "ostiary.records.memory.shown",
    "ostiary.records.sql.searching",
    "sqlalchemy.dialects.sqlite",
)
_ABOUT_SOMEBODY = (Weight.PERSONAL, Weight.BUSINESS)


def prove_ahead(policy: Policy, progress: Progress | None = None) -> bool:
    """Have the proofs made that most checks will want, and kept with the policy.

    Gives whether there was enough to prove for it to be worth it to work in several processes.
    """
    begun = _begun(policy)
    with closing(begun.proofs) as proofs:
        for done, total in proofs:
            begun.worth_it = True
            if progress and total:
                progress("Proving", done, total)
    return begun.worth_it


@contextmanager
def beginning(policy: Policy) -> Iterator[None]:
    """Begin to prove, in other processes, while this one has something else to do; `prove_ahead` takes what they find.

    Nothing goes on after it. A policy that is too large to be audited is left alone.
    """
    try:
        refuse_too_large(policy)
    except TooLarge:
        yield
        return
    begun = _begun(policy)
    with closing(begun.proofs) as proofs:
        begun.worth_it = next(proofs, None) is not None
        yield


@dataclass(slots=True)
class _Begun:
    """The one going through of what is to be proved for a policy: how many of how many are proved."""

    proofs: Generator[tuple[int, int], None, None]
    worth_it: bool = False


def _begun(policy: Policy) -> _Begun:
    return remembered(policy, ("audit ahead",), lambda: _Begun(_proved(policy)))


def _proved(policy: Policy) -> Generator[tuple[int, int], None, None]:
    """Prove, in several processes, and keep each proof with the policy; says how many of how many are proved."""
    if workers_at_hand() < 2:
        return
    wanted: dict[Hashable, Question] = {}
    for question in _questions(policy):
        wanted.setdefault(key_of(policy, *question), question)
    if len(wanted) < _WORTH_IT:
        return
    for name in _NEEDED:
        import_module(name)
    keys, questions = list(wanted), list(wanted.values())

    def work(parcel: int) -> list[Proof]:
        mine = questions[parcel * _AT_ONCE : (parcel + 1) * _AT_ONCE]
        return [prover_of(policy).of(*question) for question in mine]

    with closing(in_processes(-(-len(questions) // _AT_ONCE), work, 1, giving_way=True)) as parcels:
        for parcel, proofs in parcels:
            done = parcel * _AT_ONCE
            for key, proof in zip(keys[done : done + len(proofs)], proofs, strict=True):
                remembered(policy, key, lambda proof=proof: proof)  # type: ignore[misc]
            yield done, len(keys)
    yield len(keys), len(keys)


def _questions(policy: Policy) -> Iterator[Question]:
    """What most checks ask: who reaches records of others, and records of other companies."""
    for right, audience in rights_for_shares(policy):
        if audited(policy, right.model):
            for label in audience.labels:
                for mode in right.modes:
                    if _isolation_wanted(policy, label, right.model, mode):
                        yield "isolation", label, right.model, mode
    for model in policy.models.values():
        field = model.fields.get("company_id")
        if field is None or model.kind is not Kind.MODEL or in_context(policy, field.origin.module):
            continue
        for group in wanting_proof(policy, model.name):
            yield "silo", group, model.name, Mode.READ


def _isolation_wanted(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    """Whether it has to be proved what somebody reaches, or a witness is wanted that they reach all."""
    known = reach(policy, label, model, mode).truth
    return known is None or (known and mode is Mode.READ and weight(policy, model) in _ABOUT_SOMEBODY)
