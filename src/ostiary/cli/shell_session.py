"""A Python session: lines that a person types, or a script that ends with an exit code."""

from __future__ import annotations

import ast
import code
import contextlib
import sys
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

Say = Callable[[str], None]

FAILED = 1


class Session(code.InteractiveConsole):
    """Runs statements on a namespace. What keeps an operation from being done is said as it explains itself; any other
    error of the code is Python's, with its traceback."""

    def __init__(self, names: Mapping[str, Any], errors: tuple[type[BaseException], ...], say: Say) -> None:
        self.names: dict[str, Any] = {"__name__": "__console__", "__doc__": None, **names}
        super().__init__(locals=self.names, filename="<ostiary>")
        self.errors = errors
        self.say = say
        self.failed = False

    def showtraceback(self) -> None:
        """Say the error that is being handled."""
        self.failed = True
        error = sys.exc_info()[1]
        if isinstance(error, self.errors):
            self.say(_told(error))
        else:
            super().showtraceback()

    def showsyntaxerror(self, *arguments: Any, **options: Any) -> None:
        """Say that the code is no Python."""
        self.failed = True
        super().showsyntaxerror(*arguments, **options)

    def script(self, text: str, *, shown: bool, name: str) -> int:
        """Run a whole script, up to its first error. `shown`: values of expressions are printed, as in a session.

        Gives the exit code: 0, 1 after an error, or what the script passes to `exit`.
        """
        try:
            parts = _parts(text, name, shown=shown)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            self.showsyntaxerror(name)
            return FAILED
        try:
            for part in parts:
                self.runcode(part)
                if self.failed:
                    return FAILED
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else FAILED if ended.code else 0
        return 0

    def typed(self, banner: str) -> int:
        """Let a person type, until they end it. Gives 0, or what they pass to `exit`."""
        with contextlib.suppress(ImportError):
            import readline
            import rlcompleter

            readline.set_completer(rlcompleter.Completer(self.names).complete)
            readline.parse_and_bind("tab: complete")
        try:
            self.interact(banner=banner, exitmsg="")
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else FAILED if ended.code else 0
        return 0


def _parts(text: str, name: str, *, shown: bool) -> list[CodeType]:
    """A script as code: whole, or statement by statement where values are shown."""
    tree = ast.parse(text, name)
    if not shown:
        return [compile(tree, name, "exec")]
    return [compile(ast.Interactive([statement]), name, "single") for statement in tree.body]


def _told(error: BaseException) -> str:
    """An error as a sentence, with the tree below it."""
    return f"{type(error).__name__}: {error}"
