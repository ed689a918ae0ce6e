"""Whether one domain on a model accepts only what another one accepts, for a search and for a test in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ostiary.domain import FALSE, TRUE, Domain, conjunction, normalize, opaques, to_odoo
from ostiary.policy import Mode
from ostiary.policy.effective import asked_groups
from ostiary.prove.encode import TooLarge, conj
from ostiary.prove.members import Members
from ostiary.prove.prover import Prover
from ostiary.prove.question import Question, asked
from ostiary.prove.solver import Solver

MOST_ASKED = 100
MOST_GIVEN_UP = 2
"""How many questions about one model a solver is asked, and on how many it may give up: what is beyond is unknown."""


@dataclass(frozen=True, slots=True)
class Implied:
    """That it is so: `assumptions` are what that rests on."""

    assumptions: tuple[str, ...] = ()


class Implications:
    """Asks about one model, and keeps the answers."""

    def __init__(self, prover: Prover, model: str) -> None:
        self.prover = prover
        self.model = model
        self._answers: dict[object, Implied | None] = {}
        self._given_up = 0

    def of(
        self, first: Iterable[Domain], then: Domain, mode: Mode, members: Members | None = None
    ) -> Implied | None:
        """That a record which all of `first` accept is accepted by `then`, whoever asks (or any of `members`); None
        where that isn't so, isn't known, or rests on a part that can't be read."""
        whole, then = normalize(conjunction(first)), normalize(then)
        if any(opaques(whole)) or any(opaques(then)) or (whole == TRUE and then == FALSE):
            return None
        if then == TRUE or whole == FALSE:
            return Implied()
        key = (to_odoo(whole), to_odoo(then), mode is Mode.READ, members is not None and members.held)
        if key not in self._answers:
            if len(self._answers) >= MOST_ASKED or self._given_up >= MOST_GIVEN_UP:
                return None
            self._answers[key] = self._asked(whole, then, mode is Mode.READ, members)
        return self._answers[key]

    def _asked(self, first: Domain, then: Domain, search: bool, members: Members | None) -> Implied | None:
        def build(texts: bool) -> tuple[Solver, list[str]]:
            question = Question(self.prover.schema, self.model, texts=texts)
            if members is not None:
                members.declare(question)
            else:
                for name in sorted(asked_groups(first) | asked_groups(then)):
                    question.who.groups[name] = question.world.script.declare("g", "", "Bool")
            parts = []
            for encoder in (question.memory, *([question.search] if search else [])):
                accepted = encoder.holds(first, question.record, True)
                refused = encoder.holds(then, question.record, False)
                parts.append(question.part(conj((accepted, refused))))
            return question.solver(second=self.prover.cross_check), parts

        try:
            solver, parts = asked(build)
        except TooLarge:
            self._given_up += 1
            return None
        if solver.world.opaques:
            return None
        assumptions: list[str] = []
        for part in parts:
            found = solver.check([part], guess=True)
            self._given_up += found is None
            if found is not False:
                return None
            assumptions += solver.assumptions()
        return Implied(tuple(dict.fromkeys(assumptions)))
