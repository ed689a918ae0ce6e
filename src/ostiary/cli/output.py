"""Where output goes: consoles, files written whole or not at all, and progress."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

# Lines longer than this are hard to read, however wide the window is.
WIDEST = 120

Report = Callable[[str, int, int], None]


class Failure(Exception):
    """Something the user can mend; the message is one sentence."""


class Closed(Exception):
    """Whoever read our output has gone away."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise Closed


def console(*, error: bool = False) -> Console:
    """The console for the standard output, or for the error output; plain where that is no terminal."""
    _tolerate(sys.stderr if error else sys.stdout)
    made = _Console(stderr=error, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WIDEST)
    return made


def say(text: str, *, style: str = "", error: bool = False) -> None:
    """Print a line; nothing in it is markup."""
    console(error=error).print(Text(text, style), soft_wrap=True)


def put(text: str | bytes) -> None:
    """Write a document to the standard output as it is."""
    _tolerate(sys.stdout)
    try:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
        else:
            sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise Closed from None
    except OSError as error:
        raise Failure(f"The output can't be written: {error.strerror or error}.") from None


def _tolerate(stream: TextIO) -> None:
    """Let a stream that can't say a character write its code instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        with contextlib.suppress(ValueError, OSError):
            reconfigure(errors="backslashreplace")


def check_writable(path: Path | None) -> None:
    """Say before the work begins that its result has no place to go."""
    if path is None or str(path) == "-":
        return
    folder = path.resolve().parent
    if path.is_dir():
        raise Failure(f"{path} is a folder: name a file to write.")
    if not folder.is_dir():
        raise Failure(f"{path} can't be written because there is no folder {path.parent}: make it first.")
    if not os.access(folder if not path.exists() else path, os.W_OK):
        raise Failure(f"{path} can't be written: you have no right to write there.")


def write(path: Path, text: str | bytes) -> None:
    """Write a file whole: nobody sees half of it, and an interruption leaves what was there before.

    `-` is the standard output. A device or a pipe is written to as it is.
    """
    if str(path) == "-":
        put(text)
        return
    content = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror or error}.") from None


def _replace(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        Path(temporary).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def progress(wanted: bool = True) -> Iterator[Report | None]:
    """A function to report progress to, which draws bars on the error output; None where that is no terminal."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(error=True), transient=True) as bars:
        tasks = bars.add_task("Starting", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bars.update(tasks, description=stage[:40] or "Checks", completed=done, total=total or None)

        yield report
