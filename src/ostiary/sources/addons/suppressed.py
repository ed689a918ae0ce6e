"""Comments that accept findings: `ostiary: ignore[check, ...] reason`, and the lines that each stands at.

In Python such a comment ends a line, or is alone on the line above. In XML it is inside a record, on the line before it
or behind it on the same line. CSV has no comments: there it is a last cell beyond the header's, which Odoo passes over
(`BaseModel._extract_records` pairs the header with the row and stops at the shorter).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ostiary.sources.addons.ops import SuppressionOp
from ostiary.sources.addons.suppressed_python import python_comments
from ostiary.sources.addons.suppressed_xml import xml_comments

MARK = b"ostiary:"
MAX_COMMENTS = 2_000
MAX_REASON = 500
MAX_NAMES = 100

_COMMENT = re.compile(r"\s*ostiary:\s*ignore\b\s*(?:\[(?P<checks>[^\]]*)\])?(?P<reason>.*)", re.DOTALL)
# What other tools say in the same comment.
_OTHERS = re.compile(r"\s#\s*(?:noqa|type:|pylint:|fmt:|pragma)")
_LEAD = " \t-–—:,."


class Comment(NamedTuple):
    """A comment's text, the line it begins on, and the first and last line it stands at (0, 0: none)."""

    text: str
    line: int
    first: int
    last: int


def suppressions(contents: Mapping[str, bytes | None]) -> list[SuppressionOp]:
    """The comments of a module's files that accept findings, by path and line. Never raises on any content."""
    found: list[SuppressionOp] = []
    for path in sorted(contents):
        content = contents[path]
        if content and MARK in content:
            found += _in_file(path, content)
    return found[:MAX_COMMENTS]


def _in_file(path: str, content: bytes) -> Iterator[SuppressionOp]:
    ending = path.rpartition(".")[2].lower()
    comments: Iterable[Sequence[object]]
    match ending:
        case "py":
            comments = python_comments(content)
        case "xml":
            comments = xml_comments(content)
        case "csv":
            comments = _csv_comments(content)
        case _:
            return
    for comment in map(Comment._make, comments):
        if (said := _COMMENT.match(comment.text)) is not None:
            names = [name.strip() for name in (said["checks"] or "").split(",")[:MAX_NAMES]]
            yield SuppressionOp(
                checks=[name for name in dict.fromkeys(names) if name],
                reason=_reason(said["reason"]),
                path=path,
                line=comment.line,
                first=comment.first,
                last=comment.last,
            )


def _reason(text: str) -> str:
    """What is said after the checks, in one line; empty where there is no word in it."""
    other = _OTHERS.search(text)
    words = " ".join((text[: other.start()] if other else text).split()).strip(_LEAD)
    return words[:MAX_REASON] if re.search(r"\w", words) else ""


def is_comment(cells: Sequence[str]) -> bool:
    """Whether the cells of a CSV row beyond the header's are such a comment, commas included."""
    return ",".join(cells).lstrip().startswith("#")


def _csv_comments(content: bytes) -> Iterator[Comment]:
    reader = csv.reader(io.StringIO(content.decode("utf-8", "replace")), quotechar='"', delimiter=",")
    try:
        width = len(next(reader, []))
        while True:
            first = reader.line_num + 1
            row = next(reader, None)
            if row is None:
                return
            if is_comment(row[width:]):
                text = ",".join(row[width:]).lstrip().removeprefix("#")
                yield Comment(text, first, first, reader.line_num)
    except csv.Error:
        return
