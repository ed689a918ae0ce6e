"""Extracts kept by the hash of what they were read from, so that a second reading only reads what changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

import msgspec

from ostiary import __version__
from ostiary.sources.addons.ops import ModuleExtract

# Raised whenever what is extracted changes, so that no entry of an older program is taken for a new one.
FORMAT = 5
KEEP_SECONDS = 30 * 24 * 3600
MAX_ENTRIES = 6_000

_decoder = msgspec.msgpack.Decoder(ModuleExtract)
_encoder = msgspec.msgpack.Encoder()


def default_folder() -> Path:
    """Where extracts are kept unless the user says otherwise: `$XDG_CACHE_HOME/ostiary`, or `~/.cache/ostiary`."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "ostiary"


def key_of(name: str, contents: dict[str, bytes | None]) -> str:
    """The key of a module: its name and every file's path and bytes."""
    digest = hashlib.sha256(f"{__version__}/{FORMAT}/{name}\0".encode())
    for path in sorted(contents):
        content = contents[path]
        digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(b"-" if content is None else hashlib.sha256(content).digest())
    return digest.hexdigest()


class Cache:
    """A folder of extracts. A broken or unwritable cache only costs time: it is never an error."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(self, key: str) -> ModuleExtract | None:
        if self.folder is None:
            return None
        try:
            return _decoder.decode((self.folder / key[:2] / key).read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def put(self, key: str, encoded: bytes) -> None:
        if self.folder is None:
            return
        target = self.folder / key[:2] / key
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed, so that a reader in another process never sees half an entry.
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(encoded)
                os.replace(temporary, target)
            except BaseException:
                os.unlink(temporary)
                raise

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
