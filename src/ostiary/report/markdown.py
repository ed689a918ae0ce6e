"""The pages of checks as HTML: Markdown in which no HTML of its own survives."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from ostiary.report.text import block

_DEEPER = 3
_BESIDE = re.compile(r"\[([a-z-]+)\]\(\1\.md\)")


def to_html(markdown: str) -> str:
    """Markdown as HTML, with raw HTML shown as text, no pictures, and headings from `h4` down."""
    return str(_parser().render(block(alone(markdown), 40_000)))


def alone(markdown: str) -> str:
    """A check's page without its links to the pages of others, which stand beside it only in the documentation."""
    return _BESIDE.sub(r"`\1`", markdown)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=RendererHTML).disable("image")
    parser.core.ruler.push("deeper-headings", lambda state: _deepen(state.tokens))
    return parser


def _deepen(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + _DEEPER - 1, 6)}"
