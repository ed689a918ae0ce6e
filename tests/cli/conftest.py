"""Every command is run as a person runs it; each test has folders of its own, and its own cache."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import addons
from cli.warm import Warm, variables, warm

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
    return variables(tmp_path / "cache")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder to work in, with `open` and `mended` addons."""
    folder = tmp_path / "work"
    addons.write(folder / "open")
    addons.write(folder / "mended", mended=True)
    return folder


def _forked(running: Warm, folder: Path, environment: dict[str, str]) -> Run:
    def run(*arguments: str, **more: str) -> Ran:
        code, out, err = running.run(arguments, folder, {**environment, **more})
        assert "Traceback" not in err or more.get("OSTIARY_DEBUG")
        return Ran(code, out, err)

    return run


@pytest.fixture
def ostiary(environment: dict[str, str], here: Path) -> Run:
    """Run `ostiary` in a process of its own, forked from one that has imported everything."""
    return _forked(warm(), here, environment)


@pytest.fixture
def ostiary_again(environment: dict[str, str], here: Path) -> Run:
    """As `ostiary`, where sets are in another order: for what has to be the same from run to run."""
    return _forked(warm(1), here, environment)


@pytest.fixture
def ostiary_alone(environment: dict[str, str], here: Path) -> Run:
    """Run `ostiary` in a Python of its own, which imports what the command does and orders sets as it likes."""

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
