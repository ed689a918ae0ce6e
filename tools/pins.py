"""Write the pinned requirements: every version and every hash, for every Python that Ostiary runs on.

`make pins` runs this with the `uv` that requirements/uv.txt pins. What is asked for stands in pyproject.toml
(dependencies, the `dev` extra, the build backend); what was chosen stands in requirements/*.txt. Nothing of the
machine that chose goes into these files: no index, no download address, no path.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINNED = {"pins.txt": ["pyproject.toml", "--extra=dev", "-"], "uv.txt": ["-"]}
COMMAND = "make pins"

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<marker> ; [^\\]+)?")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def problems(text: str) -> list[str]:
    """Say what in a file of pins is not a pin with its hashes, or should not be in the file at all."""
    found: list[str] = []
    logical = re.sub(r"\\\n\s*", "", text)
    for line in logical.splitlines():
        code = line.split("#", 1)[0].strip()
        if not code:
            if "://" in line or re.search(r"(^|\s)/\w", line):
                found.append(f"an address or a path in a comment: {line.strip()}")
            continue
        requirement, *_ = code.split("--hash=", 1)
        if not _PIN.fullmatch(requirement.strip()):
            found.append(f"not a pin: {requirement.strip()}")
        elif not _HASH.search(code):
            found.append(f"no hash: {requirement.strip()}")
    return found


def clean_environment() -> dict[str, str]:
    """Leave behind what would make the choice depend on how this machine's installers are set up."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}


def compile_pins(name: str, arguments: list[str], asked: list[str], *, upgrade: bool) -> str:
    """Ask uv for one set of versions that holds on every supported Python and system."""
    target = ROOT / "requirements" / name
    with (ROOT / "pyproject.toml").open("rb") as stream:
        lowest = tomllib.load(stream)["project"]["requires-python"].removeprefix(">=")
    command = [
        "uv", "--no-config", "--quiet", "pip", "compile", *arguments,
        "--universal", f"--python-version={lowest}", "--generate-hashes",
        f"--custom-compile-command={COMMAND}", f"--output-file={target.relative_to(ROOT)}",
    ]  # fmt: skip
    if upgrade:
        command.append("--upgrade")
    subprocess.run(
        command,
        input="\n".join(asked),
        text=True,
        check=True,
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
    )
    return target.read_text()


def main() -> int:
    """Write each file of pins, then hold it against the same demands that the tests hold it against."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions, not the ones pinned today"
    )
    upgrade = parser.parse_args().upgrade
    with (ROOT / "pyproject.toml").open("rb") as stream:
        backend = tomllib.load(stream)["build-system"]["requires"]
    failed = False
    for name, arguments in PINNED.items():
        text = compile_pins(name, arguments, ["uv"] if name == "uv.txt" else backend, upgrade=upgrade)
        for problem in problems(text):
            failed = True
            print(f"requirements/{name}: {problem}", file=sys.stderr)
        print(f"requirements/{name}: {len(_PIN.findall(text))} packages, {len(_HASH.findall(text))} hashes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
