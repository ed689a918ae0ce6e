"""Where more than rights and rules has a say: fields that lead to other models, searches in Python, followers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.report import tests_terminal
from ostiary.testing.asked import Outcome
from ostiary.testing.database import Databases
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import parse_tests
from ostiary.testing.run import FileResult, run_file
from ostiary.testing.target import Targets

ADDON = {
    "__init__.py": "from . import models\n",
    "__manifest__.py": '{"name": "Store", "version": "18.0.1.0.0", "depends": ["mail"], '
    '"data": ["ir.model.access.csv"]}',
    "models.py": """\
from odoo import fields, models

class Box(models.Model):
    _name = "store.box"
    name = fields.Char()
    item_ids = fields.One2many("store.item", "box_id")
    label_ids = fields.Many2many("store.label")
    stamp_ids = fields.Many2many("store.stamp")

class Item(models.Model):
    _name = "store.item"
    box_id = fields.Many2one("store.box")

class Label(models.Model):
    _name = "store.label"
    active = fields.Boolean(default=True)

class Stamp(models.Model):
    _name = "store.stamp"

class Letter(models.Model):
    _name = "store.letter"
    _inherit = ["mail.thread"]

class Shelf(models.Model):
    _name = "store.shelf"

    def _search(self, *args, **kwargs):
        return super()._search(*args, **kwargs)
""",
    "ir.model.access.csv": """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
box,box,model_store_box,base.group_portal,1,1,0,0
item,item,model_store_item,base.group_user,1,1,1,1
label,label,model_store_label,base.group_user,1,1,1,1
stamp,stamp,model_store_stamp,base.group_user,1,1,1,1
letter,letter,model_store_letter,base.group_portal,1,0,0,0
shelf,shelf,model_store_shelf,base.group_user,1,1,1,1
""",
}
PEOPLE = """\
users: {anna: portal, ina: internal}
records:
  store.box: {crate: {name: Crate}}
  store.shelf: {top: {}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    for name, text in ADDON.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def run(store: Path, text: str) -> FileResult:
    tests = parse_tests((PEOPLE + text).encode(), Path("a.access.yaml"), "a.access.yaml")
    with Databases() as databases:
        return run_file(tests, Targets([str(store)], cache=False).policy_of(tests), databases)


def test_a_field_whose_records_one_may_not_read_cannot_be_read(store: Path) -> None:
    """Odoo searches for the lines, and for linked records where it leaves out archived ones; it refuses the field."""
    text = """\
expect:
  - who: anna
    can: {read: [crate, crate.name, crate.stamp_ids], write: crate.item_ids}
    cannot: {read: [crate.item_ids, crate.label_ids]}
"""
    assert {one.outcome for one in run(store, text).checked} == {Outcome.PASSED}
    (failed,) = run(store, "expect: [{who: anna, can: {read: crate.item_ids}}]\n").checked
    assert (
        failed.text
        == "anna can't read crate.item_ids. item_ids leads to store.item, which they may not read."
    )
    assert failed.decision is not None
    assert failed.decision.verdict == "denied"


def test_a_search_in_python_is_unknown_for_those_who_have_a_right_only(store: Path) -> None:
    text = """\
expect:
  - who: ina
    can: {write: top}
    unknown: {read: top}
  - who: anna
    cannot: {read: top, write: top}
"""
    assert {one.outcome for one in run(store, text).checked} == {Outcome.PASSED}
    (unknown,) = run(store, "expect: [{who: ina, can: {read: top}}]\n").checked
    assert unknown.text == (
        "It can't be decided. Model store.shelf has _search of its own in module store, which is Python."
    )


def test_followers_are_lines_and_whoever_writes_them_otherwise_is_told_so(store: Path) -> None:
    (store / "rules.xml").write_text(
        """<odoo><record id="followers" model="ir.rule">
        <field name="model_id" ref="model_store_letter"/>
        <field name="domain_force">[('message_partner_ids', 'in', [user.partner_id.id])]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/></record></odoo>""",
        "utf-8",
    )
    manifest = store / "__manifest__.py"
    manifest.write_text(
        manifest.read_text("utf-8").replace('access.csv"]', 'access.csv", "rules.xml"]'), "utf-8"
    )
    text = """\
  store.letter:
    followed: {message_follower_ids: [{partner_id: anna}]}
    other: {}
matrix: |
  who   followed  other
  anna  r         -
"""
    assert {one.outcome for one in run(store, text).checked} == {Outcome.PASSED}
    with pytest.raises(
        InvalidTests, match=r"value of its own: write `message_follower_ids: \[{partner_id: …}\]`\."
    ):
        run(store, text.replace("message_follower_ids: [{partner_id: anna}]", "message_partner_ids: anna"))


def test_a_method_that_may_refuse_more_is_named_where_a_deed_is_expected_to_be_possible(store: Path) -> None:
    models = store / "models.py"
    raising = "    def write(self, vals):\n        raise UserError('no')\n"
    text = models.read_text("utf-8").replace("    box_id = ", f"{raising}\n    box_id = ")
    models.write_text(
        text.replace("import fields, models", "import fields, models\nfrom odoo.exceptions import UserError")
    )
    items = "  store.item: {thing: {}}\n"
    given = run(store, f"{items}matrix: |\n  who thing crate\n  ina ruwc .\n  anna - rw\n")
    assert [(one.model, one.mode.value, one.origin.line) for one in given.guarded] == [
        ("store.item", "write", 13)
    ]
    to = tests_terminal.plain()
    tests_terminal.render([given], to)
    assert "store.item has write of its own in Python, which may refuse more: that is not asked." in (
        " ".join(tests_terminal.written(to).split())
    )
    assert run(store, f"{items}expect: [{{who: ina, can: {{read: thing, unlink: thing}}}}]\n").guarded == []
