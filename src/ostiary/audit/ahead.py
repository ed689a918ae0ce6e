"""Proving ahead of the checks, in several processes, what they will ask: most of an audit's time is proofs.

Only time is gained: a check that asks something else has it proved then, and where processes can't be forked all is.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ostiary.audit.asking.facts import audited, in_context, reach, rights_for_shares
from ostiary.audit.asking.proofs import key_of, prover_of
from ostiary.audit.rules.openings import unproved
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.prove import Proof

Progress = Callable[[str, int, int], None]
Question = tuple[str, str, str, Mode]

# Below this many questions, starting processes costs more than it saves.
_WORTH_IT = 60
_AT_ONCE = 4
# Linux' `PR_SET_PDEATHSIG`: a child is killed when its parent ends, however it ends.
_SET_PARENT_DEATH_SIGNAL = 1
# The policy a child process inherits; set only while one is started.
_inherited: list[Policy] = []


def prove_ahead(policy: Policy, progress: Progress | None = None) -> None:
    """Have the proofs made that the checks will want, and kept with the policy."""
    workers = _workers()
    if workers < 2:
        return
    wanted: dict[Hashable, Question] = {}
    for question in _questions(policy):
        wanted.setdefault(key_of(policy, *question), question)
    if len(wanted) < _WORTH_IT:
        return
    _inherited.append(policy)
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(
            min(workers, 8), mp_context=context, initializer=_begin, initargs=(os.getpid(),)
        ) as pool:
            try:
                answers = pool.map(_answer, wanted.values(), chunksize=_AT_ONCE)
                for done, (key, proof) in enumerate(zip(wanted, answers, strict=True)):
                    remembered(policy, key, lambda proof=proof: proof)  # type: ignore[misc]
                    if progress and done % _AT_ONCE == 0:
                        progress("Proving", done, len(wanted))
            except BaseException:
                _stop(pool)
                raise
    except (BrokenProcessPool, OSError):
        return  # what is not proved yet is proved when it is asked
    finally:
        _inherited.clear()


def _begin(parent: int) -> None:
    """What a child process does first: it ends with its parent, and says nothing of its own."""
    # A child lives for seconds: looking for cycles in all that it inherits would cost more than it frees.
    gc.disable()
    # Ctrl-C is for the parent, which stops its children; what z3 says when it is stopped halfway helps nobody.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.unraisablehook = lambda _: None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the children now: nobody waits for what they are still proving."""
    pool.shutdown(wait=False, cancel_futures=True)
    for child in multiprocessing.active_children():
        child.terminate()


def _workers() -> int:
    """How many processes may prove at a time: one where they can't be forked safely."""
    if sys.platform != "linux" or multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0))


def _questions(policy: Policy) -> Iterator[Question]:
    """What most checks ask: who reaches records of others, and records of other companies."""
    for right, audience in rights_for_shares(policy):
        if audited(policy, right.model):
            for label in audience.labels:
                for mode in right.modes:
                    if reach(policy, label, right.model, mode).truth is None:
                        yield "isolation", label, right.model, mode
    for model in policy.models.values():
        field = model.fields.get("company_id")
        if field is None or model.kind is not Kind.MODEL or in_context(policy, field.origin.module):
            continue
        for group in unproved(policy, model.name):
            yield "silo", group, model.name, Mode.READ


def _answer(question: Question) -> Proof:
    """One proof, in a child process."""
    return prover_of(_inherited[0]).of(*question)
