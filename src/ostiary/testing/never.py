"""The invariants of a file of access tests: proved for all users and records there could be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ostiary.policy import Policy
from ostiary.prove.invariants import Invariant, check_invariants
from ostiary.testing.asked import Outcome
from ostiary.testing.format import listed
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import Tests

if TYPE_CHECKING:
    from ostiary.prove import Proof

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Promise:
    """One question of an invariant: about one group and one mode."""

    invariant: Invariant
    line: int

    @property
    def title(self) -> str:
        one = self.invariant
        return f"never: {one.name} ({one.who}, {one.mode} {one.model})"

    @property
    def why(self) -> str:
        return self.invariant.why


@dataclass(frozen=True, slots=True)
class Proved:
    """A promise, and whether it holds."""

    promise: Promise
    outcome: Outcome
    text: str
    proof: Proof


def promises(tests: Tests, policy: Policy) -> list[Promise]:
    """The invariants of a file, one for each group and mode. Raises InvalidTests."""
    found: list[Promise] = []
    first: dict[str, int] = {}
    for place, entry in enumerate(tests.file.never):
        here = ("never", place)
        lines = tuple(
            (str(path[2]), line)
            for path, line in tests.document.lines.items()
            if path[:2] == here and len(path) == 3
        )
        line = tests.line(*here, "name")
        if entry.name in first:
            same = f"invariant {entry.name!r} has the name of the one on line {first[entry.name]}"
            raise InvalidTests(f"{tests.shown}:{line}: {same}.")
        first[entry.name] = line
        modes = entry.modes if isinstance(entry.modes, list) else [entry.modes]
        found += [
            Promise(
                Invariant(name=entry.name, who=who, model=entry.model, mode=mode, never=entry.never, why=entry.why,
                          unless=listed(entry.unless), with_any_groups=entry.with_any_groups, path=tests.shown,
                          lines=lines),
                line,
            )
            for who in listed(entry.who)
            for mode in dict.fromkeys(modes)
        ]  # fmt: skip
    faults = check_invariants(policy, tuple(one.invariant for one in found))
    if faults:
        raise InvalidTests(*faults)
    return found


def prove(policy: Policy, asked: Sequence[Promise], progress: Progress | None = None) -> Iterator[Proved]:
    """Whether promises hold, in their order."""
    if not asked:
        return
    from ostiary.prove.run import proofs

    found = proofs(
        policy, questions=("separation",), invariants=[one.invariant for one in asked], progress=progress
    )
    for promise, proof in zip(asked, found, strict=True):
        outcome, text = _outcome(proof)
        yield Proved(promise, outcome, text, proof)


def _outcome(proof: Proof) -> tuple[Outcome, str]:
    from ostiary.prove import Verdict

    match proof.verdict:
        case Verdict.ISOLATED | Verdict.NO_ACCESS:
            return Outcome.PASSED, ""
        case Verdict.UNKNOWN:
            why = "; ".join(one.text for one in proof.unknown)
            return Outcome.UNKNOWN, f"It can't be decided: {why}."
        case Verdict.OPEN:
            return Outcome.FAILED, "It is broken: every such record can be reached."
    return Outcome.FAILED, "It is broken for some such records."
