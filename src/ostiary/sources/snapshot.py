"""A Policy as JSON: saved and read back the same in every way."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from ostiary.policy import Policy
from ostiary.sources.errors import UnreadableTarget
from ostiary.sources.shown import shown_target

FORMAT = 1
MAX_BYTES = 500_000_000


class _Snapshot(msgspec.Struct, kw_only=True):
    """The file: a mark that tells it from any other JSON, the format's number, and the policy."""

    ostiary_snapshot: int
    policy: Policy


class _Mark(msgspec.Struct):
    ostiary_snapshot: int


def is_snapshot(path: Path) -> bool:
    """Whether a path is to be read as a snapshot: a file whose name ends in `.json`."""
    return path.suffix.lower() == ".json" and path.is_file()


def dump(policy: Policy) -> bytes:
    """The snapshot's bytes: indented JSON, the same for the same policy, so that versions can be compared."""
    encoded = msgspec.json.encode(_Snapshot(ostiary_snapshot=FORMAT, policy=policy))
    return msgspec.json.format(encoded, indent=1) + b"\n"


def save(policy: Policy, path: str | os.PathLike[str]) -> None:
    """Write a snapshot; nothing half-written is left behind. Raises OSError where the file can't be written."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(dump(policy))
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def load(path: str | os.PathLike[str]) -> Policy:
    """Read a snapshot. Raises UnreadableTarget where the file is no snapshot, is broken, or is of another format."""
    shown = shown_target(path)
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableTarget(f"{shown} can't be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise UnreadableTarget(f"{shown} is larger than {MAX_BYTES // 10**6} MB; that is no snapshot.")
    try:
        mark = msgspec.json.decode(content, type=_Mark)
        if mark.ostiary_snapshot != FORMAT:
            raise UnreadableTarget(
                f"{shown} is a snapshot of format {mark.ostiary_snapshot}, this Ostiary reads {FORMAT}: make it anew."
            )
        policy = msgspec.json.decode(content, type=_Snapshot).policy
        _ = policy.semantics
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UnreadableTarget(f"{shown} is no Ostiary snapshot: {error}.") from None
    return policy
