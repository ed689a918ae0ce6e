"""How long it takes to read an addons tree, and how much memory.

    python benchmarks/read.py TREE [TREE...] [--runs 3]

Each run is a process of its own: *cold* with an empty cache of extracts, *warm* with a full one. `read` is the reading
alone, `audit` the whole command. Prints the median of wall time, files a second, and the largest peak memory of any
process (a worker counts on its own; the sum of all is printed too where the platform tells it).
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
from pathlib import Path

READ = """
import json, resource, sys, time
start = time.perf_counter()
from ostiary.sources import open_policy
policy = open_policy(sys.argv[2:], cache=__import__("pathlib").Path(sys.argv[1]))
print(json.dumps({"models": len(policy.models), "rights": len(policy.rights), "rules": len(policy.rules)}))
"""


def count_files(trees: list[str]) -> int:
    """The Python, XML and CSV files below the trees."""
    return sum(
        name.endswith((".py", ".xml", ".csv"))
        for tree in trees
        for _, _, names in os.walk(tree)
        for name in names
    )


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Wall seconds, peak resident MB of the largest process, and the output of a command."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        output.seek(0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"{' '.join(command[:4])} ... ended with {os.waitstatus_to_exitcode(status)}")
        return wall, usage.ru_maxrss / 1024, output.read().decode("utf-8", "replace")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    files = count_files(options.tree)
    print(
        f"{files} files, Python {sys.version.split()[0]}, {os.cpu_count()} processors, {options.runs} runs, medians"
    )
    print(f"{'what':<8} {'cache':<6} {'wall s':>8} {'files/s':>9} {'peak MB':>8}")
    for what in ("read", "audit"):
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {"XDG_CACHE_HOME": home}
            cache = Path(home) / "ostiary"
            audit = [
                sys.executable,
                "-m",
                "ostiary",
                "audit",
                *options.tree,
                "--no-progress",
                "--fail-on",
                "never",
            ]
            read = [sys.executable, "-c", READ, str(cache), *options.tree]
            command = read if what == "read" else audit
            results: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
            said = ""
            for _ in range(options.runs):
                shutil.rmtree(cache, ignore_errors=True)
                for state in ("cold", "warm"):
                    wall, peak, said = timed(command, environment)
                    results[state].append((wall, peak))
            for state, runs in results.items():
                wall = statistics.median(run[0] for run in runs)
                peak = max(run[1] for run in runs)
                print(f"{what:<8} {state:<6} {wall:>8.2f} {files / wall:>9.0f} {peak:>8.0f}")
            if what == "read":
                print(f"         {json.loads(said)}")


if __name__ == "__main__":
    main()
