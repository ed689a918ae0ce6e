"""Pages that call, inherit or repeat themselves without end: what they show is said, or what was not read of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.policy.code import Code, Page
from ostiary.sources import open_policy
from sources.build import write_addon

MODELS = """from odoo import fields, http, models
from odoo.http import request

class Plot(models.Model):
    _name = 'garden.plot'
    _description = 'Plot'
    name = fields.Char()
    note = fields.Text()
    parent_id = fields.Many2one('garden.plot')
    child_ids = fields.One2many('garden.plot', 'parent_id')

class Garden(http.Controller):
"""
ROUTE = """    @http.route('/{0}/<int:plot_id>', auth='user')
    def {0}(self, plot_id):
        return request.render('garden.{0}', {{'plot': request.env['garden.plot'].sudo().browse(plot_id)}})
"""
NOTE = '<p t-field="plot.note"/>'


def template(name: str, body: str, more: str = "") -> str:
    return f'<template id="{name}"{more}>{body}</template>\n'


def inheriting(name: str, of: str, place: str, body: str, position: str = "after") -> str:
    spec = f'<xpath expr="{place}" position="{position}">{body}</xpath>'
    return template(name, spec, f' inherit_id="garden.{of}"')


# By the name of the template that a route renders: each shows a plot's note.
SHOWN = {
    "plain": template("plain", NOTE),
    "calls": template("calls", f'<t t-call="garden.calls_back"/>{NOTE}')
    + template("calls_back", '<t t-call="garden.calls"/>'),
    "inherits": template("inherits", NOTE)
    + inheriting("inherits_a", "inherits_b", "//p", "<b/>")
    + inheriting("inherits_b", "inherits_a", "//p", "<b/>")
    + inheriting("inherits_c", "inherits_c", "//p", "<b/>"),
    "doubles": template("doubles", NOTE)
    + "".join(inheriting(f"doubles_{n}", "doubles", "//p[1]", "<b>$0$0</b>", "replace") for n in range(40))
    + inheriting("doubles_z", "doubles", "/*", NOTE, "inside"),
    "deep": template("deep", "<div>" * 150 + NOTE + "</div>" * 150),
    "set": template("set", '<t t-set="plot" t-value="plot or plot.parent_id or [plot, plot]"/>' * 200 + NOTE),
    "loops": template("loops", '<t t-foreach="plot.child_ids" t-as="plot">' * 10 + NOTE + "</t>" * 10),
    "many": template("many", NOTE * 3_000),
    "condition": template("condition", f'<t t-if="{"not " * 500}plot">{NOTE}</t>'),
}
# Those of which something is left out: by its name, with what is said of it.
UNREAD = {
    "fan": "".join(
        template(f"fan{n or ''}", f'<t t-call="garden.fan{n + 1}"/>' * 8) for n in range(30)
    ) + template("fan30", NOTE),
    "grows": template("grows", NOTE)
    + "".join(inheriting(f"grows_{n}", "grows", "//p[1]", "<b/>" * 50) for n in range(400)),
    "search": template("search", NOTE * 2_000)
    + inheriting("search_a", "search", "//*[preceding::*[following::*[preceding::*[following::p]]]]", "<b/>"),
    "path": template("path", f'<p t-field="plot{".parent_id" * 600}.note"/>'),
}  # fmt: skip


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    return read(tmp_path_factory.mktemp("hostile"), SHOWN | UNREAD)


def read(folder: Path, templates: dict[str, str], encoding: str = "utf-8", head: str = "") -> Code:
    content = f"{head}<odoo>{''.join(templates.values())}</odoo>".encode(encoding)
    python = MODELS + "".join(ROUTE.format(name) for name in templates)
    module = write_addon(folder, "garden", python=python, files={"views.xml": content})
    found = open_policy([module], cache=False, code=True).code
    assert found is not None
    return found


def page(code: Code, name: str) -> Page:
    return next(one for one in code.pages if one.template == f"garden.{name}")


def notes(one: Page) -> bool:
    return any((shown.model, shown.field) == ("garden.plot", "note") for shown in one.shown)


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_page_shows_is_said(code: Code, name: str) -> None:
    assert notes(page(code, name))


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_left_out_is_said(code: Code, name: str) -> None:
    assert page(code, name).unread


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    declared = encoding.removesuffix("-sig").replace("latin", "iso-8859")
    head = f"<?xml version='1.0' encoding='{declared}'?>"
    assert notes(page(read(tmp_path, {"plain": SHOWN["plain"]}, encoding, head), "plain"))


def test_entities_are_not_grown(tmp_path: Path) -> None:
    grown = "".join(
        f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    head = f'<!DOCTYPE odoo [<!ENTITY a "{"x" * 10}">{grown}]>'
    found = read(tmp_path, {"plain": template("plain", f"{NOTE}<p>&i;</p>")}, head=head)
    assert [use.template for entry in found.entries for use in entry.uses if use.template] == ["garden.plain"]
    assert sum(len(one.shown) for one in found.pages) <= 1
