"""Questions that only the database answers, while a rule is evaluated without it.

Which domain a rule comes to depends on who asks: whether the user holds a group, whether a value is set. Each
such question is a condition in SQL. The rule is evaluated once for each combination of answers that makes a
difference, and every outcome stands in the policy behind the answers that lead to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ostiary.records.errors import Undecided

MOST = 32
"""How many outcomes one rule may have."""

_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True)
class Case(Generic[_Outcome]):
    """An outcome, and the conditions (never NULL) and their answers that lead to it."""

    answers: tuple[tuple[str, bool], ...]
    outcome: _Outcome

    @property
    def guards(self) -> tuple[str, ...]:
        return tuple(sql if answer else f"(NOT {sql})" for sql, answer in self.answers)


@dataclass(slots=True)
class Answers:
    """What is taken for granted in one evaluation; what was not is taken for true, and noted."""

    given: Mapping[str, bool]
    asked: dict[str, bool] = field(default_factory=dict)

    def ask(self, sql: str) -> bool:
        """The answer to a condition in SQL that is true or false, never NULL."""
        answer = self.given.get(sql, True)
        self.asked[sql] = answer
        return answer


def cases(evaluate: Callable[[Answers], _Outcome]) -> list[Case[_Outcome]]:
    """Every outcome of an evaluation that asks. Raises Undecided where there are too many."""
    found: list[Case[_Outcome]] = []
    todo: list[dict[str, bool]] = [{}]
    while todo:
        if len(found) >= MOST:
            raise Undecided(f"cannot be decided: it says different things in more than {MOST} cases")
        answers = Answers(todo.pop())
        outcome = evaluate(answers)
        found.append(Case(tuple(answers.asked.items()), outcome))
        before: dict[str, bool] = {}
        for sql, answer in answers.asked.items():
            if sql not in answers.given:
                todo.append({**before, sql: False})
            before[sql] = answer
    return found
