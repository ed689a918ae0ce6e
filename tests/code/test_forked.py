"""Work in several processes: the same comes out, whatever becomes of them."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from ostiary.code import forked
from ostiary.code.forked import in_processes


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, however many processors there are."""
    here = os.getpid()
    monkeypatch.setattr(forked, "workers_at_hand", lambda: 2 if os.getpid() == here else 1)


def test_what_comes_out_is_in_order_and_made_elsewhere() -> None:
    found = list(in_processes(5, lambda number: (number * number, os.getpid()), 5))
    assert [(number, square) for number, (square, _) in found] == [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]
    assert os.getpid() not in {process for _, (_, process) in found}


def test_for_little_no_process_is_started() -> None:
    assert list(in_processes(2, lambda _: os.getpid(), 3)) == [(0, os.getpid()), (1, os.getpid())]


def test_what_a_killed_process_left_is_done_here() -> None:
    here = os.getpid()

    def work(number: int) -> int:
        if number == 2 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert list(in_processes(6, work, 2)) == [(number, number) for number in range(6)]


def test_what_goes_wrong_is_told() -> None:
    def work(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        list(in_processes(3, work, 2))
    assert multiprocessing.active_children() == []


def test_nobody_waits_for_what_is_no_longer_wanted(capfd: pytest.CaptureFixture[str]) -> None:
    def work(number: int) -> int:
        if number:
            signal.pause()
        return number

    started = in_processes(40, work, 2)
    assert next(started) == (0, 0)
    started.close()
    assert multiprocessing.active_children() == []
    assert capfd.readouterr().err == ""


def test_other_children_are_left_alone() -> None:
    other = multiprocessing.get_context("fork").Process(target=signal.pause)
    other.start()
    try:
        started = in_processes(3, lambda number: number, 2)
        next(started)
        started.close()
        assert multiprocessing.active_children() == [other]
    finally:
        other.kill()
        other.join()


def test_two_that_are_under_way_keep_apart() -> None:
    one, two = in_processes(3, lambda number: number, 2), in_processes(3, lambda number: -number, 2)
    assert [(next(one), next(two)) for _ in range(3)] == [((at, at), (at, -at)) for at in range(3)]
    one.close()
    two.close()


def test_who_gives_way_is_nicer_than_this_process() -> None:
    mine = os.nice(0)
    nicer = {given for _, given in in_processes(3, lambda _: os.nice(0), 2, giving_way=True)}
    assert nicer == {min(mine + 10, 19)}
    assert {given for _, given in in_processes(3, lambda _: os.nice(0), 2)} == {mine}
