"""Every command is run as a person runs it; each test has folders of its own, and its own cache."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import addons

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "Ran"]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    left = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OSTIARY", "COLUMNS", "FORCE_"))
    }
    return {
        **left,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
    }


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder to work in, with `open` and `mended` addons."""
    folder = tmp_path / "work"
    addons.write(folder / "open")
    addons.write(folder / "mended", mended=True)
    return folder


@pytest.fixture
def ostiary(environment: dict[str, str], here: Path) -> Run:
    """Run `ostiary` in a process of its own."""

    def run(*arguments: str, **variables: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "ostiary", *arguments],
            cwd=here,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert "Traceback" not in done.stderr or variables.get("OSTIARY_DEBUG")
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
