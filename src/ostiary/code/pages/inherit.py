"""What an inheriting view does to the tree of the one it inherits from.

Follows `tools/template_inheritance.py` (`locate_node`, `apply_inheritance_specs`) of 17.0 to 19.0. Every element
remembers the place it was written in, through `FROM` on it or on one above it.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

FROM = "ostiary-from"
"""The attribute that says in which declaration an element, and all below it, were written: its number."""
SET = "ostiary-set"
"""The attribute that says by which declaration, and on which line, attributes were set: `name=number:line ...`."""

MAX_ELEMENTS = 60_000
_MAX_SPECS = 3_000
_MAX_EXPRESSION = 1_500
MAX_STEPS = 10_000_000
_FAR = re.compile(r"//|[\w-]*::|\.\.")
_UP = frozenset({"..", "parent::", "ancestor::", "ancestor-or-self::", "self::"})
_DEEPEST = 4
_MAX_FAR = 12
_POSITIONS = frozenset({"inside", "after", "before", "replace", "attributes"})
_EXPRESSIONS = frozenset({"readonly", "required", "invisible", "column_invisible", "t-if", "t-elif"})
Note = Callable[[str, Any], None]


class Applying:
    """One inheriting view being applied. `note` is told what could not be, with the element that says it; `size` is
    that of the tree, `spent` what finding places in it has cost so far."""

    def __init__(self, source: Any, number: int, size: int, note: Note, spent: float = 0) -> None:
        self.source = source
        self.number = number
        self.size = size
        self.note = note
        self.spent = spent

    def all(self, specs: Iterable[Any]) -> None:
        """Apply elements of an arch, in order; a `<data>` stands for what is in it."""
        waiting = list(specs)
        done = 0
        while waiting:
            spec = waiting.pop(0)
            if not isinstance(spec.tag, str):
                continue
            if spec.tag == "data":
                waiting += list(spec)
                continue
            done += 1
            if done > _MAX_SPECS or self.size > MAX_ELEMENTS:
                self.note("the page is too large to put together", spec)
                return
            self.one(spec)

    def one(self, spec: Any) -> None:
        """Apply one element of the view to the place it points at."""
        position = spec.get("position", "inside")
        if position not in _POSITIONS:
            self.note(f"there is no position {position!r}", spec)
            return
        node = self.locate(spec)
        if node is None:
            return
        match position:
            case "replace" if spec.get("mode", "outer") == "inner":
                self.replace_inside(node, spec)
            case "replace":
                self.replace(node, spec)
            case "attributes":
                self.attributes(node, spec)
            case _:
                self.put(node, spec, position)

    def locate(self, spec: Any) -> Any | None:
        """The first element that a spec points at; what there is none for is noted."""
        if spec.tag == "xpath":
            return self.by_expression(spec)
        wanted = {name: value for name, value in spec.attrib.items() if name not in ("position", FROM, SET)}
        if spec.tag == "field":
            wanted = {"name": spec.get("name")}
        for node in self.source.iter(spec.tag):
            if all(node.get(name) == value for name, value in wanted.items()):
                return node
        self.note(f"the page has no <{spec.tag}> that it could change", spec)
        return None

    def by_expression(self, spec: Any) -> Any | None:
        text = spec.get("expr") or ""
        price = cost(text, self.size) if len(text) <= _MAX_EXPRESSION else math.inf
        if self.spent + price > MAX_STEPS:
            self.note("the xpath would take too long", spec)
            return None
        self.spent += price
        try:
            found = etree.XPath(text, extensions={(None, "hasclass"): _has_class})(self.source)
        except (etree.XPathError, ValueError, TypeError, RecursionError):
            self.note(f"the xpath {text[:80]} can't be read", spec)
            return None
        if not isinstance(found, list) or not found or not isinstance(getattr(found[0], "tag", None), str):
            self.note(f"the page has nothing at {text[:80]}", spec)
            return None
        return found[0]

    def contents(self, spec: Any) -> list[Any]:
        """The elements that a spec puts in, those it moves taken from where they are."""
        found = []
        for child in list(spec):
            if not isinstance(child.tag, str):
                continue
            if child.get("position") == "move":
                moved = self.locate(child)
                if moved is None or moved is self.source:
                    continue
                origin = origin_of(moved)
                _detach(moved)
                moved.set(FROM, origin)
                found.append(moved)
                continue
            child.set(FROM, str(self.number))
            self.size += sum(1 for _ in child.iter())
            found.append(child)
        return found

    def put(self, node: Any, spec: Any, position: str) -> None:
        if position != "inside" and node.getparent() is None:
            self.note("nothing can stand beside the root of a page", spec)
            return
        for child in self.contents(spec):
            if position == "inside":
                node.append(child)
            elif position == "before":
                node.addprevious(child)
            else:
                node.addnext(child)
                node = child

    def replace(self, node: Any, spec: Any) -> None:
        for slot in [one for one in spec.iter() if isinstance(one.tag, str) and one.text == "$0"]:
            if slot is spec:
                continue
            slot.text = ""
            kept = copy.deepcopy(node)
            kept.tail = None
            kept.set(FROM, origin_of(node))
            slot.append(kept)
            self.size += sum(1 for _ in kept.iter())
            if self.size > MAX_ELEMENTS:
                return
        if node.getparent() is not None:
            for child in self.contents(spec):
                node.addprevious(child)
            _detach(node)
            return
        elements = self.contents(spec)
        if elements:
            self.source = elements[0]
            self.source.tail = None
            parent = self.source.getparent()
            if parent is not None:
                parent.remove(self.source)
            if name := node.get("t-name"):
                self.source.set("t-name", name)

    def replace_inside(self, node: Any, spec: Any) -> None:
        for child in list(node):
            node.remove(child)
        node.text = spec.text
        for child in self.contents(spec):
            node.append(child)

    def attributes(self, node: Any, spec: Any) -> None:
        for child in spec.iter("attribute"):
            name = child.get("name") or ""
            if not re.fullmatch(r"[A-Za-z_][\w.:-]{0,80}", name) or name in (FROM, SET):
                continue
            value = (
                _changed(node.get(name, ""), name, child)
                if child.get("add") or child.get("remove")
                else child.text or ""
            )
            try:
                if value:
                    node.set(name, value)
                    place = f"{name}={self.number}:{child.sourceline or 0}"
                    node.set(SET, f"{node.get(SET, '')} {place}".strip()[-2_000:])
                elif name in node.attrib:
                    del node.attrib[name]
            except ValueError:
                self.note(f"the attribute {name} can't be set", spec)


def origin_of(node: Any) -> str:
    """The number of the declaration that an element was written in."""
    while node is not None:
        if (found := node.get(FROM)) is not None:
            return str(found)
        node = node.getparent()
    return "0"


def cost(text: str, size: int) -> float:
    """About how many elements finding an xpath goes through, in a tree of so many.

    What stands in a condition is looked for again for each element that the condition is asked of. A step
    up is short in the trees there are; one that goes down, or along, is not.
    """
    depth, outside, nested = 0, 0, 0.0
    for part in re.split(r"([\[\]])", re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)):
        if part == "[":
            depth += 1
        elif part == "]":
            depth -= 1
        elif depth > 0:
            nested += sum(0.5 if one in _UP else 1 for one in _FAR.findall(part))
        else:
            outside += len(_FAR.findall(part))
        if depth > _DEEPEST or outside > _MAX_FAR:
            return math.inf
    return math.pow(size, 1 + min(nested, 20)) * (1 + outside) ** 2


def _changed(value: str, name: str, spec: Any) -> str:
    """An attribute with something added to it or removed from it, as by `add`, `remove` and `separator`."""
    add, remove, separator = spec.get("add") or "", spec.get("remove") or "", spec.get("separator")
    if name in _EXPRESSIONS or name.startswith("decoration-"):
        word = (separator or "and").strip()
        if remove:
            for pattern in (
                f"({remove}) {word} ",
                f" {word} ({remove})",
                f"{remove} {word} ",
                f" {word} {remove}",
            ):
                if pattern in value:
                    value = value.replace(pattern, "", 1)
                    break
            else:
                value = "" if value.strip("()") == remove else value
        return (f"({value}) {word} ({add})" if value else add) if add else value
    split = None if separator == " " else separator or ","
    taken = {one.strip() for one in remove.split(split)}
    kept = [one.strip() for one in value.split(split) if one.strip() and one.strip() not in taken]
    return (separator or ",").join([*kept, *(one.strip() for one in add.split(split) if one.strip())])


def _detach(node: Any) -> None:
    """Take an element out of its tree; the text behind it is of no interest."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _has_class(context: Any, *names: str) -> bool:
    """Odoo's own XPath function: whether an element has all these CSS classes."""
    return set(names) <= set((context.context_node.get("class") or "").split())
