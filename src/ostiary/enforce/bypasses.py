"""The record of what was done past access rights and rules, and where in the code.

Odoo lets any code say `sudo()`, and nobody knows afterwards who did. Here each place is kept once, with how often it
was passed, so that the list stays as long as the code is and no longer.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_INSIDE = str(Path(__file__).parent) + os.sep

QUIET = "ostiary itself"
"""The reason of what this package does as superuser where Odoo does too, which is nobody's choice: it isn't kept."""

OWN = "env.user"
"""The reason of what is done as superuser by way of `env.user`. Reading that row itself is what Odoo does too, and is
not kept; anything else is."""

MOST = 10_000
"""How many different bypasses one transaction keeps before it leaves out who did it and why."""

OTHERS = "(among others)"


@dataclass(frozen=True, slots=True)
class Bypass:
    """Something done as superuser or in SQL.

    `place` is the caller's `file:line function`. `verb` is the method (`read`, `create`, ... or `sql`), `model` the
    model it was called on (empty for SQL). `login` is the user on whose behalf it was done, `reason` what `sudo` or
    `execute` was given, `times` how often this very thing happened.
    """

    place: str
    verb: str
    model: str
    login: str
    reason: str
    times: int = 1


class Bypasses:
    """The bypasses of one transaction, in the order in which they first happened."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str, str, str, str], int] = {}

    def note(self, verb: str, model: str, login: str, reason: str) -> None:
        """Keep that this was done, from the nearest caller outside this package."""
        key = (place(), verb, model, login, reason)
        if key not in self._times and len(self._times) >= MOST:
            key = (key[0], verb, model, "", OTHERS)
        self._times[key] = self._times.get(key, 0) + 1

    def all(self) -> tuple[Bypass, ...]:
        return tuple(Bypass(*key, times) for key, times in self._times.items())


def place() -> str:
    """`file:line function` of the nearest caller that is not in this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INSIDE):
        frame = frame.f_back
    code = frame.f_code
    return f"{code.co_filename}:{frame.f_lineno} {code.co_name}"
