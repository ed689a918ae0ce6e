"""The comments of an XML data file that name Ostiary, and the record that each stands at.

A parser of XML tells neither where an element ends nor on which line a comment begins, so the text itself is gone
through. Nothing is resolved; what is not well formed ends the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_ELEMENTS = 200_000
_ROOTS = ("odoo", "openerp", "data")
_DEFINITIONS = ("record", "menuitem", "template")
# Each alternative begins with another character and gives nothing back, so that no text takes long to refuse.
_TAG = re.compile(r"</?(?P<name>[^\s/>\"'<]+)(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_ENDS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*+(?:\[[^\]]*+\]\s*+)?>")


@dataclass(slots=True)
class _Element:
    """`head` is the line its start tag ends on, `last` the one that it ends on itself.

    `definition` is the nearest definition it is or lies in.
    """

    tag: str
    parent: _Element | None
    first: int
    head: int
    last: int = 0
    definition: _Element | None = None

    def __post_init__(self) -> None:
        self.definition = self if self.defines else self.parent.definition if self.parent else None

    @property
    def defines(self) -> bool:
        """Whether this is what a file of data is made of: a record, or anything else right below its root."""
        if self.parent is None or self.tag in _ROOTS:
            return False
        return self.tag in _DEFINITIONS or self.parent.tag in _ROOTS


@dataclass(slots=True)
class _Gapless:
    """Comments that follow each other without a line between; `last` is the line that the last of them ends on."""

    last: int


@dataclass(slots=True)
class _Comment:
    text: str
    first: int
    gapless: _Gapless
    parent: _Element | None
    before: _Element | None
    after: _Element | None = None


@dataclass(slots=True)
class _Walk:
    """What was met so far: the element that is open, the one that closed last in it, comments without a next one."""

    open: _Element | None = None
    closed: _Element | None = None
    found: list[_Comment] = field(default_factory=list)
    waiting: list[_Comment] = field(default_factory=list)
    elements: int = 0

    def comment(self, text: str, first: int, last: int) -> None:
        before = self.waiting[-1].gapless if self.waiting else None
        if before is not None and first <= before.last + 1:
            before.last = last
        else:
            before = _Gapless(last)
        made = _Comment(text, first, before, self.open, self.closed)
        self.waiting.append(made)
        if text.lstrip().startswith("ostiary:"):
            self.found.append(made)

    def start(self, tag: str, first: int, last: int, empty: bool) -> None:
        made = _Element(tag, self.open, first, last)
        for other in self.waiting:
            other.after = made
        self.waiting.clear()
        self.elements += 1
        self.closed = None
        if empty:
            made.last = last
            self.closed = made
        else:
            self.open = made

    def end(self, tag: str, last: int) -> bool:
        """Close the open element; false where it is another one's end."""
        self.waiting.clear()
        if self.open is None or self.open.tag != tag:
            return False
        self.open.last = last
        self.closed, self.open = self.open, self.open.parent
        return True


def xml_comments(content: bytes) -> Iterator[tuple[str, int, int, int]]:
    """The text, line, and first and last line stood at, of each comment that names us.

    A comment before a record or behind it on its last line stands at that record; one inside a record at all of it; one
    before the root at the whole file.
    """
    text = content.decode("utf-8", "replace")
    for one in _walked(text).found:
        first, last = _stands_at(one)
        yield one.text, one.first, first, last


def _walked(text: str) -> _Walk:
    walk = _Walk()
    line, at, counted = 1, text.find("<"), 0
    while at >= 0 and walk.elements < MAX_ELEMENTS:
        end = _end(text, at)
        if end is None:
            break
        line += text.count("\n", counted, at)
        last = line + text.count("\n", at, end)
        if text.startswith("<!--", at):
            walk.comment(text[at + 4 : end - 3], line, last)
        elif text[at + 1] not in "!?":
            named = _TAG.match(text, at)
            name = named["name"] if named else ""
            if text[at + 1] != "/":
                walk.start(name, line, last, text[end - 2] == "/")
            elif not walk.end(name, last):
                break
        line, counted = last, end
        at = text.find("<", end)
    return walk


def _end(text: str, at: int) -> int | None:
    """Where what begins at `at` ends; None where it doesn't."""
    for start, stop in _ENDS:
        if text.startswith(start, at):
            end = text.find(stop, at + len(start))
            return end + len(stop) if end >= 0 else None
    found = (_DOCTYPE if text.startswith("<!", at) else _TAG).match(text, at)
    return found.end() if found else None


def _stands_at(one: _Comment) -> tuple[int, int]:
    before, after, around = one.before, one.after, one.parent
    if around is None and after is not None:
        return 1, after.last
    if before is not None and before.defines and before.last == one.first:
        return before.first, before.last
    if around is not None and around.defines and around.head == one.first:
        return around.first, around.last
    if (
        after is not None
        and after.defines
        and after.parent is one.parent
        and after.first <= one.gapless.last + 1
    ):
        return after.first, after.last
    inside = around.definition if around is not None else None
    return (inside.first, inside.last) if inside is not None else (0, 0)
