"""Templates written in a test, and the pages that come of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from ostiary.code.pages import Templates, pages, templates
from ostiary.policy import Policy
from ostiary.policy.code import Actor, Entry, EntryKind, Page, Passed, Use, UseKind
from ostiary.policy.definitions import Field, Model, Module
from ostiary.policy.origin import Origin

HERE = Origin("library/models.py", 1, "library")


def _model(model: str, /, **fields: str) -> Model:
    """A model; a field is given by its type, a relation as `many2one:library.book`, HTML as it comes as `raw`."""
    found = {"id": Field(origin=HERE, name="id", type="integer")}
    for key, text in fields.items():
        kind, _, comodel = text.partition(":")
        found[key] = Field(
            origin=HERE,
            name=key,
            type="html" if kind == "raw" else kind,
            comodel=comodel or None,
            sanitize=kind != "raw",
        )
    return Model(origin=HERE, name=model, fields=found, modules=("library",))


MODELS = [
    _model(
        "library.loan", name="char", note="text", fee="float", page="html", script="raw",
        reader_id="many2one:res.partner", book_ids="one2many:library.book", parent_id="many2one:library.loan",
        access_token="char",
    ),
    _model("library.book", name="char", blurb="html", price="float", loan_id="many2one:library.loan"),
    _model("res.partner", name="char", comment="html", email="char", child_ids="one2many:res.partner"),
    _model("res.users", name="char", partner_id="many2one:res.partner", share="boolean"),
    _model("res.company", name="char"),
    _model("website", name="char"),
]  # fmt: skip
LOAN = Passed(name="loan", model="library.loan", actor=Actor.SUPERUSER)


@dataclass
class Library:
    """Modules with data files, and what routes render."""

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    methods: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, arch: str, module: str = "library") -> Library:
        """One more data file, in the order of loading."""
        number = sum(name == module for name, _ in self.files)
        path = f"views{number or ''}.xml"
        self.files[module, path] = f"<odoo>\n{arch}\n</odoo>".encode()
        return self

    def render(self, template: str, *values: Passed, name: str = "library.Main.page") -> Library:
        """A route that renders a template."""
        use = Use(kind=UseKind.RENDER, origin=HERE, text="", template=template, values=values or (LOAN,))
        kind = EntryKind.ROUTE
        self.entries.append(Entry(kind=kind, name=name, module="library", origin=HERE, uses=(use,)))
        return self

    @property
    def policy(self) -> Policy:
        names = dict.fromkeys(module for module, _ in self.files)
        return Policy(
            odoo="18.0",
            modules={name: Module(origin=HERE, name=name) for name in names},
            models={one.name: one for one in MODELS},
        )

    @property
    def templates(self) -> Templates:
        declared: dict[str, list[Any]] = {}
        for (module, path), content in self.files.items():
            declared.setdefault(module, []).extend(templates(content, module, path))
        return Templates(self.policy, declared, lambda module, path: self.files.get((module, path)))

    def definitions(self, model: str, name: str) -> list[ast.FunctionDef]:
        source = self.methods.get((model, name))
        body = ast.parse(source).body if source else []
        return [node for node in body if isinstance(node, ast.FunctionDef)]

    def pages(self) -> dict[str, Page]:
        """The pages by template."""
        return {
            page.template: page for page in pages(self.policy, self.templates, self.entries, self.definitions)
        }

    def shown(self, body: str, *values: Passed) -> list[str]:
        """What a page with this body puts out: the paths."""
        return [one.path for one in self.page(body, *values).shown if one.as_ != "condition"]

    def page(self, body: str, *values: Passed) -> Page:
        """A page with this body."""
        self.add(f'<template id="page">{body}</template>')
        self.render("library.page", *values)
        return self.pages()["library.page"]


@pytest.fixture
def library() -> Callable[[], Library]:
    return Library
