"""Which mutants the expectations notice: mutation tests of access definitions.

Each mutant is asked, on the same rows, the questions that it may answer otherwise, until one of them is. What none
notices has survived; where a proof shows that nobody gains or loses anything by it, it is no change at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from ostiary.policy import MODES, Policy, Subject
from ostiary.policy.rules import parents_of
from ostiary.records.errors import RecordsError
from ostiary.testing.asked import About, Asked, Outcome, outcome_of
from ostiary.testing.asking import Asker
from ostiary.testing.mutants import Mutant, mutants, spread
from ostiary.testing.survivors import Survived, Survivors
from ostiary.testing.world import World

Progress = Callable[[str, int, int], None]
_BATCH = 200


Key = tuple[str, str, int]


@dataclass
class Mutation:
    """What became of the mutants of one Policy, over all the files that are about it.

    `made` are all that were tried of those that are `possible`, `killed` says by which expectation (`path:line`). It
    may be shared by several Policies that hold the same definitions: a change that was noticed once need not be again.
    """

    policy: Policy
    made: list[Mutant]
    possible: int
    killed: dict[Key, str] = field(default_factory=dict)

    def run(self, world: World, asked: Sequence[Asked], progress: Progress | None = None) -> None:
        """Ask the mutants that are still alive what a file expects. `asked` are its expectations that are met."""
        relevant = _Relevant(world, asked)
        alive = self.alive
        for done, mutant in enumerate(alive):
            if progress is not None:
                progress("Mutants", done, len(alive))
            killer = _killer(world, mutant, relevant.to(mutant))
            if killer is not None:
                self.killed[mutant.key] = f"{world.tests.shown}:{killer.line}"

    @property
    def alive(self) -> list[Mutant]:
        return [one for one in self.made if one.key not in self.killed]


@dataclass
class Mutations:
    """What became of the mutants of all the Policies of a run; of each, at most `limit` are tried."""

    limit: int
    killed: dict[Key, str] = field(default_factory=dict)
    _of: dict[int, Mutation] = field(default_factory=dict)

    def of(self, policy: Policy) -> Mutation:
        """The mutants of a Policy, made once."""
        if id(policy) not in self._of:
            every = list(mutants(policy))
            self._of[id(policy)] = Mutation(policy, spread(every, self.limit), len(every), self.killed)
        return self._of[id(policy)]

    @property
    def tried(self) -> dict[Key, Mutant]:
        """The changes that were tried, each once."""
        return {one.key: one for mutation in self._of.values() for one in mutation.made}

    @property
    def possible(self) -> int:
        """How many changes there are, where all were tried; else how many there are at least."""
        return max([len(self.tried), *(one.possible for one in self._of.values())])

    def survivors(self, progress: Progress | None = None) -> list[Survived]:
        """The changes that nothing noticed, with what would; those that change nothing say so."""
        found: dict[Key, Survived] = {}
        for mutation in self._of.values():
            left = [one for one in mutation.alive if one.key not in found]
            for one in Survivors(mutation.policy).of(left, progress):
                found[one.mutant.key] = one
        return list(found.values())


def _killer(world: World, mutant: Mutant, asked: Sequence[Asked]) -> Asked | None:
    """The first expectation that is no longer met."""
    if not asked:
        return None
    policy = replace(mutant.policy, users=world.policy.users, companies=world.policy.companies)
    asker = Asker(world, policy)
    for start in range(0, len(asked), _BATCH):
        some = asked[start : start + _BATCH]
        try:
            answers = asker.answers(some)
        except RecordsError:
            return some[0]
        for one, answer in zip(some, answers, strict=True):
            if outcome_of(one, answer) is not Outcome.PASSED:
                return one
    return None


class _Relevant:
    """The questions that a mutant may answer otherwise than the Policy itself."""

    def __init__(self, world: World, asked: Sequence[Asked]) -> None:
        self.world = world
        self.asked = asked
        self.layers = Asker(world).access.layers
        self._subjects: dict[str, Subject] = {}
        self._models: dict[str, frozenset[str]] = {}

    def to(self, mutant: Mutant) -> list[Asked]:
        if mutant.group:
            return [one for one in self.asked if mutant.group in self._subject(one.login).groups]
        found = [one for one in self.asked if self._concerns(one, mutant)]
        # What is about the model itself is the likeliest to notice.
        return sorted(found, key=lambda one: (one.model != mutant.model, one.mode not in mutant.modes))

    def _concerns(self, asked: Asked, mutant: Mutant) -> bool:
        if mutant.field:
            if asked.about is About.ATTEMPT:
                return True
            return bool(asked.field)
        if asked.about is About.MENU:
            return mutant.kind in ("add-mode", "drop-mode", "add-group")
        if asked.about is About.ATTEMPT or asked.field:
            return True
        if asked.model != mutant.model and mutant.model not in self._behind(asked.model):
            return False
        return asked.mode in mutant.modes or asked.model != mutant.model or self._layered(asked.model)

    def _subject(self, login: str) -> Subject:
        found = self._subjects.get(login)
        if found is None:
            found = self._subjects[login] = Subject.of_user(self.world.policy, login)
        return found

    def _behind(self, model: str) -> frozenset[str]:
        """The models that decisions about a model rest on: its `_inherits` parents, and any where Python decides."""
        found = self._models.get(model)
        if found is None:
            parents = frozenset(_ancestors(self.world.policy, model))
            found = frozenset(self.world.policy.models) if self._layered(model) else parents
            self._models[model] = found
        return found

    def _layered(self, model: str) -> bool:
        try:
            return any(self.layers.find(model, mode) is not None for mode in (None, *MODES))
        except RecordsError:
            return True


def _ancestors(policy: Policy, model: str) -> Iterable[str]:
    seen: set[str] = set()
    waiting = [model]
    while waiting:
        for parent in parents_of(policy, waiting.pop()):
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen
