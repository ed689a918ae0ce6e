"""Calls find room in one piece of memory."""

from __future__ import annotations

import resource
import sys

import pytest

from ostiary.cli.stack import with_room


def _deep(times: int) -> int:
    return _deep(times - 1) if times else 0


def _up_and_down(depth: int) -> int:
    """As many calls as make a piece of memory come and go each time, where `depth` is at its border."""
    if depth:
        return _up_and_down(depth - 1)
    for _ in range(300):
        _deep(6)
    return 0


def _faults() -> int:
    """How often memory had to be got from the system while calls went up and down at many depths."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for depth in range(250):
        _up_and_down(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_what_is_run_gives_what_it_gives_and_raises_what_it_raises() -> None:
    assert with_room(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="it is CPython that takes memory piece by piece"
)
def test_calls_take_no_memory_from_the_system_again_and_again() -> None:
    assert with_room(_faults) < 300  # some thousands without
