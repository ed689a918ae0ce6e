"""Work done in several processes that are forked from this one, where that is safe and worth it.

Only time is gained: where processes can't be forked, or one is killed, what is left is done here.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import multiprocessing.process
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

T = TypeVar("T")

# Linux' `PR_SET_PDEATHSIG`: a child is killed when its parent ends, however it ends.
_SET_PARENT_DEATH_SIGNAL = 1
_MOST = 8
# How much nicer a process is that gives way: it gets a tenth of what another gets, and all that is left over.
_GIVING_WAY = 10
# What a child process does with a number; set only in one.
_inherited: list[Callable[[int], Any]] = []


def in_processes(
    count: int, work: Callable[[int], T], worth_it: int, *, giving_way: bool = False
) -> Generator[tuple[int, T], None, None]:
    """`work(0)` to `work(count - 1)`, each with its number, in order; in several processes from `worth_it` on.

    `work` is not sent to the processes: they have it, and all that it knows, since they are forked. What it gives is
    pickled; bytes that it made itself are the fastest for much. What it remembers in one of them, no other knows.
    Processes that are `giving_way` do little while others of ours want the processors.
    Close the iterator where it may not be gone through to its end, so that nobody waits for the processes.
    """
    done = 0
    if count >= worth_it and (workers := workers_at_hand()) > 1:
        for result in _forked(count, work, workers, _GIVING_WAY if giving_way else 0):
            yield done, result
            done += 1
    for number in range(done, count):
        yield number, work(number)


def _forked(count: int, work: Callable[[int], T], workers: int, niceness: int) -> Iterator[T]:
    others = multiprocessing.active_children()
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(
            min(workers, _MOST),
            mp_context=context,
            initializer=_begin,
            initargs=(os.getpid(), work, niceness),
        ) as pool:
            try:
                waiting = deque(pool.submit(_do, number) for number in range(count))
                while waiting:
                    yield waiting.popleft().result()
            except BaseException:
                _stop(others)
                raise
    except (BrokenProcessPool, OSError):
        return  # what is not done yet is done in this process


def _do(number: int) -> Any:
    return _inherited[0](number)


def _begin(parent: int, work: Callable[[int], Any], niceness: int) -> None:
    """What a child process does first: it ends with its parent, and says nothing of its own."""
    _inherited[:] = [work]
    os.nice(niceness)
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


def _stop(others: Sequence[multiprocessing.process.BaseProcess]) -> None:
    """End the children now, `others` apart: nobody waits for what they are still doing.

    Nothing is cancelled: until Python 3.12 the pool complains of that aloud when its processes have ended.
    """
    for child in multiprocessing.active_children():
        if child not in others:
            child.terminate()


def workers_at_hand() -> int:
    """How many processes may work at a time: one where they can't be forked safely."""
    if sys.platform != "linux" or multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0))
