"""Three-valued answers: True, False, and None for what depends or is not known."""

from __future__ import annotations

from collections.abc import Iterable


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """False where one is False, else None where one is None, else True."""
    found = set(verdicts)
    return False if False in found else None if None in found else True


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """True where one is True, else None where one is None, else False."""
    found = set(verdicts)
    return True if True in found else None if None in found else False
