"""The application: `uvicorn portal_app.main:app`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

from ostiary.enforce import AccessError
from portal_app import api, auth, demo, pages
from portal_app.shown import page

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(url: str | None = None) -> FastAPI:
    """The portal over a database: `PORTAL_DATABASE`, or a file of SQLite beside this one, filled with the demo's rows.

    `PORTAL_SECRET` signs the cookies; without it everybody is logged out when the server starts again.
    """
    app = FastAPI(title="Portal", docs_url=None, redoc_url=None)
    url = url or os.environ.get("PORTAL_DATABASE") or f"sqlite:///{HERE / 'portal.db'}"
    app.state.engine = sa.create_engine(url)
    demo.fill(app.state.engine)
    app.add_middleware(
        SessionMiddleware,
        secret_key=os.environ.get("PORTAL_SECRET") or secrets.token_hex(32),
        session_cookie="portal",
        same_site="lax",
        https_only=os.environ.get("PORTAL_HTTPS") == "1",
        max_age=8 * 3600,
    )
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(auth.router)
    app.include_router(pages.router)
    app.include_router(api.router)
    app.add_exception_handler(auth.LoginNeeded, _login_needed)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(AccessError, _refused)

    @app.middleware("http")
    async def _headers(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def _login_needed(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return JSONResponse({"detail": "Log in first"}, 401)
    return RedirectResponse("/login", status_code=303)


def _failed(request: Request, error: Exception) -> Response:
    """One answer for what isn't there and for what is somebody else's."""
    assert isinstance(error, HTTPException)
    detail = "Not found" if error.status_code == 404 else str(error.detail)
    if _is_api(request):
        return JSONResponse({"detail": detail}, error.status_code)
    return page(request, "failed.html", status=error.status_code, detail=detail)


def _refused(request: Request, error: Exception) -> Response:
    """What the rules refuse. The explanation is for whoever keeps the rules, not for whoever tries the door."""
    detail = "You may not do this"
    return JSONResponse({"detail": detail}, 403) if _is_api(request) else page(
        request, "failed.html", status=403, detail=detail
    )  # fmt: skip


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api")


def __getattr__(name: str) -> FastAPI:
    """`app`, made when a server asks for it."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = made = create_app()
    return made
