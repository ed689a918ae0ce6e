"""Passwords that data files give to users: that there is one is kept, and what it says is not."""

from __future__ import annotations

from typing import Any

from ostiary.sources.addons.ops import ValueOp

_FIELDS = ("password", "new_password")
# What somebody who knows Odoo tries first.
_TRIED = frozenset(
    {
        "1234",
        "12345",
        "123456",
        "12345678",
        "abc123",
        "admin",
        "changeme",
        "default",
        "demo",
        "guest",
        "odoo",
        "odoo123",
        "pass",
        "passw0rd",
        "password",
        "portal",
        "public",
        "qwerty",
        "root",
        "secret",
        "test",
        "user",
        "welcome",
    }
)
_MARK = "$password"


def hide(found: list[ValueOp]) -> None:
    """Put a mark in the place of a user's password; one that only code knows stays as it is."""
    for op in found:
        if op.name in _FIELDS and isinstance(op.value, str | int | float) and not isinstance(op.value, bool):
            text = str(op.value)
            op.value = {_MARK: _guessed(text, found)} if text else ""


def mark_of(value: Any) -> bool | None:
    """Whether the password that stood here is easily guessed; None where there was none."""
    found = value.get(_MARK) if isinstance(value, dict) else None
    return found if isinstance(found, bool) else None


def _guessed(password: str, found: list[ValueOp]) -> bool:
    login = next((op.value for op in found if op.name == "login" and isinstance(op.value, str)), "")
    known = password.strip().lower()
    return known in _TRIED or known in (login.lower(), login.lower().partition("@")[0])
