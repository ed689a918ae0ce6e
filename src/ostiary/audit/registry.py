"""Checks: how one is declared, and where they are found.

A check is one decorated function in one file; its docstring is its page. Ours are the modules of
`ostiary.audit.checks`, others come through the entry point group `ostiary.checks`, which may name
a check or a module that holds some.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING

import msgspec

from ostiary.audit.finding import Confidence, Evidence, Finding, Severity, fingerprint, proved
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

if TYPE_CHECKING:
    from ostiary.prove import Proof

ENTRY_POINTS = "ostiary.checks"
OURS = "ostiary"

Run = Callable[[Policy], Iterable[Finding]]


class CheckError(msgspec.Struct, frozen=True):
    """A check that could not be loaded, or that stopped: its findings are missing from the result."""

    check: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A named question about a policy, yielding findings of one sort.

    `severity` is the greatest it usually reports; `references` are CWE and OWASP ids. `origin` names the
    distribution it comes from. An `always` check runs whatever is selected, unless it is ignored by name.
    """

    id: str
    title: str
    severity: Severity
    references: tuple[str, ...]
    doc: str
    run: Run
    origin: str = OURS
    tags: tuple[str, ...] = ()
    always: bool = False

    def __call__(self, policy: Policy) -> Iterator[Finding]:
        yield from self.run(policy)

    def finding(
        self,
        *,
        at: Origin,
        subject: str,
        message: str,
        fix: str,
        model: str | None = None,
        audience: Iterable[str] = (),
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        evidence: Iterable[Evidence] = (),
        module: str | None = None,
        references: tuple[str, ...] = (),
        key: Iterable[str] = (),
        proof: Proof | None = None,
        extent: Iterable[str] = (),
    ) -> Finding:
        """A finding of this check about the line `at`.

        `proof` is what it rests on, where that is one. `key` holds what tells two findings on one subject, model and
        audience apart; `extent` holds what is no part of its identity, and makes it worse where there is more of it.
        """
        audience = tuple(audience)
        return Finding(
            check=self.id,
            severity=self.severity if severity is None else severity,
            confidence=confidence,
            audience=audience,
            module=at.module if module is None else module,
            model=model,
            subject=subject,
            path=at.path,
            line=at.line,
            message=message,
            evidence=tuple(evidence),
            fix=fix,
            references=references or self.references,
            fingerprint=fingerprint((self.id, subject, model, *audience, "", *key)),
            proof=None if proof is None else proved(proof),
            extent=tuple(extent),
        )


def check(
    id: str,
    title: str,
    severity: Severity,
    *,
    references: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    always: bool = False,
) -> Callable[[Run], Check]:
    """Declare a check. The decorated function's docstring is its documentation page."""

    def declare(run: Run) -> Check:
        return Check(
            id, title, severity, references, inspect.getdoc(run) or "", run, tags=tags, always=always
        )

    return declare


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The checks there are, sorted by id, and what could not be loaded."""

    checks: tuple[Check, ...]
    errors: tuple[CheckError, ...]


def all_checks() -> tuple[Check, ...]:
    """Every check, sorted by id: ours and those of installed distributions."""
    return catalogue().checks


@cache
def catalogue() -> Catalogue:
    """Find every check; one that can't be loaded becomes an error, never an exception."""
    found: dict[str, Check] = {}
    errors: list[CheckError] = []
    for mine in _ours():
        if mine.id in found:
            raise ValueError(f"Two checks are called {mine.id}.")
        found[mine.id] = mine
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        try:
            theirs = _theirs(point)
        except Exception as error:
            message = (
                f"The check {point.name} ({point.value}) could not be loaded: {type(error).__name__}: {error}"
            )
            errors.append(CheckError(point.name, message))
            continue
        for other in theirs:
            if other.id in found:
                taken = f"the check {other.id} of {found[other.id].origin} has that name"
                message = f"The check {other.id} of {other.origin} is skipped: {taken}."
                errors.append(CheckError(other.id, message))
            else:
                found[other.id] = other
    return Catalogue(tuple(found[id] for id in sorted(found)), tuple(errors))


def _ours() -> Iterator[Check]:
    package = importlib.import_module("ostiary.audit.checks")
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        yield from _checks_in(importlib.import_module(f"{package.__name__}.{info.name}"))


def _theirs(point: EntryPoint) -> tuple[Check, ...]:
    loaded = point.load()
    checks: tuple[Check, ...]
    if isinstance(loaded, Check):
        checks = (loaded,)
    elif isinstance(loaded, ModuleType):
        checks = _checks_in(loaded)
    else:
        raise TypeError(f"{point.value} is neither a check nor a module of checks")
    if not checks:
        raise TypeError(f"{point.value} holds no check")
    origin = point.dist.name if point.dist else point.value
    return tuple(replace(check, origin=origin) for check in checks)


def _checks_in(module: ModuleType) -> tuple[Check, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Check))
