"""The command `ostiary`: its commands, and what becomes of errors."""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ostiary import __version__
from ostiary.audit import TooLarge, UnknownCheck
from ostiary.cli.audit import audit
from ostiary.cli.decisions import decisions
from ostiary.cli.diff import diff
from ostiary.cli.others import checks, snapshot
from ostiary.cli.output import Closed, Failure, put, say
from ostiary.cli.prove import prove
from ostiary.cli.questions import explain, matrix, who
from ostiary.cli.rls import rls
from ostiary.cli.routes import routes
from ostiary.cli.rpc import rpc
from ostiary.cli.shell import shell
from ostiary.cli.test import test
from ostiary.cli.vet import vet
from ostiary.policy import BadQuestion, UnknownSubject
from ostiary.report.text import line
from ostiary.sources import UnreadableTarget, hidden

INTERRUPTED = 130
TERMINATED = 143
PIPE_CLOSED = 141

app = typer.Typer(
    name="ostiary",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    audit, prove, diff, vet, routes, rpc, explain, who, matrix, decisions, test, shell, rls, snapshot, checks,
):  # fmt: skip
    app.command()(_command)


def _version(wanted: bool) -> None:
    if wanted:
        put(f"ostiary {__version__}\n")
        raise typer.Exit


@app.callback()
def ostiary(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Who can see and do what in an Odoo, why, and where it is too much.

    Reads the access definitions of Odoo modules (groups, access rights, record rules); nothing of theirs is executed.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    # A stream that was closed before we started is none at all; what would be written there is dropped.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    # A policy is many values and no cycles: looking through them again and again would take a tenth of the time.
    gc.set_threshold(3_000_000, 20, 20)
    # Nor need anybody look for cycles in what goes with the process.
    atexit.register(gc.freeze)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    if not os.environ.get("OSTIARY_DEBUG"):
        # z3 that is interrupted halfway complains of it when it is freed, which is no news to anybody.
        sys.unraisablehook = lambda _: None
    code = run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _closed()
    except OSError:
        _discard()
        code = code or 2
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; an error is said in one sentence."""
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        code: Any = app(args=given, standalone_mode=False, prog_name="ostiary")
    except (Failure, UnreadableTarget, UnknownSubject, UnknownCheck, TooLarge, BadQuestion) as error:
        return _fail(_sentence(error))
    except Closed:
        return _closed()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF):
            raise
        _discard()
        return _fail(f"The output can't be written: {error.strerror}.")
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            return 2
        if (usage := _usage(error)) is not None:
            return _fail(usage)
        if os.environ.get("OSTIARY_DEBUG"):
            raise
        return _fail(
            f"Ostiary stopped on something it did not expect ({type(error).__name__}: {_sentence(error)}); please "
            "report this, with what 'OSTIARY_DEBUG=1' before the same command prints."
        )
    if code == INTERRUPTED:
        # CPython ends by the signal, and not with our code, where it came while a text was run as code, as it is when
        # dataclasses are made, until another one has been.
        exec("")  # noqa: S102
        return _fail("Interrupted.", INTERRUPTED)
    return code if isinstance(code, int) else 0


def _sentence(error: Exception) -> str:
    return line(str(error.args[0]) if len(error.args) == 1 else str(error))


def _usage(error: Exception) -> str | None:
    """What an error of the option parser says, whichever parser it is."""
    if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
        return None
    # Typer names the class of the error that a choice raised.
    said = line(str(error.format_message())).replace(": Value error, ", ": ", 1)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "ostiary"
    return f"{said.rstrip('.')}; see '{command} --help'."


def _fail(sentence: str, code: int = 2) -> int:
    # A URL can stand in the wrong place of the command line, and be quoted by who expected something else there.
    sentence = " ".join(hidden(word) for word in sentence.split(" "))
    with contextlib.suppress(Closed, OSError):
        say(f"ostiary: {sentence}", style="red", error=True)
    return code


def _closed() -> int:
    """End quietly: the reader of our output has what it wanted."""
    _discard()
    return PIPE_CLOSED


def _discard() -> None:
    """Let what is still to be written go nowhere, so that nothing complains when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
