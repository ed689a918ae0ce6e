"""What a line of Python shows by itself, whatever calls it: a secret that is written down, a token drawn by chance
that can be guessed."""

from __future__ import annotations

import ast

from ostiary.code.marks.found import FileMark
from ostiary.code.marks.predictable import predictable_marks
from ostiary.code.marks.secrets import secret_marks

__all__ = ["FileMark", "marks"]


def marks(tree: ast.Module, source: bytes) -> list[FileMark]:
    """The marks of one file, by line: `tree` is what `ast.parse` made of `source`. Nothing is raised."""
    found = [*secret_marks(tree, source), *predictable_marks(tree, source)]
    return sorted(dict.fromkeys(found), key=lambda one: (one.line, one.kind, one.name))
