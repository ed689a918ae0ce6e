"""How long it takes to read and audit an addons tree, and how much memory; and others over the same addons.

    python benchmarks/read.py TREE [TREE...] [--runs 3] [--only whole|peers] [--addons 15]

Each run is a process of its own: *cold* with an empty cache, *warm* with a full one. `read` is the reading alone,
`audit` the whole command: definitions, Python, pages and proofs. Prints the medians of wall time and of processor time
(of all processes), files a second, and the largest peak memory of any process.

Then the biggest addons with controllers of the first tree are copied to a folder, which Ostiary, odoo-doctor,
pylint-odoo and odoo-linter get in turn: those found on the PATH or beside this Python (`pip install ostiary[bench]`).
odoo-doctor runs its own rules only, pylint-odoo one process (with several it stops at an error in Odoo's own addons).
All say what they find as JSON.
`alone` is Ostiary with the folder only, as the others have it, `beside` with the whole tree to look things up in. The
ratios are of a time to that of `alone` cold.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

READ = """
import json, sys
from pathlib import Path
from typing import NamedTuple
from ostiary.sources import open_policy
policy = open_policy(sys.argv[2:], cache=Path(sys.argv[1]), code=True)
print(json.dumps({"models": len(policy.models), "rights": len(policy.rights), "rules": len(policy.rules),
                  "entries": len(policy.code.entries), "pages": len(policy.code.pages)}))
"""
KINDS = (".py", ".xml", ".csv")
STATES = ("cold", "warm")
LINE = "{:<16} {:<7} {:>8} {:>8} {:>9} {:>8}"
# Of odoo-doctor its own rules: where pylint and ruff are installed, it would run them too, once for each addon.
DOCTOR = "[adapters]\nruff = false\npylint_odoo = false\n"
PEER_LINE = "{:<16} {:<7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}"
AUDIT = [sys.executable, "-m", "ostiary", "audit", "--no-progress", "--fail-on", "never", "--format", "json"]


class Run(NamedTuple):
    """One run of a command."""

    wall: float
    processor: float
    peak: float


class Failed(Exception):
    """A command ended with an exit code that doesn't mean it did its work."""


def files_below(tree: str | Path) -> list[Path]:
    """The Python, XML and CSV files below a folder."""
    return [
        Path(folder, name) for folder, _, names in os.walk(tree) for name in names if name.endswith(KINDS)
    ]


def timed(
    command: list[str], environment: dict[str, str], folder: str | None = None, ends: Iterable[int] = (0,)
) -> tuple[Run, str]:
    """Wall seconds and peak resident MB of the largest process, and what a command prints.

    Raises `Failed` where it ends with none of the codes of `ends`.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode not in ends:
            raise Failed(f"{' '.join(command[:4])} ... ended with {process.returncode}")
        run = Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        return run, output.read().decode("utf-8", "replace")


def both_states(command: list[str], home: str, runs: int) -> tuple[dict[str, list[Run]], str]:
    """The runs of an Ostiary command with an empty and with a full cache, and what the last one printed."""
    environment = os.environ | {"XDG_CACHE_HOME": home}
    found: dict[str, list[Run]] = {state: [] for state in STATES}
    said = ""
    for _ in range(runs):
        shutil.rmtree(Path(home, "ostiary"), ignore_errors=True)
        for state in STATES:
            run, said = timed(command, environment)
            found[state].append(run)
    return found, said


def median(runs: list[Run]) -> Run:
    """The medians of the seconds, and the largest memory."""
    return Run(
        statistics.median(run.wall for run in runs),
        statistics.median(run.processor for run in runs),
        max(run.peak for run in runs),
    )


def whole(trees: list[str], runs: int) -> None:
    """Read and audit whole trees."""
    files = sum(len(files_below(tree)) for tree in trees)
    print(f"{files:,} files in {', '.join(trees)}")
    print(LINE.format("what", "cache", "wall s", "cpu s", "files/s", "peak MB"))
    for what in ("read", "audit"):
        with tempfile.TemporaryDirectory() as home:
            read = [sys.executable, "-c", READ, str(Path(home, "ostiary")), *trees]
            found, said = both_states(read if what == "read" else [*AUDIT, *trees], home, runs)
        for state in STATES:
            wall, processor, peak = median(found[state])
            shown = (f"{wall:.2f}", f"{processor:.2f}", f"{files / wall:.0f}", f"{peak:.0f}")
            print(LINE.format(what, state, *shown), flush=True)
        if what == "read":
            print(f"{'':<16} {said.strip()}", flush=True)


def biggest(tree: str, count: int) -> list[Path]:
    """The addons of a tree with controllers that have the most Python, XML and CSV, biggest first."""
    addons = {path.parent for path in Path(tree).rglob("__manifest__.py")}
    sizes = {
        addon: sum(path.stat().st_size for path in files_below(addon))
        for addon in addons
        if any((addon / "controllers").glob("*.py"))
    }
    return sorted(sizes, key=lambda addon: (-sizes[addon], addon.name))[:count]


def installed(name: str) -> str | None:
    """Where a command is: on the PATH, or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def peer_commands(folder: str, addons: list[str]) -> dict[str, tuple[str, list[str]]]:
    """By a peer's name its command and arguments, all set to say what they find as JSON."""
    pylint = ["--load-plugins=pylint_odoo", "--disable=all", "--enable=odoolint", "--output-format=json"]
    return {
        "odoo-doctor": ("odoo-doctor", ["scan", folder, "--format", "json", "--show-low"]),
        "pylint-odoo": ("pylint", [*pylint, "--persistent=no", *addons]),
        "odoo-linter": ("odoo-linter", ["check", "--output-format", "json", folder]),
    }


def findings(said: str) -> int:
    """How many findings a tool's JSON holds: a list of them, or one under a name, or one for each module."""
    try:
        found = json.loads(said)
    except ValueError as error:
        raise Failed("what it printed is no JSON") from error
    if isinstance(found, list):
        return len(found)
    parts = found["modules"].values() if "modules" in found else [found]
    return sum(len(part[key]) for part in parts for key in ("findings", "diagnostics") if key in part)


def peer_row(name: str, state: str, runs: list[Run], base: Run, count: int) -> None:
    """Print one line: the times of a tool, how they compare with Ostiary's, and how many findings it has."""
    run = median(runs)
    shown = (f"{run.wall:.2f}", f"{run.wall / base.wall:.1f}x", f"{run.processor:.2f}")
    more = (f"{run.processor / base.processor:.1f}x", f"{run.peak:.0f}", f"{count:,}")
    print(PEER_LINE.format(name, state, *shown, *more), flush=True)


def beside_peers(tree: str, count: int, runs: int) -> None:
    """Ostiary and the others over the same addons, one after the other."""
    chosen = biggest(tree, count)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        addons = []
        for addon in chosen:
            shutil.copytree(addon, Path(folder, addon.name))
            addons.append(str(Path(folder, addon.name)))
        Path(folder, "odoo-doctor.toml").write_text(DOCTOR)
        lines = sum(path.read_bytes().count(b"\n") for path in files_below(folder))
        print(
            f"{len(addons)} addons, {lines:,} lines: {', '.join(addon.name for addon in chosen)}", flush=True
        )
        print(PEER_LINE.format("tool", "cache", "wall s", "ratio", "cpu s", "ratio", "peak MB", "findings"))
        found, said = both_states([*AUDIT, folder], home, runs)
        base = median(found["cold"])
        for state in STATES:
            peer_row("ostiary alone", state, found[state], base, findings(said))
        found, said = both_states([*AUDIT, folder, "--addons-path", tree], home, runs)
        for state in STATES:
            peer_row("ostiary beside", state, found[state], base, findings(said))
        for name, (command, arguments) in peer_commands(folder, addons).items():
            path = installed(command)
            if path is None or (command == "pylint" and not has_plugin(path)):
                print(f"{name:<16} not installed, not measured (pip install {name})", flush=True)
                continue
            try:
                # They end with other codes than 0 where they find something: pylint with bits below 32.
                got = [timed([path, *arguments], dict(os.environ), folder, range(32)) for _ in range(runs)]
                peer_row(name, "", [run for run, _ in got], base, findings(got[-1][1]))
            except Failed as error:
                print(f"{name:<16} not measured: {error}", flush=True)


def has_plugin(pylint: str) -> bool:
    """Whether this pylint has pylint-odoo's rules: asked about one, it describes it or says it knows none such."""
    asked = [pylint, "--load-plugins=pylint_odoo", "--help-msg=manifest-required-author"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return "C8101" in said


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("whole", "peers"), help="leave the other part out")
    parser.add_argument("--addons", type=int, default=15, help="how many addons the others get")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, {options.runs} runs, medians")
    try:
        if options.only != "peers":
            whole(options.tree, options.runs)
        if options.only != "whole":
            beside_peers(options.tree[0], options.addons, options.runs)
    except Failed as error:
        raise SystemExit(f"read.py: {error}") from error


if __name__ == "__main__":
    main()
