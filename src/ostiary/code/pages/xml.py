"""XML as trees: read within bounds, with nothing fetched or run, and the line on which each thing stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

ROOTS = frozenset({"odoo", "openerp", "data"})
_MAX_DEPTH = 40
_PARSER: dict[str, Any] = {
    "resolve_entities": "internal",
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_LONGEST_TAG = 60


def parse(content: bytes) -> Any | None:
    """The root of a data file; None for what is malformed, of which Odoo would load nothing, or not one of Odoo's."""
    # Only entities that the file itself defines are resolved, and the parser bounds how much they grow.
    parser = etree.XMLParser(**_PARSER)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.tag in ROOTS else None


def definitions(root: Any, depth: int = 0) -> Any:
    """The `<template>`s and the `<record>`s of views of a data file, in the order in which Odoo loads them."""
    for node in root.iterchildren(tag=etree.Element):
        if node.tag == "template" or (node.tag == "record" and node.get("model") == "ir.ui.view"):
            yield node
        elif node.tag in ROOTS and depth < _MAX_DEPTH:
            yield from definitions(node, depth + 1)


def line_of(lines: Sequence[bytes], tag: str, last: int, attribute: str = "") -> int:
    """The line of a start tag, or of an attribute of it. `last` is the one on which the tag ends."""
    last = min(last, len(lines))
    start = _pattern(rb"<%b(?=[\s/>]|$)", tag)
    inside = _pattern(rb"(?:^|\s)%b\s*=", attribute) if attribute else None
    for number in range(last, max(last - _LONGEST_TAG, 0), -1):
        line = lines[number - 1]
        if (inside is not None and inside.search(line)) or start.search(line):
            return number
    return last


@lru_cache(maxsize=500)
def _pattern(form: bytes, name: str) -> re.Pattern[bytes]:
    return re.compile(form % re.escape(name.encode()))
