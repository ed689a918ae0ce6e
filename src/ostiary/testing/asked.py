"""What a file of access tests asks, one question at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ostiary.policy import Mode
from ostiary.policy.decide import Decision


class Wanted(StrEnum):
    """What an expectation says of a deed."""

    CAN = "can"
    CANNOT = "cannot"
    UNKNOWN = "unknown"


class About(StrEnum):
    """What a question is about."""

    RECORD = "record"
    FIELD = "field"
    MODEL = "model"
    MODEL_FIELD = "model-field"
    MENU = "menu"
    SEARCH = "search"
    ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and the answer that is expected.

    `who` is the user's name in the file, `login` their login. `companies` are the ids of those they have
    chosen, none for all of theirs, `chosen` their names. `target` is what the deed is done with, as it is written. Of a
    search, `records` are the ids that it is to find. Of an attempt, `values` are what is written or created. `line` is
    where it is written.
    """

    about: About
    who: str
    login: str
    wanted: Wanted
    target: str
    line: int
    mode: Mode | None = None
    model: str = ""
    record: int | None = None
    field: str = ""
    records: tuple[int, ...] = ()
    values: dict[str, Any] | None = None
    companies: tuple[int, ...] = ()
    chosen: tuple[str, ...] = ()
    name: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        """The expectation in words: `anna cannot write house`."""
        return f"{self.name}: {self.said}" if self.name else self.said

    @property
    def said(self) -> str:
        """As `title`, without the name that the file gives it."""
        where = f" in {', '.join(self.chosen)}" if self.chosen else ""
        if self.about is About.SEARCH:
            return f"{self.who}{where} finds {self.target}"
        deed = "see" if self.about is About.MENU else str(self.mode)
        if self.wanted is Wanted.UNKNOWN:
            return f"whether {self.who}{where} can {deed} {self.target} is unknown"
        return f"{self.who}{where} {self.wanted} {deed} {self.target}"


class Outcome(StrEnum):
    """What became of an expectation. What can't be decided is neither met nor failed, and never passes."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Said(StrEnum):
    """What an answer comes to. `split`: Odoo decides twice and differently (a search finds what a check refuses, or the
    other way round); `error`: Odoo raises an error of another sort."""

    CAN = "can"
    CANNOT = "cannot"
    UNKNOWN = "unknown"
    SPLIT = "split"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question. `why` is a sentence, empty where the reasons are to be asked of a decision; `found` are
    the ids that a search found, `decision` what an attempt was refused with."""

    said: Said
    why: str = ""
    found: tuple[int, ...] = ()
    decision: Decision | None = None


def outcome_of(asked: Asked, answer: Answer) -> Outcome:
    """Whether an answer is the one that is expected."""
    if answer.said is Said.UNKNOWN:
        return Outcome.PASSED if asked.wanted is Wanted.UNKNOWN else Outcome.UNKNOWN
    if asked.about is About.SEARCH and answer.said is Said.CAN:
        return Outcome.PASSED if set(answer.found) == set(asked.records) else Outcome.FAILED
    return Outcome.PASSED if answer.said.value == asked.wanted.value else Outcome.FAILED
