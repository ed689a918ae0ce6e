"""A clinic whose code is followed: models with fields, and the source of one route or method at a time."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent

import pytest

from ostiary.code.flow import follow
from ostiary.code.program import ModuleIndex, Program, scan_source
from ostiary.policy import Field, Model, Module, Origin, Policy
from ostiary.policy.code import Use

HEAD = """\
import hmac, json, re, random, werkzeug
from markupsafe import Markup
from odoo import SUPERUSER_ID, api, fields, http, models
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from odoo.osv import expression
from odoo.tools import consteq, safe_eval, SQL
from odoo.addons.portal.controllers.portal import CustomerPortal

ALLOWED = ("note", "phone")
"""
_FIELDS = {
    "clinic.visit": {
        "name": "char", "note": "text", "phone": "char", "state": "selection", "access_token": "char",
        "website_published": "boolean", "partner_id": "res.partner", "doctor_id": "res.users",
        "line_ids": "clinic.line*", "can_cancel": "boolean",
    },
    "clinic.line": {"name": "char", "visit_id": "clinic.visit", "price": "float", "product_id": "product.product"},
    "res.partner": {"name": "char", "commercial_partner_id": "res.partner", "email": "char"},
    "res.users": {"login": "char", "partner_id": "res.partner", "api_key": "char", "share": "boolean"},
    "product.product": {"name": "char"},
    "ir.attachment": {"name": "char", "public": "boolean", "res_id": "integer"},
}  # fmt: skip


def _field(name: str, kind: str) -> Field:
    origin = Origin("")
    if "." in kind:
        many = kind.endswith("*")
        return Field(
            origin=origin, name=name, type="one2many" if many else "many2one", comodel=kind.rstrip("*")
        )
    return Field(origin=origin, name=name, type=kind, store=not name.startswith("can_"))


def program_of(source: str, odoo: str = "18.0") -> Program:
    """The program of one module, `clinic`, with one file."""
    content = (HEAD + dedent(source)).encode()
    index = ModuleIndex("clinic", [scan_source("clinic", "main.py", content)])
    models = {
        model: Model(
            origin=Origin(""), name=model, fields={name: _field(name, kind) for name, kind in known.items()}
        )
        for model, known in _FIELDS.items()
    }
    module = Module(origin=Origin("clinic/__manifest__.py", 1, "clinic"), name="clinic")
    policy = Policy(odoo=odoo, modules={"clinic": module}, models=models)
    return Program(policy, {"clinic": index}, lambda module, path: content if path == "main.py" else None)


def shown(use: Use) -> str:
    """A use on one line: what is done, to which records, and what lets the caller pass or only looks like it."""
    parts = [use.kind.value]
    if use.model or use.kind.value in ("read", "write", "create", "unlink", "call", "search", "report"):
        parts.append(f"{use.model or '?'} as {use.actor.value}, {use.choice.value}")
    if use.given:
        parts.append(f"given {', '.join(map(str, use.given))}")
    if use.fields:
        parts.append(f"fields {', '.join(use.fields)}")
    if use.written:
        parts.append(f"written {', '.join(map(str, use.written))}")
    for word in ("method", "built", "template"):
        if value := getattr(use, word):
            parts.append(f"{word} {value}")
    if use.guards:
        parts.append("passed " + ", ".join(dict.fromkeys(guard.kind.value for guard in use.guards)))
    if use.looks:
        parts.append("only looks " + ", ".join(dict.fromkeys(guard.kind.value for guard in use.looks)))
    if use.local:
        parts.append("local")
    if use.safe:
        parts.append("safe")
    return "; ".join(parts) + ("" if use.certain else "; not certain")


Said = Callable[..., list[str]]


@pytest.fixture
def route() -> Said:
    """What a route does whose body is given, by line."""

    def said(body: str, helper: str = "", decorator: str = "auth='user'") -> list[str]:
        source = (
            "class Visits(CustomerPortal):\n"
            f"    @http.route('/visit/<int:visit_id>', {decorator})\n"
            "    def visit(self, visit_id, token=None, **kw):\n"
            + indent(dedent(body).strip("\n"), "        ")
            + "\n\n"
            + indent(dedent(helper), "    ")
            + "\n"
        )
        program = program_of(source)
        (declared,) = [one for one in program.routes() if one.function.name == "visit"]
        return [shown(use) for use in follow(program, declared).uses]

    return said


@pytest.fixture
def method() -> Said:
    """What a method of `clinic.visit` does that anybody who is logged in may call."""

    def said(body: str, arguments: str = "", decorator: str = "") -> list[str]:
        source = (
            "class Visit(models.Model):\n    _name = 'clinic.visit'\n\n"
            + (f"    {decorator}\n" if decorator else "")
            + f"    def go(self{', ' if arguments else ''}{arguments}):\n"
            + indent(dedent(body).strip("\n"), "        ")
            + "\n"
        )
        program = program_of(source)
        (declared,) = [one for one in program.rpc_methods() if one.function.name == "go"]
        return [shown(use) for use in follow(program, declared).uses]

    return said


@pytest.fixture
def routes() -> Callable[[str], dict[str, list[str]]]:
    """What each route of some classes does, by the method's name."""

    def said(source: str) -> dict[str, list[str]]:
        program = program_of(source)
        return {
            one.function.name: [shown(use) for use in follow(program, one).uses] for one in program.routes()
        }

    return said


@pytest.fixture
def made() -> Callable[[str], Program]:
    """The program of a source."""
    return program_of
