"""The files that other projects' continuous integration uses Ostiary by: the pre-commit hook and the GitHub action."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """An environment in which `ostiary` is this Ostiary."""
    shim = tmp_path / "bin" / "ostiary"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ostiary "$@"\n')
    shim.chmod(0o755)
    source = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return os.environ | {
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": source,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def test_the_hook_runs_the_audit(on_path: dict[str, str]) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    command = [*hook["entry"].split(), *hook["args"]]
    done = subprocess.run(
        command, cwd=ROOT / "examples/estate/open", env=on_path, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "share-can-write" in done.stdout
    for name in ("security/ir.model.access.csv", "models/a.py", "views/b.xml", "ostiary.toml"):
        assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "README.md")


def test_the_action_audits_and_writes_its_files(on_path: dict[str, str], tmp_path: Path) -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    audit = action["runs"]["steps"][-1]
    given = {name: str(value["default"]) for name, value in action["inputs"].items()}
    given |= {"targets": str(ROOT / "examples/estate/open")}
    values = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], text)
        for name, text in audit["env"].items()
    }
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", audit["run"]],
        cwd=tmp_path,
        env=on_path | values | {"GITHUB_STEP_SUMMARY": str(summary)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "ostiary.sarif").read_text().startswith("{")
    assert summary.read_text() == (tmp_path / "ostiary.md").read_text()
    assert summary.read_text().startswith("<!-- ostiary audit -->")


def test_the_actions_script_holds_no_input() -> None:
    """What somebody writes into an input must not become a part of a script."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
