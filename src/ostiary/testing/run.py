"""Running a file of access tests: its questions answered, its invariants proved, and what failed explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ostiary.enforce.errors import EnforceError
from ostiary.policy import Mode, Origin, Policy, Subject
from ostiary.policy.decide import Decision
from ostiary.policy.question import BadQuestion
from ostiary.records.errors import RecordsError
from ostiary.testing.asked import About, Answer, Asked, Outcome, Said, Wanted, outcome_of
from ostiary.testing.asking import Asker, Progress
from ostiary.testing.coverage import Coverage
from ostiary.testing.data_files import DataRecord
from ostiary.testing.database import Databases
from ostiary.testing.expectations import questions
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.mutate import Mutation
from ostiary.testing.never import Promise, promises, prove
from ostiary.testing.reading import Tests
from ostiary.testing.world import World, world_of

if TYPE_CHECKING:
    from ostiary.prove import Proof

MOST_EXPLAINED = 10
"""Of how many failures of a file the reasons are asked for; the others are said without."""

Chosen = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """An expectation and what became of it. `text` says what is so instead; `decision` is the tree of reasons, of
    failures that were explained."""

    title: str
    outcome: Outcome
    path: str
    line: int
    asked: Asked | None = None
    answer: Answer | None = None
    text: str = ""
    decision: Decision | None = None
    why: str = ""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Guarded:
    """A model's own `write`, `create` or `unlink` that raises, or calls what checks, and where it stands."""

    model: str
    mode: Mode
    origin: Origin

    @property
    def text(self) -> str:
        return f"{self.model} has {self.mode} of its own in Python, which may refuse more: that is not asked."


@dataclass(slots=True)
class FileResult:
    """What became of a file. `left` is how many expectations were not chosen, `people` are those whom it expects
    something of, chosen or not."""

    tests: Tests
    policy: Policy
    checked: list[Checked] = field(default_factory=list)
    left: int = 0
    people: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return self.tests.shown

    def count(self, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.checked)

    @property
    def guarded(self) -> list[Guarded]:
        """Where a `can` is met as far as rights and rules go, and Python may refuse it all the same."""
        found: dict[tuple[str, Mode], Guarded] = {}
        for one in self.checked:
            asked = one.asked
            if one.outcome is not Outcome.PASSED or asked is None or asked.mode is None or not asked.model:
                continue
            model = self.policy.models.get(asked.model)
            place = model.guards.get(asked.mode.value) if model is not None else None
            if place is not None and asked.wanted is Wanted.CAN:
                found[asked.model, asked.mode] = Guarded(asked.model, asked.mode, place)
        return sorted(found.values(), key=lambda one: (one.model, one.mode))


def run_file(
    tests: Tests,
    policy: Policy,
    databases: Databases,
    *,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
    most_explained: int = MOST_EXPLAINED,
    data: dict[str, DataRecord] | None = None,
    coverage: Coverage | None = None,
    mutation: Mutation | None = None,
) -> FileResult:
    """Run a file against the Policy that it is about.

    `chosen` says of an expectation's title and user whether it is asked. `data` are the records of data files, see
    `Targets.data_of`. What is asked is noted in `coverage`, and asked again of the mutants of `mutation`.

    Raises InvalidTests with every mistake in the file, NoDatabase, and ModuleNotFoundError where it has invariants and
    the solver is not there.
    """
    result = FileResult(tests, policy)
    promised = promises(tests, policy)
    try:
        with world_of(tests, policy, databases, data) as world:
            everything = questions(world)
            asked = [one for one in everything if chosen is None or chosen(one.title, one.who)]
            result.left = len(everything) - len(asked)
            result.people = frozenset(
                [*(one.who for one in everything), *(one.invariant.who for one in promised)]
            )
            asker = Asker(world)
            answers = asker.answers(asked, progress)
            explained = 0
            for one, answer in zip(asked, answers, strict=True):
                checked = checked_of(world, one, answer)
                if checked.outcome is not Outcome.PASSED and explained < most_explained:
                    explained += 1
                    checked = explain(asker, checked)
                result.checked.append(checked)
            if coverage is not None:
                for one in asked:
                    coverage.note(world.policy, Subject.of_user(world.policy, one.login), one)
            if mutation is not None:
                met = [
                    one.asked
                    for one in result.checked
                    if one.outcome is Outcome.PASSED and one.asked is not None
                ]
                mutation.run(world, met, progress)
    except EnforceError as error:
        raise InvalidTests(f"{tests.shown}:1: {error}.") from None
    wanted = [one for one in promised if chosen is None or chosen(one.title, one.invariant.who)]
    result.left += len(promised) - len(wanted)
    result.checked += _proved(tests, policy, wanted, progress)
    if coverage is not None:
        for promise in wanted:
            about = promise.invariant
            coverage.note_mode(policy, Subject.of_group(policy, about.group), about.model, about.mode)
    if not result.checked and not result.left:
        raise InvalidTests(f"{tests.shown}:1: nothing is expected here: write `expect`, `matrix` or `never`.")
    return result


def _proved(
    tests: Tests, policy: Policy, wanted: Sequence[Promise], progress: Progress | None
) -> list[Checked]:
    return [
        Checked(one.promise.title, one.outcome, tests.shown, one.promise.line, text=one.text, why=one.promise.why,
                proof=one.proof)
        for one in prove(policy, wanted, progress)
    ]  # fmt: skip


def checked_of(world: World, asked: Asked, answer: Answer) -> Checked:
    """An answer held against what is expected."""
    outcome = outcome_of(asked, answer)
    text = "" if outcome is Outcome.PASSED else said_of(world, asked, answer)
    return Checked(asked.title, outcome, world.tests.shown, asked.line, asked, answer, text, why=asked.why)


def said_of(world: World, asked: Asked, answer: Answer) -> str:
    """What is so instead of what is expected, as a sentence or two."""
    deed = "see" if asked.about is About.MENU else str(asked.mode)
    match answer.said:
        case Said.UNKNOWN:
            return f"It can't be decided. {answer.why}".strip()
        case Said.ERROR | Said.SPLIT:
            return answer.why
    if asked.about is About.SEARCH:
        return _found(world, asked, answer)
    may = "can" if answer.said is Said.CAN else "can't"
    known = " That is decided now: say so instead." if asked.wanted is Wanted.UNKNOWN else ""
    detail = f" {answer.why}" if answer.why else ""
    return f"{asked.who} {may} {deed} {asked.target}.{known}{detail}"


def _found(world: World, asked: Asked, answer: Answer) -> str:
    """How what a search found differs from what it is to find."""
    name = world.name
    more = [name(asked.model, one) for one in sorted(set(answer.found) - set(asked.records))]
    less = [name(asked.model, one) for one in asked.records if one not in answer.found]
    parts = []
    if more:
        parts.append(f"also finds {_listed(more)}")
    if less:
        parts.append(f"does not find {_listed(less)}")
    detail = f" {answer.why}" if answer.why else ""
    return f"{asked.who} {' and '.join(parts)}.{detail}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more


def explain(asker: Asker, checked: Checked) -> Checked:
    """The same with the tree of reasons, where a decision has one."""
    asked, answer = checked.asked, checked.answer
    if asked is None or answer is None:
        return checked
    if answer.decision is not None or (asked.about is About.ATTEMPT and answer.said is not Said.CAN):
        return replace(checked, decision=answer.decision)
    if (
        asked.about is About.ATTEMPT
        and asked.wanted is Wanted.CANNOT
        and asker.attempts.becomes_refused(asked)
    ):
        text = f"{checked.text} Odoo does not look at what it becomes; `strict: true` does."
        checked = replace(checked, text=text)
    if asked.about is About.SEARCH:
        differing = sorted(set(answer.found) ^ set(asked.records))
        if not differing:
            return checked
        asked = replace(asked, about=About.RECORD, record=differing[0])
    try:
        return replace(checked, decision=asker.decision(asked))
    except (RecordsError, BadQuestion):
        return checked
