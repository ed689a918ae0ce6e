"""What checks find in a policy: each asked once, our own in several processes where there is much to do."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from ostiary.audit.bounds import MAX_FINDINGS
from ostiary.audit.finding import Finding
from ostiary.audit.registry import OURS, Check, CheckError
from ostiary.code.forked import in_processes
from ostiary.policy.policy import Policy

Progress = Callable[[str, int, int], None]

# From so many checks on, most of what can be proved will be asked for.
_MANY = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """What one check finds, and what kept it from finding all."""

    check: Check
    findings: list[Finding]
    error: CheckError | None = None


def answers(
    policy: Policy, checks: Sequence[Check], progress: Progress | None
) -> Generator[Answer, None, None]:
    """What each check finds, in no certain order. A check that stops gives what it found until then, and why."""
    apart = False
    if len(checks) >= _MANY:
        from ostiary.audit.ahead import prove_ahead

        apart = prove_ahead(policy, progress)
    parcels = _parcels(checks) if apart else []
    away = {check.id for parcel in parcels for check in parcel}
    done = 0

    def asking(check: Check) -> None:
        nonlocal done
        if progress:
            progress(check.id, done, len(checks))
        done += 1

    def work(number: int) -> list[tuple[list[Finding], CheckError | None]]:
        return [_asked(policy, check) for check in parcels[number]]

    with closing(in_processes(len(parcels), work, 2)) as worked:
        for number, found in worked:
            for check, one in zip(parcels[number], found, strict=True):
                asking(check)
                yield Answer(check, *one)
    for check in checks:
        if check.id not in away:
            asking(check)
            yield Answer(check, *_asked(policy, check))
    if progress:
        progress("", len(checks), len(checks))


def _parcels(checks: Sequence[Check]) -> list[list[Check]]:
    """Our own checks as processes take them, those that take longest first.

    Checks of code rest on the same flows, so that they stay together. Only what our own find is known to come through
    to another process as it is.
    """
    ours = [check for check in checks if check.origin == OURS]
    code = [check for check in ours if "code" in check.tags]
    others = [[check] for check in ours if "code" not in check.tags]
    others.sort(key=lambda parcel: "rules" not in parcel[0].tags)
    return [code, *others] if code else others


def _asked(policy: Policy, check: Check) -> tuple[list[Finding], CheckError | None]:
    found: list[Finding] = []
    try:
        for finding in check(policy):
            if len(found) == MAX_FINDINGS:
                return found, CheckError(check.id, _too_many(check.id))
            found.append(finding)
    except Exception as error:
        text = f"The check {check.id} stopped: {type(error).__name__}: {error}"
        return found, CheckError(check.id, text)
    return found, None


def _too_many(check: str) -> str:
    return f"The check {check} stopped: it found more than {MAX_FINDINGS:,}, and the rest is not reported."
