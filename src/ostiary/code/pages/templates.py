"""The templates of a Policy, each as Odoo puts it together: with the views that inherit from it applied.

Follows `ir.ui.view` (`_get_inheriting_views`, `_combine`): views of one parent by priority and then by id, which is
the order of loading; a view is followed by those that inherit from it; one in mode `primary` is a copy of its parent
as that is in the end. Views that are not active change nothing.
"""

from __future__ import annotations

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ostiary.code.pages.declared import TemplateDecl, arch_of, name_of
from ostiary.code.pages.inherit import FROM, MAX_ELEMENTS, SET, Applying, origin_of
from ostiary.code.pages.xml import definitions, line_of, parse
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

Read = Callable[[str, str], bytes | None]
Shown = Callable[[str, str], str]

_MAX_VIEWS = 1_500
_MAX_CHAIN = 40
# What finding places in all trees together may cost; those of all of Odoo take a thirtieth.
_MAX_SPENT = 60_000_000
_MAX_FILES = 400
_MOST_LIKE = 10
_MAX_TREES = 3_000
_MARKED: Any = etree.XPath(f"descendant-or-self::*[@{FROM} or @{SET}]")


@dataclass(slots=True)
class Tree:
    """A template as it is rendered. `root` is None where it could not be read. `unread` says what is missing in it.

    `places` are the declarations its elements were written in, by number.
    """

    xmlid: str
    root: Any | None
    places: list[TemplateDecl] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    size: int = 0
    spent: float = 0


@dataclass(slots=True)
class ViewFile:
    """A data file: its lines, and the contents of its views by external id."""

    lines: list[bytes]
    arches: dict[str, Any]


class Templates:
    """The templates that modules declare. `read` gives a file of a module, `shown` its name in an Origin."""

    def __init__(
        self,
        policy: Policy,
        declared: Mapping[str, Iterable[TemplateDecl]],
        read: Read,
        shown: Shown | None = None,
    ) -> None:
        self.policy = policy
        self.read = read
        self.shown = shown or (lambda module, path: f"{module}/{path}")
        self.views: dict[str, TemplateDecl] = {}
        self.keys: dict[str, str] = {}
        self._inactive: set[str] = set()
        self._spent = 0.0
        self._children: dict[str, list[str]] = {}
        self._trees: dict[str, Tree] = {}
        self._files: OrderedDict[tuple[str, str], ViewFile | None] = OrderedDict()
        self._origins: dict[tuple[str, str, str, int, str], Origin] = {}
        self._declare(declared)

    def _declare(self, declared: Mapping[str, Iterable[TemplateDecl]]) -> None:
        """Take the declarations in loading order: a later one of the same name writes over what it says."""
        order = [name for name in self.policy.modules if name in declared]
        for module in (*order, *(name for name in declared if name not in self.policy.modules)):
            for one in declared[module]:
                earlier = self.views.get(one.xmlid)
                if earlier is None or one.arch:
                    self.views[one.xmlid] = one
                if one.active is not None:
                    (self._inactive.discard if one.active else self._inactive.add)(one.xmlid)
                self.keys.setdefault(one.key or one.xmlid, one.xmlid)
        for one in self.views.values():
            if one.inherit:
                self._children.setdefault(one.inherit, []).append(one.xmlid)
        for children in self._children.values():
            children.sort(key=lambda name: self.views[name].priority)  # stable: then in loading order

    def known(self, name: str) -> str:
        """The external id of what is called by a name; empty where there is no such template."""
        if name in self.views:
            return name
        return self.keys.get(name, "")

    def named_like(self, first: str, last: str) -> list[str]:
        """The templates whose names begin and end so, where the beginning says more than the module."""
        if not first.partition(".")[2]:
            return []
        return [name for name in self.views if name.startswith(first) and name.endswith(last)][:_MOST_LIKE]

    def active(self, xmlid: str) -> bool:
        """Whether a view is in use; what the policy says of it counts, if it knows it."""
        view = self.policy.views.get(xmlid)
        return view.active if view is not None else xmlid not in self._inactive

    def groups(self, xmlid: str) -> str:
        """The groups that may use a template at all, as a specification; empty where anybody may."""
        view = self.policy.views.get(xmlid)
        if view is not None and view.groups:
            return ",".join(link.group for link in view.groups)
        known = self.views.get(xmlid)
        return known.groups if known else ""

    def place(self, xmlid: str) -> Origin:
        """Where a template is declared."""
        one = self.views[xmlid]
        return Origin(self.shown(one.module, one.path), one.line, one.module)

    def tree(self, name: str) -> Tree:
        """A template with its inheriting views applied; not to be changed. Never raises."""
        xmlid = self.known(name)
        found = self._trees.get(xmlid or name)
        if found is None:
            if len(self._trees) > _MAX_TREES:
                self._trees.clear()
            found = self._trees[xmlid or name] = self._build(xmlid or name, 0)
        return found

    def _build(self, xmlid: str, depth: int) -> Tree:
        """The tree of a primary view; of an inheriting one, that of what it is in the end a part of."""
        one = self.views.get(xmlid)
        if one is None or depth > _MAX_CHAIN:
            return Tree(xmlid, None, unread=[f"the template {xmlid} was not read"])
        if one.inherit:
            above = self._build(one.inherit, depth + 1)
            if one.mode != "primary" or above.root is None:
                return above
            found = Tree(xmlid, above.root, above.places, above.unread, above.size, above.spent)
            self._apply(found, xmlid)
        else:
            arch = self._arch(one)
            if arch is None:
                return Tree(xmlid, None, unread=[f"the template {xmlid} could not be read"])
            root = copy.deepcopy(arch)
            root.tail = None
            if root.tag == "template":
                root.tag = "t"
                root.attrib.pop("id", None)
                root.set("t-name", xmlid)
            found = Tree(xmlid, root, [one], size=sum(1 for _ in root.iter()))
            root.set(FROM, "0")
        self._extend(found, xmlid)
        return found

    def _extend(self, tree: Tree, xmlid: str) -> None:
        """Apply the views that inherit from a template, each followed by those that inherit from it."""
        waiting = list(reversed(self._extensions(xmlid)))
        done = {xmlid}
        while waiting:
            name = waiting.pop()
            if name in done:
                continue
            done.add(name)
            if len(done) > _MAX_VIEWS or tree.size > MAX_ELEMENTS:
                tree.unread.append(f"{xmlid} has too many inheriting views to put together")
                return
            self._apply(tree, name)
            waiting += reversed(self._extensions(name))

    def _extensions(self, xmlid: str) -> list[str]:
        children = (self.views[name] for name in self._children.get(xmlid, ()))
        return [one.xmlid for one in children if one.mode != "primary" and self.active(one.xmlid)]

    def _apply(self, tree: Tree, xmlid: str) -> None:
        one = self.views[xmlid]
        arch = self._arch(one)
        if arch is None:
            tree.unread.append(f"the view {xmlid} could not be read")
            return
        number = len(tree.places)
        tree.places.append(one)
        specs = copy.deepcopy(arch)

        def note(said: str, spec: Any) -> None:
            tree.unread.append(f"{xmlid} is not applied in full: {said}")

        over = self._spent > _MAX_SPENT
        applying = Applying(tree.root, number, tree.size, note, math.inf if over else tree.spent)
        applying.all(list(specs))
        self._spent += 0 if over else applying.spent - tree.spent
        tree.root, tree.size, tree.spent = applying.source, applying.size, applying.spent

    def _arch(self, one: TemplateDecl) -> Any | None:
        """The content of a declaration: of a record, what stands in its field."""
        file = self.file(one.module, one.path)
        arch = file.arches.get(one.xmlid) if file else None
        if arch is None or arch.tag == "template" or one.inherit:
            return arch
        return next((child for child in arch if isinstance(child.tag, str)), None)

    def file(self, module: str, path: str) -> ViewFile | None:
        """A data file of a module; None where it could not be read. Nothing of it is to be changed."""
        key = (module, path)
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        content = self.read(module, path)
        root = parse(content) if content is not None else None
        found = None
        if content is not None and root is not None:
            found = ViewFile(content.splitlines(), {})
            for node in definitions(root):
                arch = arch_of(node)
                if arch is not None:
                    for marked in _MARKED(arch):
                        marked.attrib.pop(FROM, None)
                        marked.attrib.pop(SET, None)
                    found.arches[name_of(node, module)] = arch
        self._files[key] = found
        if len(self._files) > _MAX_FILES:
            self._files.popitem(last=False)
        return found

    def alone(self, one: TemplateDecl) -> Tree:
        """What one declaration says by itself, as where nothing renders the page it is a part of."""
        arch = self._arch(one)
        if arch is None:
            return Tree(one.xmlid, None, unread=[f"the template {one.xmlid} could not be read"])
        root = copy.deepcopy(arch)
        root.set(FROM, "0")
        return Tree(one.xmlid, root, [one], size=sum(1 for _ in root.iter()))

    def origin(self, tree: Tree, node: Any, attribute: str = "") -> Origin:
        """Where an element of a tree was written, or an attribute of it."""
        number, line, tag = int(origin_of(node)), int(node.sourceline or 0), str(node.tag)
        if attribute and (said := node.get(SET)):
            for entry in reversed(said.split()):
                name, _, where = entry.rpartition("=")
                if name == attribute:
                    place, _, at = where.partition(":")
                    number, line, tag = int(place), int(at), "attribute"
                    break
        one = tree.places[number] if number < len(tree.places) else tree.places[0]
        key = (one.module, one.path, tag, line, "" if tag == "attribute" else attribute)
        found = self._origins.get(key)
        if found is None:
            file = self.file(one.module, one.path)
            if file is not None:
                line = line_of(file.lines, tag, line, key[-1])
            found = self._origins[key] = Origin(self.shown(one.module, one.path), line, one.module)
        return found
