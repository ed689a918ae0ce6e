"""How a target is shown: never with what could be a credential, also where it is no URL but was meant to be one."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

DATABASES = ("postgresql", "postgres")
# What may hold credentials is never taken for a path, which a message would show: a URL, also one with its slashes
# forgotten, and libpq's `host=… password=…`.
_URL = re.compile(r"([a-z][a-z0-9+.-]+):(?=//|.*@)", re.IGNORECASE | re.DOTALL)
_SETTINGS = re.compile(r"password\s*=", re.IGNORECASE)
# What stands before a password, and not between a scheme and its host.
_COLON = re.compile(r"(:|%3a)(?!//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place(os.PathLike[str]):
    """A folder read in place of a target: its files are named as below `shown`, and it is the user's `target`."""

    folder: str
    shown: str
    target: str

    def __fspath__(self) -> str:
        return self.folder


def shown_target(target: str | os.PathLike[str]) -> str:
    """A target as reports and messages may show it: of a URL, nothing that could be a credential.

    What is there under that name is a path, and shown as it is.
    """
    if isinstance(target, Place):
        target = target.target
    scheme = scheme_of(target)
    if not scheme:
        text = os.fspath(target)
        return text if os.path.lexists(text) else hidden(text)
    if scheme not in DATABASES:
        return f"{scheme}://…"
    # The driver is only loaded where a database is meant: every other command starts without it.
    from ostiary.sources.database import shown_url

    return shown_url(os.fspath(target))


def scheme_of(target: str | os.PathLike[str]) -> str:
    """The scheme of a target that is a URL, in lower case; empty for a path."""
    if not isinstance(target, str) or os.path.exists(target):
        return ""
    if match := _URL.match(target.strip()):
        return match[1].lower()
    return DATABASES[0] if _SETTINGS.search(target) else ""


def hidden(text: str) -> str:
    """The text with `…` in place of what stands between its first `:` (but that of `://`) and its last `@`.

    There a URL has its password, and so has one whose scheme was mistyped or forgotten.
    """
    before, at, behind = text.rpartition("@")
    colon = _COLON.search(before)
    return f"{before[: colon.end()]}…{at}{behind}" if colon else text
