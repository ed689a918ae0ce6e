"""What the checks found is kept, so that auditing the same definitions again takes no longer than reading them.

Kept by the hash of the policy and of the code that audits; only for what was read from source, whose findings don't
depend on the day and hold nothing of a database.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from ostiary import __version__
from ostiary.audit.finding import Finding
from ostiary.policy.policy import Policy

_FOLDER = "audits"
_NEWEST = 8
_SUFFIXES = (".py", ".toml")

Found = dict[str, list[Finding]]
_decoder = msgspec.msgpack.Decoder(Found)


class Kept:
    """The findings of one policy by check. A broken or unwritable folder only costs time: it is never an error."""

    def __init__(self, policy: Policy, folder: Path | None) -> None:
        self.file: Path | None = None
        self.found: Found = {}
        if folder is not None and policy.parameters is None:
            digest = hashlib.sha256(program().encode())
            digest.update(msgspec.msgpack.encode(policy))
            self.file = folder / _FOLDER / digest.hexdigest()
            self.found = _read(self.file)

    def put(self, found: Mapping[str, list[Finding]]) -> None:
        """Keep what these checks found too; only the newest few policies stay."""
        if self.file is None or not found:
            return
        self.found |= found
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed, so that nobody ever reads half of it.
            handle, temporary = tempfile.mkstemp(dir=self.file.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.msgpack.encode(self.found))
                os.replace(temporary, self.file)
            except BaseException:
                os.unlink(temporary)
                raise
            entries = sorted(self.file.parent.iterdir(), key=lambda path: path.stat().st_mtime)
            for path in entries[:-_NEWEST]:
                path.unlink(missing_ok=True)


def _read(file: Path) -> Found:
    try:
        return _decoder.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError, ValueError, RecursionError):
        return {}


@cache
def program() -> str:
    """The hash of all code that decides what is found, the solver's version included."""
    package = Path(__file__).parents[1]
    try:
        solver = version("z3-solver")
    except PackageNotFoundError:
        solver = ""
    digest = hashlib.sha256(f"{__version__}/{sys.version_info[:2]}/{solver}".encode())
    for room in ("domain", "policy", "code", "sources", "records", "prove", "audit"):
        for path in sorted(package.glob(f"{room}/**/*")):
            if path.suffix in _SUFFIXES:
                digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
