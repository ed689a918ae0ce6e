"""What Odoo makes of a value before it compares it with an HTML field (`tools.mail.html_sanitize`), where it is known.

Odoo parses the value, takes out what is not safe and writes it anew (up to 18 for equality too, later only for
inequalities); running that is not what Ostiary does. Known is what comes out of a line of plain text, and of HTML that
is written just as Odoo writes it and holds only a few harmless elements and attributes: itself. The grammar here is
stricter than any version's list.
"""

from __future__ import annotations

import re

from ostiary.policy import Field
from ostiary.records.errors import Undecided

# A line without white space at its ends. Wrapped into a paragraph by the parser: libxml2 before 2.14, which is what
# the versions of lxml have that Odoo asks for.
_LINE = re.compile(r"[^<>&\s\x00-\x1f\x7f](?:[^<>&\x00-\x1f\x7f\xa0]*[^<>&\s\x00-\x1f\x7f])?")
_TOKEN = re.compile(
    r'<(?P<tag>[a-z][a-z0-9]*)(?P<more>(?: [a-z]+="[^"<>&]*")*)>'
    r"|</(?P<end>[a-z][a-z0-9]*)>"
    r"|(?P<text>(?:[^<>&\x00-\x08\x0b-\x1f\x7f\xa0]|&(?:amp|lt|nbsp);)+)"
)
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_INLINE = frozenset({"a", "b", "br", "em", "i", "small", "span", "strong", "u"})
_TEXTS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_INSIDE = {
    "": _TEXTS | _LISTS | {"div"},
    "div": _INLINE | _TEXTS | _LISTS | {"div"},
    "li": _INLINE | _LISTS | {"p"},
    **dict.fromkeys(_TEXTS | _INLINE, _INLINE),
    **dict.fromkeys(_LISTS, frozenset({"li"})),
}
"""Which elements may be in which; those at the top are in "". No parser closes one of these for another."""
_STYLES = "background-color|color|font-size|font-style|font-weight|height|text-align|text-decoration|width"
_STYLE = rf"(?:{_STYLES}|(?:margin|padding)(?:-(?:top|right|bottom|left))?):[\w#%.-]+(?: [\w#%.-]+)*"
_VALUES = {
    "class": re.compile(r"[\w-]+(?: [\w-]+)*", re.ASCII),
    "style": re.compile(rf"{_STYLE}(?:; {_STYLE})*", re.ASCII),
    "href": re.compile(r"(?:https?://[\w.-]+|/[\w.-]+)(?:/[\w.-]*)*|mailto:[\w.-]+@[\w.-]+", re.ASCII),
    "target": re.compile("_blank"),
}
# What mail clients mark quotes and signatures with; Odoo marks them for itself.
_QUOTES = re.compile("gmail_extra|SkyDrivePlaceholder|stopSpelling|yahoo_quoted")
MAX_DEPTH = 100


def cleaned(field: Field | None, text: str) -> str:
    """The text that an HTML field is compared with.

    `field` is None where nothing is known of it. Raises Undecided for what only running Odoo's cleaner tells.
    """
    if not text or (field is not None and not field.sanitize):
        return text
    usual = field is not None and field.sanitize_usual
    if usual and _LINE.fullmatch(text):
        return f"<p>{text}</p>"
    # White space before the first element is nobody's.
    html = text.lstrip("\n\t ") if usual else text
    if not _stays(html, usual=usual):
        raise Undecided("cannot be decided: how Odoo cleans the value of an HTML field is written in Python")
    return html


def _stays(text: str, *, usual: bool) -> bool:
    """Whether cleaning leaves the HTML as it is. Unless it is the usual one, attributes may be taken out and what is
    empty may be written in another way: neither may be there."""
    inside, end, filled, tops = [""], 0, True, list[str]()
    while end < len(text):
        token = _TOKEN.match(text, end)
        if token is None:
            return False
        end, tag = token.end(), token["tag"]
        if token["text"] is not None:
            if not _text(token["text"], inside[-1]):
                return False
        elif tag is not None:
            inner = tag in _INSIDE[inside[-1]] and not (tag == "a" and "a" in inside)
            if not inner or len(inside) > MAX_DEPTH or not _harmless(tag, token["more"], usual=usual):
                return False
            if len(inside) == 1:
                tops.append(tag + token["more"])
            if tag != "br":
                inside.append(tag)
        elif token["end"] != inside.pop() or not (usual or filled):
            return False
        filled = tag is None or tag == "br"
    # A single `div` around all would be taken for the one that the parser adds.
    return len(inside) == 1 and tops not in ([], ["div"]) and text[0] == "<"


def _text(text: str, inside: str) -> bool:
    return not text.strip() if inside in ("", *_LISTS) else "--" not in text


def _harmless(tag: str, attributes: str, *, usual: bool) -> bool:
    if not usual:
        return not attributes and tag != "br"
    found = _ATTRIBUTE.findall(attributes)
    names = [name for name, _ in found]
    if (
        len(set(names)) < len(names)
        or ({"href", "target"} & set(names) and tag != "a")
        or _QUOTES.search(attributes)
    ):
        return False
    return all(name in _VALUES and _VALUES[name].fullmatch(value) for name, value in found)
