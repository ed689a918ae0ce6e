"""What the portal gains through groups, and models that nobody may use: small addons, written anew for each case."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Finding, audit
from ostiary.sources import open_policy

HEAD = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink"
MODEL = """from odoo import fields, models


class Loan(models.Model):
    _name = "library.loan"
    name = fields.Char()
    fine = fields.Float(groups="library.group_c")


class Renew(models.TransientModel):
    _name = "library.renew"
    name = fields.Char()
"""


def findings(tmp_path: Path, check: str, xml: str, *rows: str) -> list[Finding]:
    addon = tmp_path / "library"
    addon.mkdir(parents=True)
    files = ["groups.xml", "ir.model.access.csv", "more.xml"]
    (addon / "__manifest__.py").write_text(repr({"name": "Library", "depends": ["base"], "data": files}))
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "models.py").write_text(MODEL)
    (addon / files[0]).write_text(f"<odoo>{xml}</odoo>")
    (addon / files[1]).write_text("\n".join([HEAD, *rows, ""]))
    (addon / files[2]).write_text(
        '<odoo><record id="a_renew" model="ir.model.access"><field name="active" eval="False"/></record></odoo>'
        if any(row.startswith("a_renew,") for row in rows)
        else "<odoo/>"
    )
    result = audit(open_policy([str(tmp_path)], odoo="18.0", cache=False))
    assert not result.errors
    return [finding for finding in result.findings if finding.check == check]


def group(name: str, *implied: str) -> str:
    links = ", ".join(f"(4, ref('{other}'))" for other in implied)
    return (
        f'<record id="{name}" model="res.groups"><field name="name">{name}</field>'
        f'<field name="implied_ids" eval="[{links}]"/></record>'
    )


RIGHT = "a_loan,a,model_library_loan,group_c,1,1,1,0"


def test_two_ways_to_one_group_are_reported_once(tmp_path: Path) -> None:
    xml = group("group_c") + group("group_a", "group_c") + group("group_b", "group_c")
    xml += group("base.group_portal", "group_a", "group_b")
    found = findings(tmp_path, "portal-group-gains-rights", xml, RIGHT)
    assert len(found) == 1
    assert "library.group_a" in found[0].message
    assert "library.group_a and library.group_b" in found[0].fix
    assert any("library.loan.fine" in step.text for step in found[0].evidence)


def test_a_link_of_its_own_is_blamed_first(tmp_path: Path) -> None:
    xml = group("group_c") + group("group_a", "group_c") + group("base.group_portal", "group_a", "group_c")
    found = findings(tmp_path, "portal-group-gains-rights", xml, RIGHT)
    assert len(found) == 1
    assert "get the group library.group_c" in found[0].message
    assert "library.group_a" in found[0].fix


def test_a_cycle_is_reported(tmp_path: Path) -> None:
    xml = group("group_c", "base.group_portal") + group("base.group_portal", "group_c")
    found = findings(tmp_path, "portal-group-gains-rights", xml, RIGHT)
    assert [finding.subject for finding in found] == ["base.group_portal"]


@pytest.mark.parametrize("inactive", [False, True])
def test_a_wizard_nobody_may_use(tmp_path: Path, inactive: bool) -> None:
    rows = ["a_renew,a,model_library_renew,base.group_user,1,1,1,0"] if inactive else []
    found = findings(tmp_path, "model-without-access-right", group("group_c"), RIGHT, *rows)
    assert [finding.model for finding in found] == ["library.renew"]
    assert "base.group_user,1,1,1,0" in found[0].fix
    assert ("inactive" in found[0].message) is inactive
    assert ("active to True on library.a_renew" in found[0].fix) is inactive
