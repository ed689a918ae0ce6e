"""The QWeb templates that a module's data files declare, as they are kept: names and places, and no trees.

Follows `tools/convert.py` (`_tag_template`, `_tag_record`) and the fields of `ir.ui.view`.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from lxml import etree

from ostiary.code.pages.xml import definitions, line_of, parse

PRIORITY = 16
_MAX_TEXT = 300
_NUMBER = re.compile(r"\s*-?[0-9]{1,9}\s*")
_VIEW = b"ir.ui.view"
# In an encoding of two bytes or more, the words look otherwise.
_WIDE, _START = b"\0", 100
_WORDS = ((b"t-raw",), (b"Markup",), (b"widget", b"html"), (b"t-att-on",), (b"t-attf-on",), (b"srcdoc",))
_UNESCAPED = re.compile(
    rb"""\bt-raw=|\bMarkup\(|\bt-attf?-(?:on\w+|srcdoc)=|widget(?:'|"|&quot;)?\s*[:=]\s*(?:'|"|&quot;)*html"""
)
_TRUE = re.compile(r"\s*(?:true|1)\s*", re.IGNORECASE)


class TemplateDecl(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One place that declares a template, or changes the view of one.

    `xmlid` and `inherit` are external ids with their module. `key` is another name it is called by. `mode` is
    `primary` where it says so, `active` None where it says nothing. `arch` says that the place gives the
    content, `raw` that something in it is put out without escaping. `groups` are those that may use it at all.
    """

    xmlid: str
    module: str
    path: str
    line: int
    inherit: str = ""
    key: str = ""
    mode: str = ""
    priority: int = PRIORITY
    active: bool | None = None
    groups: str = ""
    arch: bool = True
    raw: bool = False


def templates(content: bytes, module: str, path: str) -> list[TemplateDecl]:
    """The templates of one data file of a module, in the order in which Odoo loads them. Never raises.

    Views of the backend are left out. A malformed file declares none, as Odoo would load none of it.
    """
    if module.startswith("theme_") or not _maybe(content):
        return []
    root = parse(content)
    if root is None:
        return []
    lines = content.splitlines()
    unescaped = _WIDE in content[:_START] or any(all(word in content for word in words) for words in _WORDS)
    found = (_declared(node, module, path, lines, unescaped) for node in definitions(root))
    return [one for one in found if one is not None]


def _maybe(content: bytes) -> bool:
    """Whether a file may declare a template: to look for the words is much faster than to parse it."""
    if b"<template" in content or _WIDE in content[:_START]:
        return True
    at = content.find(_VIEW)
    while at >= 0:
        end = content.find(b"</record", at)
        view = content[at : end if end > 0 else len(content)]
        # Most views are the backend's, and name their model.
        if b"qweb" in view or not (b'"model"' in view or b"'model'" in view):
            return True
        at = content.find(_VIEW, max(at + len(view), at + 1))
    return False


def arch_of(node: Any) -> Any | None:
    """The element that holds the content of a definition: the template itself, or the field of a record."""
    if node.tag == "template":
        return node
    return next(iter(node.iterfind("field[@name='arch']")), None)


def name_of(node: Any, module: str) -> str:
    """The external id of a definition; empty where it has none."""
    name = node.get("id") or (node.get("t-name") if node.tag == "template" else "") or ""
    return qualified(name, module)


def qualified(name: str, module: str) -> str:
    """An external id with its module."""
    name = name.strip()[:_MAX_TEXT]
    return name if "." in name or not name else f"{module}.{name}"


def _declared(node: Any, module: str, path: str, lines: list[bytes], unescaped: bool) -> TemplateDecl | None:
    xmlid = name_of(node, module)
    if not xmlid:
        return None
    line = line_of(lines, node.tag, int(node.sourceline or 0))
    about = _of_template(node) if node.tag == "template" else _of_record(node, module)
    if about is None:
        return None
    arch = arch_of(node)
    raw = unescaped and arch is not None and bool(_UNESCAPED.search(etree.tostring(arch)))
    return TemplateDecl(xmlid, module, path, line, **_qualify(about, module), arch=arch is not None, raw=raw)


def _qualify(about: dict[str, Any], module: str) -> dict[str, Any]:
    return {**about, "inherit": qualified(about.get("inherit") or "", module)}


def _of_template(node: Any) -> dict[str, Any]:
    active = node.get("active")
    return {
        "inherit": node.get("inherit_id"),
        "key": (node.get("key") or "")[:_MAX_TEXT],
        "mode": "primary" if node.get("primary") == "True" else "",
        "priority": _priority(node.get("priority")),
        "active": active == "True" if active in ("True", "False") else None,
        "groups": (node.get("groups") or "")[:_MAX_TEXT],
    }


def _of_record(node: Any, module: str) -> dict[str, Any] | None:
    """What a record of a view says; None for one that is no template's: it has a model, or another type."""
    values = {field.get("name"): field for field in node.iterchildren("field")}
    said = {name: (field.get("eval") or field.text or "").strip() for name, field in values.items()}
    kind = said.get("type", "").strip("'\"")
    # An inheriting view is of the type of what it inherits from; those of the backend name their model.
    if kind not in ("", "qweb") or (kind != "qweb" and "model" in values):
        return None
    inherit = values.get("inherit_id")
    active = said.get("active")
    return {
        "inherit": "" if inherit is None else inherit.get("ref") or _referred(inherit),
        "key": said.get("key", "")[:_MAX_TEXT],
        "mode": "primary" if said.get("mode") == "primary" else "",
        "priority": _priority(said.get("priority")),
        "active": None if active is None else bool(_TRUE.fullmatch(active)),
    }


def _referred(field: Any) -> str:
    match = re.fullmatch(r"""\s*ref\(\s*['"]([\w.]{1,200})['"]\s*\)\s*""", field.get("eval") or "")
    return match[1] if match else ""


def _priority(text: str | None) -> int:
    return int(text) if text and _NUMBER.fullmatch(text) else PRIORITY
