"""A snapshot in place of `--addons-path`: modules are loaded on top of it as on top of the sources it was made of."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from ostiary.policy import Policy, closure
from ostiary.sources import UnreadableTarget, open_policy, snapshot
from sources.build import BOOK, MODELS, right, rule, write_addon

ROOT = Path(__file__).parents[2]
ODOO = os.environ.get("OSTIARY_ODOO_18", "")

GROUPS = """<odoo>
    <record id="group_reader" model="res.groups">
        <field name="name">Reader</field>
        <field name="implied_ids" eval="[Command.link(ref('base.group_user'))]"/>
    </record>
    <record id="rule_book" model="ir.rule">
        <field name="name">Own</field>
        <field name="model_id" ref="model_lib_book"/>
        <field name="groups" eval="[Command.link(ref('group_reader'))]"/>
        <field name="domain_force">[('create_uid', '=', user.id)]</field>
    </record>
    <menuitem id="menu" name="Library" groups="group_reader"/>
</odoo>"""
RIGHTS = "id,name,model_id:id,group_id:id,perm_read\nbook,book,model_lib_book,group_reader,1\n"
MORE = """<odoo>
    <record id="lib.group_reader" model="res.groups">
        <field name="implied_ids" eval="[Command.link(ref('base.group_portal'))]"/>
    </record>
    <record id="rule_mine" model="ir.rule">
        <field name="name">Mine</field>
        <field name="model_id" ref="model_lib_book"/>
        <field name="domain_force">[('owner_id', '=', user.partner_id.id)]</field>
    </record>
</odoo>"""
OWNED = MODELS + (
    "class Book(models.Model):\n    _inherit = 'lib.book'\n    owner_id = fields.Many2one('res.partner')\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The folder of a library module and of one that auto-installs with it."""
    folder = tmp_path / "library"
    files = {"security/ir.model.access.csv": RIGHTS, "security/groups.xml": GROUPS}
    stated = {"data": ["security/groups.xml", "security/ir.model.access.csv"], "depends": ["base", "portal"]}
    write_addon(folder, "lib", python=BOOK, files=files, manifest=stated)
    write_addon(folder, "lib_link", manifest={"depends": ["lib"], "auto_install": ["lib"]})
    write_addon(folder, "lib_be", manifest={"depends": ["lib"], "auto_install": True, "countries": ["be"]})
    return folder


@pytest.fixture
def custom(tmp_path: Path) -> Path:
    return write_addon(
        tmp_path / "custom", "mine", python=OWNED, files={"more.xml": MORE}, manifest={"depends": ["lib"]}
    )


def _saved(policy: Policy, folder: Path) -> Path:
    target = folder / "below.json"
    snapshot.save(policy, target)
    return target


def test_a_module_is_read_on_top_of_a_snapshot_as_on_top_of_its_sources(
    library: Path, custom: Path, tmp_path: Path
) -> None:
    below = _saved(open_policy([library], cache=False), tmp_path)
    on_sources = open_policy([custom], addons_path=[library], cache=False)
    on_snapshot = open_policy([custom], addons_path=[below], cache=False)
    assert on_snapshot == on_sources
    read = [name for name, module in on_snapshot.modules.items() if not module.facts]
    assert read == ["lib", "lib_link", "mine"]
    assert "base.group_portal" in closure(on_snapshot, ["lib.group_reader"])
    assert right(on_snapshot, "lib.book").origin.path.endswith("library/lib/security/ir.model.access.csv")
    assert rule(on_snapshot, "mine.rule_mine").model == "lib.book"
    assert on_snapshot.modules["lib"].context and not on_snapshot.modules["mine"].context


def test_a_module_that_is_read_takes_the_place_of_the_snapshots(library: Path, tmp_path: Path) -> None:
    below = _saved(open_policy([library], cache=False), tmp_path)
    csv = library / "lib/security/ir.model.access.csv"
    csv.write_text(RIGHTS.replace("book,book", "novel,novel"))
    policy = open_policy([library / "lib"], addons_path=[below], cache=False)
    assert [item.xmlid for item in policy.rights if item.model == "lib.book"] == ["lib.novel"]


def test_what_was_not_known_below_is_not_known_above(tmp_path: Path, custom: Path) -> None:
    folder = tmp_path / "library"
    extends = MODELS + "class Order(models.Model):\n    _inherit = 'rental.order'\n    x = fields.Char()\n"
    write_addon(folder, "lib", python=BOOK + extends, manifest={"depends": ["rental"]})
    below = _saved(open_policy([folder], cache=False), tmp_path)
    policy = open_policy([custom], addons_path=[below], cache=False)
    assert {(missing.kind, missing.name) for missing in policy.unresolved} >= {
        ("module", "rental"),
        ("model", "rental.order"),
    }
    assert policy.models["rental.order"].unresolved


def test_the_series_is_the_snapshots(tmp_path: Path, library: Path) -> None:
    below = _saved(open_policy([library], cache=False, odoo="17.0"), tmp_path)
    plain = write_addon(tmp_path / "plain", "plain", manifest={"version": "1.0", "depends": ["lib"]})
    assert open_policy([plain], addons_path=[below], cache=False).odoo == "17.0"


def test_one_snapshot_is_enough(tmp_path: Path, library: Path, custom: Path) -> None:
    below = _saved(open_policy([library], cache=False), tmp_path)
    with pytest.raises(UnreadableTarget, match="More than one snapshot"):
        open_policy([custom], addons_path=[below, below], cache=False)


def test_the_example_on_top_of_itself(tmp_path: Path) -> None:
    estate = open_policy([ROOT / "examples/estate/open"], cache=False)
    below = _saved(estate, tmp_path)
    plain = write_addon(tmp_path / "plain", "plain", manifest={"depends": ["estate_account"]})
    again = open_policy([plain], addons_path=[below], cache=False)
    for kind in ("groups", "rights", "rules", "models", "menus", "actions", "views", "users", "companies"):
        assert getattr(again, kind) == getattr(estate, kind), kind


@pytest.mark.skipif(not ODOO, reason="OSTIARY_ODOO_18 names no Odoo 18 tree")
def test_a_whole_odoo_below(tmp_path: Path, odoo_cache: Path) -> None:
    names = [name for name in open_policy([ODOO], cache=odoo_cache).modules if not name.startswith("test_")]
    kept = open_policy([ODOO], cache=odoo_cache, modules=names)
    below = _saved(kept, tmp_path)
    plain = write_addon(tmp_path / "plain", "plain", manifest={"depends": names})
    again = open_policy([plain], addons_path=[below], cache=False)
    for kind in ("groups", "menus", "actions", "views"):
        assert getattr(again, kind) == getattr(kept, kind), kind
    assert [msgspec.to_builtins(item) for item in again.rights] == [
        msgspec.to_builtins(item) for item in kept.rights
    ]
    assert again.rules == kept.rules
    wrong = [
        name for name, model in kept.models.items() if set(again.models[name].fields) != set(model.fields)
    ]
    assert wrong == []
