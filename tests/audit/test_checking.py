"""Checks that are asked in several processes: what comes of it is what comes of one."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from ostiary.audit import AuditResult, Finding, Severity, ahead, all_checks, audit, check, checking
from ostiary.audit.checking import answers
from ostiary.code import forked
from ostiary.policy import Origin, Policy
from ostiary.sources import open_policy

HERE = Path(__file__).parent
AT = Origin("shop/security/x.xml", 3, "shop")


@check("stops", "Stops halfway", Severity.LOW, tags=("rules",))
def stops(policy: Policy) -> Iterator[Finding]:
    """Reports one thing, and stops."""
    yield stops.finding(at=AT, subject="shop.thing", message=str(os.getpid()), fix="Mend it.")
    raise ZeroDivisionError("no more")


@check("ends", "Ends", Severity.LOW, tags=("code",))
def ends(policy: Policy) -> Iterator[Finding]:
    """Reports one thing."""
    yield ends.finding(at=AT, subject="shop.thing", message=str(os.getpid()), fix="Mend it.")


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes for everything, however little it is."""
    here = os.getpid()
    for module in (forked, ahead):
        monkeypatch.setattr(module, "workers_at_hand", lambda: 2 if os.getpid() == here else 1)
    monkeypatch.setattr(ahead, "_WORTH_IT", 0)
    monkeypatch.setattr(checking, "_MANY", 1)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes all be asked in this process."""
    return lambda: monkeypatch.setattr(checking, "_MANY", 1_000)


def test_proofs_that_were_begun_are_taken(apart: None) -> None:
    policy = open_policy([HERE / "missing-company-rule" / "bad"], code=True)
    alone = audit(msgspec.structs.replace(policy))
    begun: list[Policy] = []

    def meanwhile(read: Policy) -> None:
        begun.append(read)
        running.enter_context(ahead.beginning(read))

    with ExitStack() as running:
        again = open_policy(
            [HERE / "missing-company-rule" / "bad"], code=True, cache=False, meanwhile=meanwhile
        )
        assert multiprocessing.active_children()
        assert audit(again) == alone
    assert begun == [again]
    assert not multiprocessing.active_children()


def test_nothing_goes_on_after_it(apart: None) -> None:
    policy = open_policy([HERE / "missing-company-rule" / "bad"], code=True)
    with pytest.raises(KeyboardInterrupt), ahead.beginning(policy):
        assert multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("name", ["missing-company-rule", "rule-always-true", "route-idor"])
def test_the_same_is_found(name: str, apart: None, alone: Callable[[], None]) -> None:
    def found() -> AuditResult:
        return audit(open_policy([HERE / name / "bad"], code=True))

    several = found()
    alone()
    assert found() == several
    assert name in {one.check for one in several.findings}


def test_a_check_that_stops_says_so_from_afar(apart: None) -> None:
    seen: list[tuple[str, int, int]] = []
    policy = Policy(odoo="18.0")
    found = {one.check.id: one for one in answers(policy, [ends, stops], lambda *each: seen.append(each))}
    assert seen == [("ends", 0, 2), ("stops", 1, 2), ("", 2, 2)]
    assert [one.findings[0].subject for one in found.values()] == ["shop.thing", "shop.thing"]
    assert found["ends"].error is None
    error = found["stops"].error
    assert error is not None
    assert error.message == "The check stops stopped: ZeroDivisionError: no more"
    assert str(os.getpid()) not in {one.findings[0].message for one in found.values()}


def test_a_check_of_others_is_asked_here(apart: None) -> None:
    theirs = dataclasses.replace(ends, id="theirs", origin="other")
    found = {one.check.id: one for one in answers(Policy(odoo="18.0"), [ends, stops, theirs], None)}
    assert found["theirs"].findings[0].message == str(os.getpid())
    assert found["ends"].findings[0].message != str(os.getpid())


def test_each_check_is_in_one_parcel() -> None:
    checks = all_checks()
    parcels = checking._parcels(checks)
    taken = [each for parcel in parcels for each in parcel]
    assert sorted(each.id for each in taken) == sorted(each.id for each in checks if each.origin == "ostiary")
    assert all("code" in each.tags for each in parcels[0])
