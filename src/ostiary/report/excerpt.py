"""The lines around a place that a report speaks of, read again from the target when the report is made.

What is no file of a module (a table of a database, a snapshot, Ostiary's own facts), what has gone since, and what is
no text has no excerpt; a report says the place and leaves it at that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

import msgspec

from ostiary.audit import Finding
from ostiary.policy import Origin
from ostiary.report.text import block, place
from ostiary.sources import UnreadableTarget
from ostiary.sources.addons.files import ModuleFiles
from ostiary.sources.addons.locate import find_modules
from ostiary.sources.revision import Target, opened
from ostiary.sources.shown import scheme_of

BEFORE, AFTER = 2, 3
MOST_FILES = 4
MOST_LINES = 30
LONGEST_RECORD = 14
WIDEST = 160
# A data file of more than this is data, not definitions that somebody reads.
LARGEST = 4_000_000
# How many excerpts one report shows; the places of the others are still named.
MOST = 1_500
_SUFFIXES = {".py": "Python", ".xml": "XML", ".csv": "CSV"}
_ENCODING = re.compile(rb"""^(?:<\?xml[^>]{0,80}encoding=|[^\n]{0,40}coding[:=][ \t]*)["']?([\w.-]{1,20})""")
# What a field or a key of such a name is given is not for a report, which is passed on.
_KEPT_BACK = r"(?:passw|secret|token|api_?key)[\w.-]{0,60}"
_NAMED = rf"""\bname\s{{0,4}}=\s{{0,4}}["'][\w.-]{{0,60}}{_KEPT_BACK}["']"""
_GIVEN_XML = re.compile(rf"(<field\b[^<>]{{0,400}}?{_NAMED}[^<>]{{0,400}}>)([^<]+)", re.IGNORECASE)
_TAG_XML = re.compile(rf"<field\b(?=[^<>]{{0,400}}?{_NAMED})[^<>]{{0,800}}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\b(?:eval|value)\s{0,4}=\s{0,4})("[^"]*"|'[^']*')""", re.IGNORECASE)
_GIVEN_PYTHON = re.compile(
    rf"""({_KEPT_BACK}["']?\s{{0,4}}[:=]\s{{0,4}})("[^"\n]+"|'[^'\n]+')""", re.IGNORECASE
)
_COLUMN_KEPT_BACK = re.compile(_KEPT_BACK, re.IGNORECASE)
_OPENS = re.compile(r"\s*<(record|template|menuitem|delete|function)\b")


class Line(msgspec.Struct, frozen=True):
    """A line as shown. `mark` is `change` for the one to change, `step` for one that the evidence speaks of.

    `gap` is true after lines that are left out.
    """

    number: int
    text: str
    mark: str = ""
    gap: bool = False


class Excerpt(msgspec.Struct, frozen=True):
    """A few lines of a file, which is named as it is elsewhere."""

    path: str
    lines: tuple[Line, ...]


class Files(msgspec.Struct, frozen=True):
    """How many files of a module may hold definitions, by kind: `Python`, `XML`, `CSV`."""

    python: int
    xml: int
    csv: int


class Reader:
    """Reads excerpts from modules, up to a bound for a whole report."""

    def __init__(self, modules: Sequence[ModuleFiles] = ()) -> None:
        self._modules: Mapping[str, ModuleFiles] = {files.name: files for files in modules}
        self._left = MOST
        self._lines = lru_cache(maxsize=16)(self._read)

    def excerpts(self, finding: Finding) -> list[Excerpt]:
        """The lines that a finding speaks of, a piece for each file; first the file with the line to change."""
        steps = [step.origin for step in finding.evidence if step.origin is not None]
        pieces: dict[str, dict[int, Line]] = {}
        for at, origin in enumerate([finding.origin, *steps]):
            if origin.path not in pieces and len(pieces) == MOST_FILES:
                continue
            lines = pieces.get(origin.path, {})
            if origin.line not in lines and len(lines) < MOST_LINES:
                lines = {line.number: line for line in self._around(origin)} | lines
            known = lines.get(origin.line)
            if known is not None:
                mark = known.mark or ("step" if at else "change")
                lines[origin.line] = msgspec.structs.replace(known, mark=mark)
                pieces[origin.path] = lines
        return [_piece(path, lines) for path, lines in pieces.items()]

    def _around(self, origin: Origin) -> list[Line]:
        """The lines around a place; none where there are none to show, or where too many were shown already."""
        found = self._inside(origin)
        if found is None or not self._left or origin.line < 1:
            return []
        lines = self._lines(*found)
        if origin.line > len(lines):
            return []
        self._left -= 1
        return list(_chosen(lines, origin.line, PurePosixPath(found[1]).suffix))

    def files(self, module: str) -> Files | None:
        """How many files of a module may hold definitions; None where it is not read from files."""
        known = self._modules.get(module)
        if known is None:
            return None
        paths = known.listing()
        return Files(*(sum(path.endswith(suffix) for path in paths) for suffix in _SUFFIXES))

    def _inside(self, origin: Origin) -> tuple[str, str] | None:
        """The module that a place lies in, and the path of its file there."""
        known = self._modules.get(origin.module)
        if known is not None and origin.path.startswith(f"{known.shown}/"):
            path = origin.path[len(known.shown) + 1 :]
            return (known.name, path) if path.endswith(tuple(_SUFFIXES)) else None
        return None

    def _read(self, module: str, path: str) -> Sequence[str]:
        content = self._modules[module].read(path)
        if content is None or len(content) > LARGEST or b"\0" in content[:4096]:
            return ()
        # Odoo's readers count lines by their line feeds alone, unlike `splitlines`.
        return _decoded(content).replace("\r\n", "\n").split("\n")


@contextmanager
def reading(targets: Sequence[Target], addons_path: Sequence[Target] = ()) -> Iterator[Reader]:
    """A reader of the targets as they were named, for as long as the context lasts.

    A target that can't be read from (any more) only means that nothing of it is shown.
    """
    modules: dict[str, ModuleFiles] = {}
    with ExitStack() as stack:
        for target in (*targets, *addons_path):
            if scheme_of(target):
                continue
            try:
                for files in find_modules(stack.enter_context(opened([target])).targets):
                    modules.setdefault(files.name, files)
            except (UnreadableTarget, OSError):
                continue
        yield Reader(list(modules.values()))


def _piece(path: str, lines: Mapping[int, Line]) -> Excerpt:
    ordered = [lines[number] for number in sorted(lines)]
    gaps = [after.number > before.number + 1 for before, after in pairwise(ordered)]
    shown = (
        msgspec.structs.replace(each, gap=gap) for each, gap in zip(ordered, (False, *gaps), strict=True)
    )
    return Excerpt(place(Origin(path)), tuple(shown))


def _chosen(lines: Sequence[str], number: int, suffix: str) -> Iterator[Line]:
    """The lines to show around one; none of a table that has a column of passwords."""
    first, last = max(number - BEFORE, 1), min(number + AFTER, len(lines))
    if suffix == ".csv":
        if _COLUMN_KEPT_BACK.search(lines[0][:WIDEST]):
            return
        first, last = max(number - 1, 2), min(number + 1, len(lines))
        yield Line(1, _shown(lines[0]))  # what the columns are
    elif suffix == ".xml":
        first, last = _record(lines, number) or (first, last)
    while last > number and not lines[last - 1].strip():
        last -= 1
    while first < number and not lines[first - 1].strip():
        first += 1
    # A value may begin before what is shown.
    begin = max(first - LONGEST_RECORD, 1)
    said = _without_secrets(lines[begin - 1 : last + LONGEST_RECORD], suffix)
    for at in range(first, last + 1):
        yield Line(at, _shown(said[at - begin]))


def _record(lines: Sequence[str], number: int) -> tuple[int, int] | None:
    """The lines of the record that begins on a line, as many as are worth showing."""
    begins = _OPENS.match(lines[number - 1])
    if begins is None:
        return None
    ends = f"</{begins[1]}>"
    last = min(number + LONGEST_RECORD, len(lines))
    for at in range(number, last + 1):
        if ends in lines[at - 1] or (at == number and lines[at - 1].rstrip().endswith("/>")):
            return number, at
    return number, last


def _shown(said: str) -> str:
    return block(said.rstrip(), WIDEST)


def _without_secrets(lines: Sequence[str], suffix: str) -> list[str]:
    """The lines with what fields and keys called a password or a token are given written as `…`."""
    said = "\n".join(each[: 4 * WIDEST] for each in lines)
    if suffix == ".xml":
        said = _GIVEN_XML.sub(lambda found: found[1] + re.sub(r"\S+", "…", found[2]), said)
        said = _TAG_XML.sub(lambda found: _ATTRIBUTE.sub(r'\1"…"', found[0]), said)
    elif suffix == ".py":
        said = _GIVEN_PYTHON.sub(r'\1"…"', said)
    return said.split("\n")


def _decoded(content: bytes) -> str:
    """The text of a file in the encoding it names, by default UTF-8; what is none of its bytes is replaced."""
    named = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    try:
        return content.decode(named[1].decode("ascii") if named else "utf-8-sig", "replace")
    except (LookupError, UnicodeError):
        return content.decode("utf-8-sig", "replace")
