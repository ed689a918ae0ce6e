"""Lines for a terminal: wrapped with indents of their own, never padded, never cut where a path would break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from rich.console import Console
from rich.text import Text

LEAST = 24
_BATCH = 200


def wrapped(console: Console, text: Text, first: str | Text = "", rest: str | Text = "") -> Iterator[Text]:
    """The text in lines no wider than the console, each after its indent."""
    first, rest = (Text(each, "dim") if isinstance(each, str) else each for each in (first, rest))
    width = max(console.width - max(first.cell_len, rest.cell_len), LEAST)
    for at, line in enumerate(text.wrap(console, width) or [Text()]):
        line.rstrip()
        yield (rest if at else first).copy().append_text(line)


def whole(text: Text, indent: str | Text = "") -> Text:
    """A line that stays whole, such as a path or code, however narrow the console is."""
    return (Text(indent, "dim") if isinstance(indent, str) else indent.copy()).append_text(text)


def put(console: Console, lines: Iterable[Text]) -> None:
    """Print lines as they are; many at a time, since each print asks the terminal for its size anew."""
    pending = iter(lines)
    while batch := list(islice(pending, _BATCH)):
        for line in batch:
            line.rstrip()
        console.print(Text("\n").join(batch), soft_wrap=True, highlight=False, markup=False, emoji=False)


def branches(count: int, indent: str = "") -> Iterator[tuple[str, str]]:
    """The guides of a tree's children: that before a child's first line, and that before its others."""
    for at in range(count):
        last = at == count - 1
        yield indent + ("└─ " if last else "├─ "), indent + ("   " if last else "│  ")
