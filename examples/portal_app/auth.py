"""Logging in and out, and the token that every form carries."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from typing import Annotated

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from portal_app.access import Member, member, session_of
from portal_app.shown import page
from portal_app.tables import Account

router = APIRouter(include_in_schema=False)
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex())  # so that an unknown login takes as long as a wrong password


class LoginNeeded(Exception):
    """Nobody is logged in."""


def token(request: Request) -> str:
    """The token of this browser's session."""
    return request.session.setdefault("token", secrets.token_urlsafe(24))


def checked(request: Request, given: str) -> None:
    """Raises 403 where a request that changes something doesn't carry the token: it came from another site."""
    if not hmac.compare_digest(token(request).encode(), given.encode()):
        raise HTTPException(403, "This form is too old. Go back, load the page again and send it once more.")


def logged_in(request: Request) -> Member:
    """Who is logged in. Raises LoginNeeded."""
    account = request.session.get("account")
    found = member(request.app.state.engine, account) if isinstance(account, int) else None
    if found is None:
        raise LoginNeeded
    return found


Who = Annotated[Member, Depends(logged_in)]


def database(request: Request, who: Who) -> Iterator[Session]:
    """The session of whoever is logged in. All that the pages and the API read or write goes through it."""
    with session_of(request.app.state.engine, who) as session:
        yield session


Rows = Annotated[Session, Depends(database)]


@router.get("/login")
def login_form(request: Request) -> Response:
    return page(request, "login.html", token=token(request))


@router.post("/login")
def login(
    request: Request,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    checked(request, csrf)
    account = _verified(request.app.state.engine, login.strip().lower(), password)
    if account is None:
        return page(request, "login.html", status=401, token=token(request), login=login, wrong=True)
    request.session.clear()  # nothing of the session before belongs to whoever logged in
    request.session["account"] = account
    return RedirectResponse("/my", status_code=303)


@router.post("/logout")
def logout(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
    checked(request, csrf)
    request.session.clear()
    return RedirectResponse("/login", status_code=303)


def _verified(engine: sa.Engine, login: str, password: str) -> int | None:
    """The id of the account with this login and password."""
    with Session(engine) as session:
        found = session.execute(sa.select(Account.id, Account.password).where(Account.login == login)).first()
    try:
        _HASHER.verify(found.password if found else _NOBODY, password)
    except (Argon2Error, InvalidHashError):
        return None
    return found.id if found else None
