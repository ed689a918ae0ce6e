"""Small addons, written anew for each test, and what to look for in what was read of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ostiary.policy import AccessRight, Field, Policy, Problem, RecordRule

MakeAddon = Callable[..., Path]
ReadAddon = Callable[..., Policy]

MODELS = "from odoo import fields, models\n"
BOOK = MODELS + "class Book(models.Model):\n    _name = 'lib.book'\n    title = fields.Char()\n"


def write_addon(
    folder: Path,
    name: str,
    *,
    manifest: Mapping[str, Any] | str | None = None,
    files: Mapping[str, str | bytes] | None = None,
    python: str | None = None,
) -> Path:
    """A module in `folder`: `python` is its models, and what `files` holds is loaded unless the manifest says else."""
    module = folder / name
    module.mkdir(parents=True, exist_ok=True)
    files = dict(files or {})
    if python is not None:
        files["__init__.py"] = "from . import models\n"
        files["models.py"] = python
    stated: dict[str, Any] = {"name": name, "version": "18.0.1.0.0", "depends": ["base"]}
    stated["data"] = [path for path in files if path.endswith((".xml", ".csv"))]
    if not isinstance(manifest, str):
        manifest = repr(stated | dict(manifest or {}))
    files.setdefault("__manifest__.py", manifest)
    for path, content in files.items():
        target = module / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return module


def right(policy: Policy, xmlid: str) -> AccessRight:
    return next(item for item in policy.rights if item.xmlid == xmlid)


def rule(policy: Policy, xmlid: str) -> RecordRule:
    return next(item for item in policy.rules if item.xmlid == xmlid)


def problems(policy: Policy, kind: str | None = None) -> list[Problem]:
    return [item for item in policy.problems if kind in (None, item.kind)]


def data(body: str, noupdate: str = "") -> str:
    return f"<odoo{noupdate}>\n{body}\n</odoo>\n"


def field(policy: Policy, model: str, name: str) -> Field:
    return policy.models[model].fields[name]


def lines_of(path: Path, text: str) -> list[int]:
    """The numbers of the lines that hold a text."""
    return [number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line]
