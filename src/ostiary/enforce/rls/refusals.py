"""What can't be expressed, by name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ostiary.policy import Mode
from ostiary.records.errors import Fails, RecordsError


class Refusal(Exception):
    """A mode of a model that no policy can hold as Odoo decides it; the message is one sentence.

    `rule` is the external id of the record rule that stands in the way, empty where it is something else.
    `mode` is None where the whole model is refused.
    """

    def __init__(self, model: str, mode: Mode | None, why: str, rule: str = "") -> None:
        self.model = model
        self.mode = mode
        self.rule = rule
        self.why = why
        doing = f"{mode} of {model}" if mode is not None else model
        because = f"record rule {rule}: {why}" if rule else why
        super().__init__(f"{doing} can't be held by row security: {because}.")

    @classmethod
    def of(cls, model: str, mode: Mode | None, error: RecordsError, rule: str = "") -> Refusal:
        """What an error of `records` says of it."""
        why = str(error).removeprefix("cannot be decided: ").rstrip(".")
        if isinstance(error, Fails):
            why = f"Odoo raises an error for it ({error.error}: {why})"
        return cls(model, mode, why, rule)


@contextlib.contextmanager
def because(model: str, mode: Mode | None) -> Iterator[None]:
    """Turns errors of `records` into refusals."""
    try:
        yield
    except RecordsError as error:
        raise Refusal.of(model, mode, error) from None
