"""Making text that was read from addons safe to show.

Names and messages come from files that nobody vouches for. Control characters, terminal escapes and characters
that reorder or hide text are written out as escapes, so that what is shown is what was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from ostiary.policy.origin import Origin

_FACTS = "ostiary:facts/"
NAME = 120
TEXT = 1200

# Joiners are left alone: Persian, Indic scripts and emoji are spelled with them.
_KEPT = {"\u200c", "\u200d"}
# Controls, what is invisible or reorders text, separators that end a line, halves of characters, tags, and private use.
_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f"
    "\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    "]"
)
_SPACES = re.compile(r"[ \t\r\n\v\f]+")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _KEPT:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def block(text: str, limit: int = 10 * TEXT) -> str:
    """Text of several lines with what is hidden in it written out, and cut at `limit` characters."""
    text = text.replace("\r\n", "\n")
    return _HIDDEN.sub(_escape, shorten(text, limit)).replace("\t", "    ")


def line(text: str, limit: int = TEXT) -> str:
    """The text on one line, with what is hidden in it written out, and cut at `limit` characters."""
    return _HIDDEN.sub(_escape, _SPACES.sub(" ", shorten(text, limit)))


def name(text: str) -> str:
    """A name on one line; a name that nobody could read is cut."""
    return line(text, NAME)


def place(origin: Origin) -> str:
    """Where something was read, as `path:line` on one line."""
    if origin.path.startswith(_FACTS):
        about = PurePosixPath(origin.path.removeprefix(_FACTS)).stem
        return f"Ostiary's own facts about {name(about)}"
    return line(str(origin), 400) or "(no file)"


def shorten(text: str, limit: int) -> str:
    """The text, or as much of it as the limit allows and how long it is."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()}… ({len(text):,} characters)"


def ascii_escapes(json_text: str) -> str:
    """JSON in which what a terminal or an editor might obey is written as an escape; it means the same."""

    def escape(match: re.Match[str]) -> str:
        units = match.group().encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

    # Line ends are the encoder's own: inside strings it has escaped them.
    return _HIDDEN.sub(escape, json_text)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def enumerated(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def fix_parts(text: str) -> list[tuple[str, str]]:
    """A way to mend, as `("text", paragraph)` and `("code", lines)` parts.

    Lines that hold markup, Python or an indented piece are code, and so are those that follow up to an empty line or
    one that begins as a sentence does.
    """
    parts: list[tuple[str, str]] = []
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")):
        runs: list[tuple[bool, list[str]]] = []
        for each in paragraph.split("\n"):
            code = _is_code(each, after_code=bool(runs) and runs[-1][0])
            if not runs or runs[-1][0] is not code:
                runs.append((code, []))
            runs[-1][1].append(each)
        for code, lines in runs:
            joined = "\n".join(lines).rstrip() if code else " ".join(each.strip() for each in lines).strip()
            if joined:
                parts.append(("code" if code else "text", joined))
    return parts


_MARKUP = ("<", "    ", "\t", "[(", "access_")
_PYTHON = re.compile(r"[\w.]+ = |[A-Za-z_][\w.]*[(\[]|from [\w.]+ import |import \w+$|if .*:$|t-\w+=")
_SENTENCE = re.compile(r"(?:[A-Z][a-z]*|or|and) [a-z]")


def _is_code(text: str, *, after_code: bool) -> bool:
    if len(text) > 1 and (text.startswith(_MARKUP) or _PYTHON.match(text)):
        return True
    return after_code and not _SENTENCE.match(text)
