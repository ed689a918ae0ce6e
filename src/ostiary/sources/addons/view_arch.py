"""What the arch of a view shows to everybody, and what to some groups only.

Follows `ir.ui.view › _postprocess_access_rights` (`groups` on an element takes it out for everybody else) and
`tools/template_inheritance.py` (where an inheriting view puts its elements).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from ostiary.sources.addons.ops import ValueOp

_MAX_HIDES = 500
_MAX_FIELDS = 20_000
_MAX_TEXT = 1_000
_GROUPED: Callable[[Any], Any] = etree.XPath(".//*[@groups]")
_GROUPS_SET: Callable[[Any], Any] = etree.XPath(".//attribute[@name='groups']")
_FIELD_STEP = re.compile(r"""\bfield\[@name\s*=\s*['"]([\w.]+)['"]\]""")
_NAMED_STEP = re.compile(r"""^(\w+)(?:\[@name\s*=\s*['"]([\w.]+)['"]\])?$""")
# Steps that leave the element they stand at for another branch.
_ELSEWHERE = re.compile(r"\.\.|::|\|")
_BESIDE = frozenset({"after", "before", "replace", "attributes", "move"})
_NEVER = frozenset({"1", "True", "true"})


def read_arch(arch: Any, inherits: bool, line_of: Callable[[Any], int]) -> list[ValueOp]:
    """The values `hides`, `shows` and `masked` of a view, from its `<field name="arch">`.

    `hides` are `[element, name, groups, line, path, fields, changed]`, where `changed` is true for an element of the
    view that is inherited from. `shows` are the fields outside all of them, `masked` those shown as a
    password, both by the path from the view's model, joined by spaces.
    """
    hidden: set[Any] = set()
    hides: list[list[Any]] = []
    gone_through = 0
    for node in _GROUPED(arch):
        if node.tag == "attribute" or not node.get("groups"):
            continue
        below = [one for one in node.iter("field") if _shown(one, arch, inherits)]
        gone_through += len(below)
        if gone_through > _MAX_FIELDS or len(hides) > _MAX_HIDES:
            break
        hidden.update(below)
        hides += _hide(node, below, arch, line_of(node))
    shows: dict[str, None] = {}
    masked: dict[str, None] = {}
    for node in arch.iter("field"):
        if node is arch or not _shown(node, arch, inherits):
            continue
        path = _path(node, arch)
        if path is None:
            continue
        name = _joined(path, node.get("name"))
        if node not in hidden:
            shows[name] = None
        if node.get("password") in _NEVER:
            masked[name] = None
    for attribute in _GROUPS_SET(arch):
        hides += _changed(attribute, arch, shows, line_of)
    line = arch.sourceline or 0
    found = (("hides", hides[:_MAX_HIDES]), ("shows", " ".join(shows)), ("masked", " ".join(masked)))
    return [ValueOp(name, value, line) for name, value in found]


def _shown(node: Any, arch: Any, inherits: bool) -> bool:
    """Whether a `<field>` shows one: it isn't there to say where others go, and not always invisible."""
    name = node.get("name")
    if not name or len(name) > _MAX_TEXT or node.get("position"):
        return False
    if node.get("invisible") in _NEVER or node.get("column_invisible") in _NEVER:
        return False
    if not inherits:
        return True
    above = node.getparent()
    return above is not arch and not (above.tag == "data" and above.getparent() is arch)


def _hide(node: Any, below: list[Any], arch: Any, line: int) -> Iterator[list[Any]]:
    """What one element with `groups` hides: its fields, one entry for each path they lie at."""
    fields: dict[str, list[str]] = {}
    for one in below:
        path = _path(one, arch)
        if path is not None:
            fields.setdefault(path, []).append(one.get("name"))
    if not fields and node.tag == "button" and (path := _path(node, arch)) is not None:
        fields[path] = []
    about = [str(node.tag), (node.get("name") or "")[:_MAX_TEXT], node.get("groups")[:_MAX_TEXT], line]
    for path, names in fields.items():
        yield [*about, path, list(dict.fromkeys(names)), False]


def _changed(
    attribute: Any, arch: Any, shows: dict[str, None], line_of: Callable[[Any], int]
) -> Iterator[list[Any]]:
    """What `<attribute name="groups">` does to an element of the view that is inherited from."""
    at = attribute.getparent()
    path = _path(at, arch)
    if path is None or at.get("position") != "attributes" or attribute.get("add") or attribute.get("remove"):
        return
    tag, name = at.tag, at.get("name") or ""
    if tag == "xpath":
        last = (at.get("expr") or "").rstrip("/").rpartition("/")[2]
        step = _NAMED_STEP.match(last)
        if step is None:
            return
        tag, name = step[1], step[2] or ""
    groups = " ".join((attribute.text or "").split())
    fields = [name] if tag == "field" and name else []
    if groups:
        yield [tag, name[:_MAX_TEXT], groups[:_MAX_TEXT], line_of(attribute), path, fields, True]
    elif fields:
        shows[_joined(path, name)] = None


def _path(node: Any, arch: Any) -> str | None:
    """The fields above an element, from the view's model on; None where an xpath doesn't say."""
    names: list[str] = []
    if node.tag == "xpath":
        if (own := _steps(node)) is None:
            return None
        names += reversed(own)
    for above in node.iterancestors("field", "xpath"):
        if above is arch:
            break
        if above.tag == "xpath":
            if (steps := _steps(above)) is None:
                return None
            names += reversed(steps)
        elif above.get("position") not in _BESIDE:
            names.append(above.get("name") or "")
    return ".".join(reversed(names)) if len(names) <= 10 else None


def _steps(node: Any) -> list[str] | None:
    """The fields inside which an `<xpath>` puts its elements."""
    expression = node.get("expr") or ""
    if len(expression) > _MAX_TEXT or _ELSEWHERE.search(expression):
        return None
    names: list[str] = _FIELD_STEP.findall(expression)
    last = expression.rstrip("/").rpartition("/")[2]
    at_field = last.startswith("field")
    if node.get("position", "inside") in _BESIDE and at_field:
        return names[:-1] if _FIELD_STEP.fullmatch(last) else None
    return names


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
