"""Files that are there and can't be opened, and rows whose id has the name of another module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ostiary.sources import open_policy
from ostiary.sources.addons.files import FolderFiles


def _module(folder: Path, name: str, **files: str) -> Path:
    for path, text in {"__manifest__.py": f"{{'name': '{name}', 'version': '18.0.1.0.0'}}", **files}.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(text)
    return folder / name


def test_python_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"__init__.py": "from . import main", "main.py": "x = 1"}
    module = _module(tmp_path, "clinic", **files)
    real = FolderFiles.read
    monkeypatch.setattr(
        FolderFiles, "read", lambda self, path: None if path == "main.py" else real(self, path)
    )
    policy = open_policy([module], cache=False)
    assert [(one.kind, one.origin.path) for one in policy.problems] == [("limit", f"{module}/main.py")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_the_place_of_python_is_told(tmp_path: Path) -> None:
    module = _module(tmp_path, "clinic", **{"__init__.py": "from . import main"})
    os.mkfifo(module / "main.py")
    policy = open_policy([module], cache=False)
    assert [(one.kind, one.origin.path) for one in policy.problems] == [("limit", f"{module}/main.py")]


@pytest.mark.parametrize("key", ["depends", "data", "demo", "version"])
def test_a_manifest_with_values_of_the_wrong_type_is_told(tmp_path: Path, key: str) -> None:
    manifest = repr({"name": "x", "version": "18.0.1.0.0", key: 18 if key == "version" else "base"})
    policy = open_policy(
        [_module(tmp_path, "clinic", **{"__manifest__.py": manifest})], cache=False, odoo="18.0"
    )
    assert [one.message for one in policy.problems if repr(key) in one.message and one.fatal]


def test_demo_data_that_is_not_there_does_not_stop_odoo(tmp_path: Path) -> None:
    for key, fatal in (("demo", False), ("data", True)):
        manifest = repr({"version": "18.0.1.0.0", key: ["x.xml"]})
        policy = open_policy([_module(tmp_path, key, **{"__manifest__.py": manifest})], cache=False)
        assert [one.fatal for one in policy.problems] == [fatal]


def test_a_row_with_the_name_of_another_module_is_created(tmp_path: Path) -> None:
    base = {
        "__init__.py": "from . import m",
        "m.py": "from odoo import models\nclass V(models.Model):\n    _name = 'clinic.visit'\n",
    }
    clinic = _module(tmp_path, "clinic", **base)
    rows = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
    rows += "clinic.visit_portal,x,clinic.model_clinic_visit,base.group_portal,1,1,0,0\n"
    manifest = "{'version': '18.0.1.0.0', 'depends': ['clinic'], 'data': ['security/ir.model.access.csv']}"
    more = {"__manifest__.py": manifest, "__init__.py": "", "security/ir.model.access.csv": rows}
    policy = open_policy([clinic, _module(tmp_path, "clinic_portal", **more)], cache=False)
    assert not policy.problems
    assert [right.xmlid for right in policy.rights if right.model == "clinic.visit"] == [
        "clinic.visit_portal"
    ]
