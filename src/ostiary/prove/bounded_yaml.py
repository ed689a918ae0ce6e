"""YAML from anybody: one document of plain values, with the line of each, in bounded time and memory.

Only what such a file needs is read: mappings with text for keys, lists, text, true, false, null and small whole
numbers. There are no aliases (a few lines of them can stand for a billion values), no tags, and no key twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_BYTES = 256 * 1024
MOST_VALUES = 20_000
DEEPEST = 12

Path = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_KINDS = frozenset({"bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value"})
_TRUE = frozenset({"true", "yes", "on"})
_SHOWN = 60
_DIGITS = 6  # of a number: the file's version is the only one


class InvalidYaml(ValueError):
    """Why a text can't be read: one sentence, and the line it is about."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(slots=True)
class Document:
    """The value of a text, and the line on which the value at a path begins."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of the value at a path, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(content: bytes) -> Document:
    """The one document of a file. Raises InvalidYaml."""
    if len(content) > MOST_BYTES:
        raise InvalidYaml(f"the file is larger than {MOST_BYTES // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidYaml("the file is not UTF-8", line) from None
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _said(error, text) from None
    finally:
        if loader is not None:
            loader.dispose()
    document = Document()
    if node is not None:
        document.value = _value(node, (), document.lines)
    return document


class _Loader(yaml.SafeLoader):
    """Composes nodes, and stops at what is not allowed before it is built."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._values = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        self._values += 1
        if isinstance(event, yaml.AliasEvent):
            raise InvalidYaml(f"aliases (*{str(event.anchor)[:_SHOWN]}) are not read", line)
        if self._depth >= DEEPEST:
            raise InvalidYaml(f"values are nested more than {DEEPEST} deep", line)
        if self._values > MOST_VALUES:
            raise InvalidYaml(f"there are more than {MOST_VALUES} values", line)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _said(error: yaml.YAMLError, text: str) -> InvalidYaml:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        return InvalidYaml(f"not YAML: {what}", mark.line + 1 if mark else 1)
    place = getattr(error, "position", 0)
    return InvalidYaml("not YAML: it holds a character that is not allowed", text[:place].count("\n") + 1)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    kind = node.tag.removeprefix(_TAG)
    if kind not in _KINDS:
        raise InvalidYaml(f"tags ({node.tag[:_SHOWN]}) are not read", line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), lines) for place, item in enumerate(node.value)]
    return _scalar(kind, _printable(node))


def _printable(node: yaml.Node) -> str:
    """The text of a scalar: it may end up in a message, on a terminal."""
    text = str(node.value)
    if not all(one.isprintable() or one in "\n\t" for one in text):
        raise InvalidYaml("a text holds a character that can't be printed", node.start_mark.line + 1)
    return text


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise InvalidYaml("a key that is not text is not read", line)
        name = _printable(key)
        if name in found:
            raise InvalidYaml(f"`{name[:_SHOWN]}` is given twice", line)
        lines[(*path, name)] = line
        found[name] = _value(item, (*path, name), lines)
    return found


def _scalar(kind: str, value: str) -> Any:
    """A plain value. What looks like a date or a number with a fraction is text here."""
    if kind == "null":
        return None
    if kind == "bool":
        return value.lower() in _TRUE
    if kind == "int" and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    return value
