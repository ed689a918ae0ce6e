"""Runs of `ostiary` that don't pay for starting Python and importing everything each time.

`Warm` starts this file as a program: one that has imported all of Ostiary and forks for every command it is asked for.
A command so has a process, a folder, variables and an exit code of its own, as a person's has; only the seed by which
Python orders sets is the same for all. What depends on that, on signals or on the start itself runs in a Python of its
own (`ostiary_alone`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


class Warm:
    """A started program that forks for every command."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # a line that was read ahead would not be waited for
        )

    def run(
        self, arguments: Sequence[str], folder: Path, variables: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """The exit code, and what was said on the two streams."""
        with tempfile.TemporaryDirectory() as kept:
            out, err = Path(kept, "out"), Path(kept, "err")
            asked = {
                "arguments": list(arguments),
                "folder": str(folder),
                "variables": dict(variables),
                "out": str(out),
                "err": str(err),
            }
            code = self._ask(asked)
            return code, _read(out), _read(err)

    def _ask(self, asked: dict[str, Any]) -> int:
        answers = self._process.stdout
        assert self._process.stdin is not None and answers is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        pid = int(answers.readline())
        if not select.select([answers], [], [], SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
            answers.readline()
            raise TimeoutError(f"ostiary {asked['arguments']} did not end within {SECONDS} seconds")
        return int(answers.readline())

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.wait(SECONDS)


@cache
def warm(number: int = 0) -> Warm:
    """The started program of this test process; each number has one of its own."""
    running = Warm(variables(Path(os.devnull)))
    atexit.register(running.close)
    return running


def variables(cache: Path) -> dict[str, str]:
    """The environment of a command: none of Ostiary's own variables, and a cache of its own."""
    left = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OSTIARY", "COLUMNS", "FORCE_"))
    }
    return {
        **left,
        "XDG_CACHE_HOME": str(cache),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
    }


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8").replace("\r\n", "\n")


def import_everything() -> None:
    """Import every module of Ostiary but the one that runs it. One that can't be is for the command to complain of."""
    import ostiary

    for module in pkgutil.walk_packages(ostiary.__path__, "ostiary.", onerror=lambda name: None):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(Exception):
                __import__(module.name)
    gc.freeze()  # collecting it again in each child would copy its memory


def _become(asked: Mapping[str, Any]) -> None:
    """Be the process of one command."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["variables"])
    os.chdir(asked["folder"])
    sys.argv = ["ostiary", *asked["arguments"]]


def serve() -> None:
    """Fork for every line; it is left only in a command's own process."""
    # Lines are read from the descriptor: what another reader keeps would be lost to the fork or read by it again.
    with os.fdopen(os.dup(0), "rb", buffering=0) as lines, os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        while line := lines.readline():
            asked = json.loads(line)
            pid = os.fork()
            if not pid:
                break
            answers.write(b"%d\n" % pid)
            _, status = os.waitpid(pid, 0)
            answers.write(b"%d\n" % os.waitstatus_to_exitcode(status))
        else:
            os._exit(0)
    _become(asked)


if __name__ == "__main__":
    import_everything()
    serve()
    from ostiary.__main__ import main

    main()
