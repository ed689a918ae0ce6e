"""What views hide and show, and what computed fields depend on, as read from source."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.policy import Policy, View
from ostiary.sources import open_policy
from ostiary.sources.snapshot import load, save
from sources.build import MODELS, data, write_addon

ORDER = MODELS + (
    "class Order(models.Model):\n    _name = 'lib.order'\n"
    "    line_ids = fields.One2many('lib.line', 'order_id')\n    note = fields.Text()\n    cost = fields.Float()\n"
    "class Line(models.Model):\n    _name = 'lib.line'\n"
    "    order_id = fields.Many2one('lib.order')\n    price = fields.Float()\n    cost = fields.Float()\n"
)
GROUPS = '<record id="boss" model="res.groups"><field name="name">Boss</field></record>'


def form(arch: str, xmlid: str = "form", inherit: str = "", mode: str = "") -> str:
    above = f'<field name="inherit_id" ref="{inherit}"/>' if inherit else ""
    above += f'<field name="mode">{mode}</field>' if mode else ""
    return (
        f'<record id="{xmlid}" model="ir.ui.view"><field name="name">{xmlid}</field>'
        f'<field name="model">lib.order</field>{above}<field name="arch" type="xml">{arch}</field></record>'
    )


def read(folder: Path, *views: str) -> Policy:
    write_addon(folder, "lib", python=ORDER, files={"views.xml": data(GROUPS + "\n".join(views))})
    return open_policy([folder], odoo="18.0", cache=False)


def view_of(folder: Path, *views: str, xmlid: str = "lib.form") -> View:
    return read(folder, *views).views[xmlid]


def hidden(view: View) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    return [(one.element, one.name, one.groups, one.path, one.fields) for one in view.hides]


def test_an_element_with_groups_hides_the_fields_below_it(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        form(
            '<form><page name="more" groups="lib.boss"><field name="note"/></page><field name="cost"/></form>'
        ),
    )
    assert hidden(view) == [("page", "more", "lib.boss", "", ("note",))]
    assert view.shows == ("cost",)


def test_columns_of_a_list_are_told_by_their_path(tmp_path: Path) -> None:
    arch = (
        '<form><field name="line_ids"><list><field name="price"/><field name="cost" groups="lib.boss"/>'
        "</list></field></form>"
    )
    view = view_of(tmp_path, form(arch))
    assert hidden(view) == [("field", "cost", "lib.boss", "line_ids", ("cost",))]
    assert view.shows == ("line_ids", "line_ids.price")


def test_a_hidden_list_hides_its_columns_too(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        form(
            '<form><field name="line_ids" groups="lib.boss"><list><field name="cost"/></list></field></form>'
        ),
    )
    assert [(one.path, one.fields) for one in view.hides] == [("", ("line_ids",)), ("line_ids", ("cost",))]
    assert view.shows == ()


def test_a_button_with_groups_is_kept_and_hides_no_field(tmp_path: Path) -> None:
    view = view_of(tmp_path, form('<form><button name="go" groups="lib.boss"/></form>'))
    assert hidden(view) == [("button", "go", "lib.boss", "", ())]


def test_what_is_always_invisible_is_not_shown(tmp_path: Path) -> None:
    view = view_of(tmp_path, form('<form><field name="cost" invisible="1"/><field name="note"/></form>'))
    assert view.shows == ("note",)


def test_a_field_shown_as_a_password_is_marked(tmp_path: Path) -> None:
    view = view_of(tmp_path, form('<form><field name="note" password="True"/></form>'))
    assert view.masked == ("note",)


@pytest.mark.parametrize(
    ("arch", "path"),
    [
        ('<field name="line_ids" position="after"><field name="cost" groups="lib.boss"/></field>', ""),
        (
            '<xpath expr="//field[@name=\'note\']" position="after"><field name="cost" groups="lib.boss"/></xpath>',
            "",
        ),
        (
            "<xpath expr=\"//field[@name='line_ids']/list/field[@name='price']\" position=\"before\">"
            '<field name="cost" groups="lib.boss"/></xpath>',
            "line_ids",
        ),
        (
            '<xpath expr="//field[@name=\'line_ids\']/list" position="inside">'
            '<field name="cost" groups="lib.boss"/></xpath>',
            "line_ids",
        ),
    ],
)
def test_an_xpath_says_where_its_elements_go(arch: str, path: str, tmp_path: Path) -> None:
    base = form('<form><field name="note"/><field name="line_ids"/></form>')
    view = view_of(tmp_path, base, form(arch, "more", "form"), xmlid="lib.more")
    assert hidden(view) == [("field", "cost", "lib.boss", path, ("cost",))]
    assert view.shows == ()


def test_an_xpath_that_leads_elsewhere_says_nothing(tmp_path: Path) -> None:
    arch = '<xpath expr="//field[@name=\'note\']/.." position="inside"><field name="cost" groups="lib.boss"/></xpath>'
    base = form('<form><field name="note"/></form>')
    assert hidden(view_of(tmp_path, base, form(arch, "more", "form"), xmlid="lib.more")) == []


RESTRICT = '<field name="cost" position="attributes"><attribute name="groups">lib.boss</attribute></field>'


def test_an_extension_takes_a_field_out_of_what_is_shown(tmp_path: Path) -> None:
    base = form('<form><field name="note"/><field name="cost"/></form>')
    policy = read(tmp_path, base, form(RESTRICT, "more", "form"))
    assert policy.views["lib.form"].shows == ("note",)
    assert hidden(policy.views["lib.more"]) == [("field", "cost", "lib.boss", "", ("cost",))]


def test_a_view_that_changes_a_copy_leaves_the_other_as_it_was(tmp_path: Path) -> None:
    base = form('<form><field name="cost"/></form>')
    policy = read(tmp_path, base, form(RESTRICT, "more", "form", mode="primary"))
    assert policy.views["lib.form"].shows == ("cost",)


def test_groups_that_are_taken_away_again_show_the_field(tmp_path: Path) -> None:
    base = form('<form><field name="cost" groups="lib.boss"/></form>')
    freed = RESTRICT.replace("lib.boss", "")
    assert view_of(tmp_path, base, form(freed, "more", "form"), xmlid="lib.more").shows == ("cost",)


def test_a_hide_points_at_the_line_its_tag_begins_on(tmp_path: Path) -> None:
    arch = (
        '<form>\n<page name="more"\n string="More"\n groups="lib.boss">\n<field name="note"/></page></form>'
    )
    (hide,) = view_of(tmp_path, form(arch)).hides
    lines = (tmp_path / "lib" / "views.xml").read_text().splitlines()
    assert lines[hide.origin.line - 1].startswith("<page")


def test_a_bomb_of_nested_elements_is_read_in_bounds(tmp_path: Path) -> None:
    arch = (
        "<form>"
        + '<group groups="lib.boss">' * 100
        + '<field name="note"/>' * 2_000
        + "</group>" * 100
        + "</form>"
    )
    assert len(view_of(tmp_path, form(arch)).hides) <= 500


def test_views_and_dependencies_outlive_a_snapshot(tmp_path: Path) -> None:
    policy = read(
        tmp_path / "source", form('<form><field name="note" groups="lib.boss"/><field name="cost"/></form>')
    )
    save(policy, tmp_path / "saved.json")
    assert load(tmp_path / "saved.json") == policy


DEPENDS = """from odoo import api, fields, models
class Book(models.Model):
    _name = 'lib.book'
    price = fields.Float()
    tax = fields.Float()
    total = fields.Float(compute='_compute_total', store=True)
    other = fields.Float(compute='_compute_other')
    @api.depends('price', 'tax')
    def _compute_total(self): ...
    @api.depends(lambda self: self._paths())
    def _compute_other(self): ...
class Priced(models.Model):
    _inherit = 'lib.book'
    @api.depends('author_id.fee')
    def _compute_total(self): ...
"""


def test_dependencies_of_all_classes_are_collected(tmp_path: Path) -> None:
    write_addon(tmp_path, "lib", python=DEPENDS)
    fields = open_policy([tmp_path], odoo="18.0", cache=False).models["lib.book"].fields
    assert fields["total"].depends == ("price", "tax", "author_id.fee")
    assert fields["other"].depends == ()


def test_dependencies_are_kept_below_another_module(tmp_path: Path) -> None:
    write_addon(tmp_path / "below", "lib", python=DEPENDS)
    save(open_policy([tmp_path / "below"], odoo="18.0", cache=False), tmp_path / "below.json")
    write_addon(tmp_path / "above", "more", manifest={"depends": ["lib"]})
    policy = open_policy([tmp_path / "above"], addons_path=[tmp_path / "below.json"], cache=False)
    assert policy.models["lib.book"].fields["total"].depends == ("price", "tax", "author_id.fee")
