"""Asking git about objects: bounded in time, and so that nothing a repository holds is executed.

A repository brings a configuration of its own, hooks, attributes and replacements, all of which may be hostile. Only
commands that read objects are run: none of them converts content, checks out, or asks another machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

MAX_SECONDS = 300
_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--no-optional-locks",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)
_SET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    # An object that is not there is not asked of another machine, nor by an older git, which does not know the first.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    # What a packed object says of its size is not believed without end.
    "GIT_ALLOC_LIMIT": "1g",
    "LC_ALL": "C",
    "LANGUAGE": "",
}
# A variable such as GIT_DIR, which a hook is run with, would have git read another repository than the one named.
# What the user says of trust (`safe.directory`) is in a configuration of their own, which these may name.
_KEPT = re.compile(r"GIT_CONFIG_(GLOBAL|COUNT|KEY_\d+|VALUE_\d+)|GIT_CEILING_DIRECTORIES")
_OBJECT = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (commit|tag|tree|blob) (\d{1,18})")
_UNPRINTABLE = re.compile(r"[^ -~]+")


class GitError(Exception):
    """git can't answer; the text is what it said of it, in one line. `missing` is true where there is no git."""

    def __init__(self, said: str, *, missing: bool = False) -> None:
        super().__init__(said)
        self.missing = missing


@contextmanager
def running(folder: str, *arguments: str, feed: bytes = b"") -> Iterator[IO[bytes]]:
    """What git says when it is run in a folder; `feed` is its input.

    Raises GitError, also from the end of the block, where there is no git, it fails, or takes too long.
    """
    command = [_program(), "-C", folder, *_OPTIONS, *arguments]
    late = threading.Event()
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as errors:
        # From a file, git reads at its own pace: with a pipe, either side could wait for the other.
        asked.write(feed)
        asked.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - git itself, with arguments that are made here
                command, stdin=asked, stdout=subprocess.PIPE, stderr=errors, env=_environment()
            )
        except (OSError, ValueError) as error:
            raise GitError(f"it can't be run ({error})") from None

        def stop() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(MAX_SECONDS, stop)
        watch.daemon = True
        watch.start()
        assert process.stdout is not None
        try:
            yield process.stdout
            # One that still has something to say is not waited for: the caller has read what it wanted.
            ended = not process.stdout.read(1)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
            watch.cancel()
        if late.is_set():
            raise GitError(f"it took longer than {MAX_SECONDS} seconds")
        if code and ended:
            errors.seek(0)
            raise GitError(_first_line(errors.read(20_000)))


def answer(folder: str, *arguments: str, limit: int = 100_000) -> bytes:
    """All that git says, up to a limit. Raises GitError."""
    with running(folder, *arguments) as said:
        return said.read(limit)


def described(folder: str, names: Iterable[str]) -> Iterator[tuple[str, str, int] | None]:
    """The id, type and size of each object named, as `git rev-parse` takes names; None for one that is not there.

    Names go to git as input and not as arguments: none is an option, and none is shown among the processes.
    Raises GitError.
    """
    feed = b"".join(os.fsencode(name) + b"\n" for name in names)
    if not feed:
        return
    with running(folder, "cat-file", "--batch-check", feed=feed) as said:
        for line in said:
            found = _OBJECT.fullmatch(line.rstrip(b"\n"))
            yield (found[1].decode(), found[2].decode(), int(found[3])) if found else None


def contents(folder: str, ids: Iterable[str], limit: int) -> Iterator[bytes]:
    """The content of each object, in order. Raises GitError, also where one is not there or larger than the limit."""
    feed = "".join(f"{id}\n" for id in ids).encode()
    wanted = feed.count(b"\n")
    if not wanted:
        return
    with running(folder, "cat-file", "--batch", feed=feed) as said:
        for _ in range(wanted):
            found = _OBJECT.fullmatch(said.readline(200).rstrip(b"\n"))
            if found is None:
                # It ended: why is known when it is waited for.
                break
            size = int(found[3])
            if size > limit:
                raise GitError("an object is larger than it was said to be")
            content = said.read(size + 1)
            if len(content) != size + 1:
                break
            wanted -= 1
            yield content[:-1]
    if wanted:
        raise GitError("an object is missing or broken")


def _program() -> str:
    # A git that lies where the command is run, which may be in the repository, is not the user's.
    program = shutil.which("git")
    if program is None or not os.path.isabs(program):
        raise GitError("git was not found", missing=True)
    return program


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or _KEPT.fullmatch(name)
    }
    return kept | _SET


def _first_line(errors: bytes) -> str:
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = next((line for line in lines if line.startswith("fatal: ")), lines[0] if lines else "it failed")
    return _UNPRINTABLE.sub("?", fatal.removeprefix("fatal: "))[:200].rstrip(" .:")
