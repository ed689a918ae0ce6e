"""A URL is shown without its credentials, wherever it has them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.sources import UnreadableTarget, shown_target
from ostiary.sources.database import is_database, shown_url
from ostiary.sources.database.url import parse

# Starts and ends with what no host, port or database below has, so that finding it is no chance.
_SECRET = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",)), max_size=12).map(
    lambda text: f"Z{text}Z"
)
_NAME = st.text("abcdefgh_09-", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pw@db.example:5433/odoo", "postgresql://db.example:5433/odoo"),
        ("postgres://me:p%40w@db.example/odoo?sslmode=require", "postgresql://db.example/odoo"),
        ("POSTGRESQL://me@db.example/odoo", "postgresql://db.example/odoo"),
        ("postgresql://db.example/odoo?user=me&password=pw", "postgresql://db.example/odoo"),
        ("postgresql:///odoo?host=/run/pg&port=6000&password=pw", "postgresql://%2Frun%2Fpg:6000/odoo"),
        ("postgresql://me:pw@[::1]:5432/odoo", "postgresql://[::1]:5432/odoo"),
        ("postgresql://me:pw@a:1,b:2/odoo", "postgresql://a,b:1,2/odoo"),
        ("postgresql://", "postgresql:///"),
        ("postgresql://me:p@w@db.example/odoo", "postgresql://…"),
        ("postgresql://me:p/w@db.example/odoo", "postgresql://…"),
        ("postgresql://me:p?w@db.example/odoo", "postgresql://db.example/odoo"),
    ],
)
def test_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown
    assert shown_target(url) == shown


@given(_SECRET, _SECRET, _NAME, st.integers(1, 65535), _NAME, st.booleans())
def test_credentials_are_never_shown(
    user: str, password: str, host: str, port: int, database: str, in_query: bool
) -> None:
    secrets = [quote(text, safe="") for text in (user, password)]
    if in_query:
        url = f"postgresql://{host}:{port}/{database}?user={secrets[0]}&password={secrets[1]}"
    else:
        url = f"postgresql://{secrets[0]}:{secrets[1]}@{host}:{port}/{database}"
    assert shown_url(url) == f"postgresql://{host}:{port}/{database}"


@given(_SECRET, _SECRET, st.booleans())
def test_credentials_are_not_shown_where_they_were_not_encoded(
    user: str, password: str, in_query: bool
) -> None:
    """Whatever the URL then means to libpq, no piece of the password is taken for an address and shown."""
    url = (
        f"postgresql://host:1/db?user={user}&password={password}"
        if in_query
        else f"postgresql://{user}:{password}@host:1/db"
    )
    shown = shown_url(url)
    assert "Z" not in shown
    try:
        parse(url)
    except UnreadableTarget as error:
        assert password not in str(error)


def test_what_is_a_database() -> None:
    assert is_database("postgresql://x")
    assert is_database(" Postgres://x")
    assert not is_database("addons/postgresql")
    assert not is_database(Path("postgresql:/x"))


def test_a_path_is_shown_as_it_is(tmp_path: Path) -> None:
    assert shown_target(tmp_path) == str(tmp_path)
    assert shown_target("C:/addons") == "C:/addons"
