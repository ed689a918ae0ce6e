"""Work done in several processes that are forked from this one, where that is safe and worth it.

Only time is gained: where processes can't be forked, or one is killed, what is left is done here.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

# Linux' `PR_SET_PDEATHSIG`: a child is killed when its parent ends, however it ends.
_SET_PARENT_DEATH_SIGNAL = 1
_MOST = 8
# What a child process does with a number of what it inherited; set only while one is started.
_inherited: list[Callable[[int], bytes]] = []


def in_processes(count: int, work: Callable[[int], bytes], worth_it: int) -> Iterator[tuple[int, bytes]]:
    """`work(0)` to `work(count - 1)`, each with its number, in order; in several processes from `worth_it` on.

    `work` is not sent to the processes: they have it, and all that it knows, since they are forked.
    """
    done = 0
    if count >= worth_it and (workers := workers_at_hand()) > 1:
        for result in _forked(count, work, workers):
            yield done, result
            done += 1
    for number in range(done, count):
        yield number, work(number)


def _forked(count: int, work: Callable[[int], bytes], workers: int) -> Iterator[bytes]:
    _inherited.append(work)
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(
            min(workers, _MOST), mp_context=context, initializer=_begin, initargs=(os.getpid(),)
        ) as pool:
            try:
                yield from pool.map(_do, range(count))
            except BaseException:
                _stop(pool)
                raise
    except (BrokenProcessPool, OSError):
        return  # what is not done yet is done in this process
    finally:
        _inherited.clear()


def _do(number: int) -> bytes:
    return _inherited[0](number)


def _begin(parent: int) -> None:
    """What a child process does first: it ends with its parent, and says nothing of its own."""
    # A child lives for seconds: looking for cycles in all that it inherits would cost more than it frees.
    gc.disable()
    # Ctrl-C is for the parent, which stops its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.unraisablehook = lambda _: None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the children now: nobody waits for what they are still doing."""
    pool.shutdown(wait=False, cancel_futures=True)
    for child in multiprocessing.active_children():
        child.terminate()


def workers_at_hand() -> int:
    """How many processes may work at a time: one where they can't be forked safely."""
    if sys.platform != "linux" or multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0))
