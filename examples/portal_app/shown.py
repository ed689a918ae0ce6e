"""How pages are written."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(Path(__file__).parent / "templates")


def _money(value: float) -> str:
    return f"€ {value:,.2f}"


def _day(value: date | datetime) -> str:
    return f"{value.day} {value:%b %Y}"


def _when(value: datetime) -> str:
    return f"{value.day} {value:%b %Y, %H:%M}"


def _count(value: float) -> str:
    return f"{value:g}"


templates.env.filters.update(money=_money, day=_day, when=_when, count=_count)


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """A page from a template. Nobody but this browser may keep it."""
    response = templates.TemplateResponse(request, name, values, status_code=status)
    response.headers["Cache-Control"] = "no-store"
    return response
