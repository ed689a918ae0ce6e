"""Database URLs: which targets are one, and how they are shown without the credentials they hold."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ostiary.sources.errors import UnreadableTarget

_DATABASE = re.compile(r"postgres(ql)?://", re.IGNORECASE)
_HIDDEN = "postgresql://…"
_PORTS = re.compile(r"\d*(,\d*)*")
# What would let a name pass for another part of the URL, or for markup of a terminal.
_PLAIN = "-._~!$'()*+,;=:[]"


def is_database(target: str | os.PathLike[str]) -> bool:
    """Whether a target is to be read as a database: `postgresql://…` or `postgres://…`."""
    return isinstance(target, str) and _DATABASE.match(target.strip()) is not None


def shown_url(url: str) -> str:
    """The URL as it may be shown: `postgresql://host:port/dbname`, and nothing else of it.

    User, password and every parameter are left out, wherever the URL has them. A URL that can't be taken apart, or
    in which a character of a password may have been taken for a part of the address, is `postgresql://…`.
    """
    try:
        parts = parse(url)
    except UnreadableTarget:
        return _HIDDEN
    host, port, name = (parts.get(key, "") for key in ("host", "port", "dbname"))
    hosts = ",".join(_shown_host(one) for one in (host or parts.get("hostaddr", "")).split(","))
    return f"postgresql://{hosts}{f':{port}' if port else ''}/{quote(name, safe=_PLAIN)}"


def _shown_host(host: str) -> str:
    return f"[{host}]" if re.fullmatch(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", host) else quote(host, safe=_PLAIN)


def parse(url: str) -> dict[str, str]:
    """The URL's parts by libpq's names (`host`, `port`, `dbname`, `user`, `password`, ...).

    Raises UnreadableTarget where it can't be taken apart. The sentence holds nothing of the URL.
    """
    url = url.strip()
    before, _, _ = url.partition("?")
    address = before.partition("://")[2]
    if not is_database(url):
        raise _unclear()
    try:
        found = {
            key: str(value) for key, value in conninfo_to_dict(_lowered(url)).items() if value is not None
        }
    except (psycopg.Error, UnicodeError, ValueError):
        raise _unclear() from None
    # An '@', '/' or '?' that stands as it is in a password makes libpq take the rest of it for an address.
    if address.count("@") > 1 or "@" in address.partition("/")[2]:
        raise _unclear()
    if not _PORTS.fullmatch(found.get("port", "")) or "@" in found.get("host", ""):
        raise _unclear()
    return found


def _lowered(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.lower()}://{rest}"


def _unclear() -> UnreadableTarget:
    return UnreadableTarget(
        "The database URL can't be understood: write postgresql://user@host:port/database, with special characters of "
        "the user and the password percent-encoded (@ is %40, / is %2F, ? is %3F, # is %23)."
    )
