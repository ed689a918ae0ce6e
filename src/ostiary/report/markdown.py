"""The pages of checks as HTML: Markdown in which no HTML of its own survives."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from ostiary.report.text import block

_DEEPER = 3


def to_html(markdown: str) -> str:
    """Markdown as HTML, with raw HTML shown as text, no pictures, and headings from `h4` down."""
    return str(_parser().render(block(markdown, 40_000)))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=RendererHTML).disable("image")
    parser.core.ruler.push("deeper-headings", lambda state: _deepen(state.tokens))
    return parser


def _deepen(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + _DEEPER - 1, 6)}"
