"""Extracts kept by the hash of what they were read from, so that a second reading only reads what changed."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from ostiary import __version__
from ostiary.policy import Policy
from ostiary.policy.code import Code
from ostiary.sources.addons.ops import ModuleExtract

KEEP_SECONDS = 30 * 24 * 3600
MAX_ENTRIES = 6_000
KEEP_POLICIES = 8
_SUM = 4
_POLICIES = "policies"
_CODES = "codes"

_T = TypeVar("_T")
_decoder = msgspec.msgpack.Decoder(ModuleExtract)


@cache
def program() -> str:
    """The hash of the code that reads: an entry made by another version of it is never taken for one of this."""
    package = Path(__file__).parents[2]
    # Python's own version counts: what one can parse, another can't.
    digest = hashlib.sha256(f"{__version__}/{sys.version_info[:2]}".encode())
    for pattern in (*_READ_BY, "sources/**/*.*", "policy/*.py", "domain/*.py"):
        _digest(digest, package, pattern)
    return digest.hexdigest()


# What of the code room looks at files as they are read.
_READ_BY = (
    "code/*.py",
    "code/program/*.*",
    "code/marks/*.py",
    "code/pages/declared.py",
    "code/pages/xml.py",
)


@cache
def code_program() -> str:
    """The hash of the code that says what code does, which is asked again when that changes."""
    digest = hashlib.sha256(program().encode())
    _digest(digest, Path(__file__).parents[2], "code/**/*.*")
    return digest.hexdigest()


def _digest(digest: hashlib._Hash, package: Path, pattern: str) -> None:
    for path in sorted(package.glob(pattern)):
        if path.suffix in (".py", ".toml"):
            digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes())


_policy_decoder = msgspec.msgpack.Decoder(Policy)
_code_decoder = msgspec.msgpack.Decoder(Code)
_encoder = msgspec.msgpack.Encoder()


def default_folder() -> Path:
    """Where extracts are kept unless the user says otherwise: `$XDG_CACHE_HOME/ostiary`, or `~/.cache/ostiary`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(
        base
    ):  # the specification has it left alone then: it is a folder for each folder one is in
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "ostiary"


def key_of(name: str, contents: dict[str, bytes | None]) -> str:
    """The key of a module: its name and every file's path and bytes."""
    digest = hashlib.sha256(f"{program()}/{name}\0".encode())
    for path in sorted(contents):
        content = contents[path]
        digest.update(path.encode("utf-8", "surrogatepass") + b"\0")
        digest.update(b"-" if content is None else hashlib.sha256(content).digest())
    return digest.hexdigest()


def key_of_policy(modules: list[tuple[str, str, str]], options: list[str]) -> str:
    """The key of a policy: each module's name, shown folder and key, in order, and how they are read."""
    digest = hashlib.sha256(f"{program()}/policy\0".encode())
    digest.update(msgspec.json.encode([modules, options]))
    return digest.hexdigest()


@contextlib.contextmanager
def _not_collecting() -> Iterator[None]:
    """Without looking for cycles: there are none in what is decoded, and much of it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _sum(content: bytes | memoryview) -> bytes:
    """What an entry begins with: one that was damaged on the disk may still decode, to something else."""
    return zlib.crc32(content).to_bytes(_SUM, "big")


def _key_of_code(key: str) -> str:
    return hashlib.sha256(f"{code_program()}/{key}".encode()).hexdigest()


class Cache:
    """A folder of extracts. A broken or unwritable cache only costs time: it is never an error."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def empty(self) -> bool:
        """Whether nothing is kept, so that nothing need be looked for."""
        return self.folder is None or not any(self.folder.glob("??"))

    def get(self, key: str) -> ModuleExtract | None:
        """The extract of a module whose files are the very same; None where there is none, or a damaged one."""
        return None if self.folder is None else self._read(self.folder / key[:2] / key, _decoder)

    def put(self, key: str, encoded: bytes) -> None:
        """Keep a module's extract, in the place of a damaged one."""
        if self.folder is not None:
            self._write(self.folder / key[:2] / key, encoded)

    def _read(self, path: Path, decoder: msgspec.msgpack.Decoder[_T]) -> _T | None:
        try:
            whole = memoryview(path.read_bytes())
            content = whole[_SUM:]
            if _sum(content) != whole[:_SUM]:
                return None
            with _not_collecting():
                return decoder.decode(content)
        except (OSError, msgspec.DecodeError, ValueError, RecursionError):
            return None

    def _write(self, target: Path, content: bytes) -> None:
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed, so that a reader in another process never sees half an entry.
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_sum(content))
                    file.write(content)
                os.replace(temporary, target)
            except BaseException:
                os.unlink(temporary)
                raise

    def get_policy(self, key: str) -> Policy | None:
        """The policy made of the very same modules in the very same way, if it is still there."""
        return None if self.folder is None else self._read(self.folder / _POLICIES / key, _policy_decoder)

    def get_code(self, key: str) -> Code | None:
        """What the code of the very same modules does, if that is still there."""
        if self.folder is None:
            return None
        return self._read(self.folder / _CODES / _key_of_code(key), _code_decoder)

    def put_code(self, key: str, code: Code) -> None:
        """Keep what the code of a policy's modules does, by the policy's key."""
        self._put_newest(_CODES, _key_of_code(key), _encoder.encode(code))

    def put_policy(self, key: str, policy: Policy) -> None:
        """Keep a policy, without its code."""
        self._put_newest(_POLICIES, key, _encoder.encode(policy))

    def _put_newest(self, kind: str, key: str, content: bytes) -> None:
        """Keep something large; only the newest few of a kind stay."""
        if self.folder is None:
            return
        self._write(self.folder / kind / key, content)
        with contextlib.suppress(OSError):
            entries = sorted((self.folder / kind).iterdir(), key=lambda path: path.stat().st_mtime)
            for path in entries[:-KEEP_POLICIES]:
                path.unlink(missing_ok=True)

    def prune(self) -> None:
        """Drop the entries not written for long, when there are many."""
        if self.folder is None:
            return
        with contextlib.suppress(OSError):
            entries = [path for path in self.folder.glob("??/*") if path.is_file()]
            if len(entries) > MAX_ENTRIES:
                oldest = time.time() - KEEP_SECONDS
                entries.sort(key=lambda path: path.stat().st_mtime)
                for path in entries[: len(entries) - MAX_ENTRIES // 2]:
                    if path.stat().st_mtime < oldest or len(entries) > 4 * MAX_ENTRIES:
                        path.unlink(missing_ok=True)


def encode(extract: ModuleExtract) -> bytes:
    return _encoder.encode(extract)


def decode(encoded: bytes) -> ModuleExtract:
    return _decoder.decode(encoded)
