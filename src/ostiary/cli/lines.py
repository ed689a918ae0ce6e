"""Output line by line: to the standard output as it comes, or to a file that appears when it is whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ostiary.cli.output import Failure, put

Write = Callable[[str], None]


@contextlib.contextmanager
def lines(path: Path | None) -> Iterator[Write]:
    """A function that writes a line. Without a path (or with `-`) to the standard output, else to a file.

    A file is written beside its place and put there at the end: nobody sees half of it, and an interruption leaves
    what was there before. A device or a pipe is written to as it is. Raises Failure, in one sentence.
    """
    if path is None or str(path) == "-":
        yield lambda line: put(line + "\n")
        return
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
                yield lambda line: _write(file.write, line)
            return
        with _beside(Path(os.path.realpath(path))) as write:
            yield write
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror or error}.") from None


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Write]:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield lambda line: _write(file.write, line)
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _write(write: Callable[[str], object], line: str) -> None:
    write(line + "\n")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
