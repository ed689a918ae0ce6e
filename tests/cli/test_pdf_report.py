"""`ostiary audit --format pdf`, and the source that reports show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ostiary.cli.app import app

MODULE = {
    "__manifest__.py": "{'name': 'Garden', 'depends': ['base'], 'data': ['security/ir.model.access.csv']}",
    "__init__.py": "from . import models\n",
    "models.py": "from odoo import fields, models\n\n\nclass Plant(models.Model):\n    _name = 'garden.plant'\n"
    "    partner_id = fields.Many2one('res.partner')\n",
    "security/ir.model.access.csv": "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
    "plant_portal,Plant,model_garden_plant,base.group_portal,1,1,0,0\n",
}


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    for path, content in MODULE.items():
        file = tmp_path / "garden" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path / "garden"


def audit(*arguments: object) -> tuple[int, str, bytes]:
    done = CliRunner().invoke(
        app, ["audit", *map(str, arguments), "--odoo", "18.0", "--no-cache", "--no-progress"]
    )
    return done.exit_code, done.stderr, done.stdout_bytes


def test_a_pdf_is_written_by_its_ending_or_to_a_pipe(garden: Path) -> None:
    pytest.importorskip("typst")
    file = garden.parent / "report.pdf"
    assert audit(garden, "-o", file)[0] == 1
    assert file.read_bytes().startswith(b"%PDF")
    assert audit(garden, "--format", "pdf")[2].startswith(b"%PDF")


def test_without_the_extra_nothing_is_read(garden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Exception, match="pip install"):
        CliRunner().invoke(app, ["audit", str(garden / "nothing"), "--format", "pdf"], catch_exceptions=False)


def test_the_page_shows_the_line_to_change(garden: Path) -> None:
    file = garden.parent / "report.html"
    audit(garden, "-o", file)
    text = file.read_text()
    assert "the line to change" in text
    assert "plant_portal,Plant,model_garden_plant" in text
