"""An XML data file as operations, in the order Odoo carries them out.

Follows `odoo/tools/convert.py` of 17.0 to 19.0. Only records of the models that access depends on are kept
(`KEPT`); everything else in the file is passed over. Only entities that the file itself defines are resolved, network
access is off, and nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from lxml import etree

from ostiary.code.syntax import storable
from ostiary.sources.addons import passwords, values
from ostiary.sources.addons.ops import DeleteOp, FunctionOp, Op, ProblemOp, RecordOp, ValueOp
from ostiary.sources.addons.view_arch import read_arch

ROOTS = ("odoo", "openerp", "data")

ACTION_TYPES = {
    "ir.actions.act_window",
    "ir.actions.report",
    "ir.actions.server",
    "ir.actions.client",
    "ir.actions.act_url",
}
KEPT = {
    "res.groups",
    "ir.model.access",
    "ir.rule",
    "res.users",
    "res.company",
    "ir.ui.menu",
    "ir.ui.view",
    "ir.model",
    "ir.model.fields",
    "ir.cron",
    *ACTION_TYPES,
}
# Functions on these models may change who can do what, so that a call that is not carried out is noted.
NOTED = {"res.groups", "ir.rule", "ir.model.access", "res.users", "ir.ui.menu", "res.config.settings"}
# Long text that no decision needs; reading it would only make extracts large.
_DROPPED = {
    "arch",
    "arch_db",
    "code",
    "help",
    "comment",
    "image_1920",
    "view_ids",
    "context",
    "web_icon_data",
}

_MAX_DEPTH = 40
_NESTED: Callable[[Any], Any] = etree.XPath("boolean(.//field/record)")
PARSER: dict[str, Any] = {
    "resolve_entities": "internal",
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}


def read_xml(
    content: bytes, module: str, path: str, noupdate: bool = False
) -> tuple[list[Op], list[ProblemOp]]:
    """The operations of one file, and what could not be read. Never raises.

    A malformed file gives a problem with its line and no
    operations, as Odoo would load none of it.
    """
    root: Any
    parser = etree.XMLParser(**PARSER)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        reason = str(error.msg).split(", line")[0]
        return [], [ProblemOp("malformed-file", f"The XML is malformed: {reason}.", path, line)]
    except ValueError as error:
        return [], [ProblemOp("malformed-file", f"The XML can't be read: {error}.", path)]
    _number_lines(root, content)
    reader = _Reader(module, path, content, root)
    if root.tag not in ROOTS:
        message = f"The root tag is <{root.tag}>; Odoo wants <odoo> (or <data>)."
        return [], [ProblemOp("malformed-file", message, path, int(root.sourceline or 0))]
    reader.root(root, noupdate, 0)
    return reader.ops, reader.problems


_NUMBERED = ("record", "field", "menuitem", "template", "delete", "function")
# A start tag of those, or a stretch in which what looks like one is none.
_START = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:" + "|".join(_NUMBERED).encode() + rb")(?=[\s/>])",
    re.DOTALL,
)
_LONGEST_TAG = 50
_LONG_TAG = re.compile(rb"<[a-z][^<>]*\n")


def _number_lines(root: Any, content: bytes) -> None:
    """Give each element the line its tag begins on: the parser gives the line on which the tag ends."""
    if not _LONG_TAG.search(content):
        return
    lines: list[int] = []
    line, at = 1, 0
    for match in _START.finditer(content):
        if content[match.start() + 1] not in b"!?":
            line += content.count(b"\n", at, match.start())
            at = match.start()
            lines.append(line)
    nodes = list(root.iter(*_NUMBERED))
    # They differ where the file is in an encoding, or uses a prefix or an entity, that hides its tags.
    if len(nodes) == len(lines):
        for node, number in zip(nodes, lines, strict=True):
            if node.sourceline != number:
                node.sourceline = number


class _Reader:
    def __init__(self, module: str, path: str, content: bytes, root: Any) -> None:
        self.module = module
        self.path = path
        self.content = content
        self.ops: list[Op] = []
        self.problems: list[ProblemOp] = []
        # Whether there are records within fields at all: few files have any.
        self.nests = bool(_NESTED(root))

    @cached_property
    def lines(self) -> list[bytes]:
        return self.content.splitlines() if _LONG_TAG.search(self.content) else []

    def root(self, node: Any, noupdate: bool, depth: int) -> None:
        noupdate = _flag(node, "noupdate", noupdate)
        if depth > _MAX_DEPTH:
            self.problem(node, "limit", "The file is too deeply nested to read.")
            return
        for child in node.iterchildren(tag=etree.Element):
            match child.tag:
                case "record":
                    self.record(child, noupdate, 0)
                case "menuitem":
                    self.menuitem(child, noupdate, None, 0)
                case "template":
                    self.template(child, noupdate)
                case "delete":
                    self.delete(child)
                case "function":
                    self.function(child, noupdate)
                case "odoo" | "openerp" | "data":
                    self.root(child, noupdate, depth + 1)

    def problem(self, node: Any, kind: str, message: str, fatal: bool = True) -> None:
        self.problems.append(ProblemOp(kind, message, self.path, node.sourceline or 0, fatal))

    def record(self, node: Any, noupdate: bool, depth: int, extra: ValueOp | None = None) -> None:
        model = node.get("model")
        if not model:
            self.problem(node, "malformed-record", "A <record> has no model attribute.")
            return
        if model not in KEPT:
            if self.nests:
                self.nested(node, noupdate, depth)
            return
        found: list[ValueOp] = [extra] if extra else []
        for field in node.iterchildren("field"):
            name = field.get("name")
            if not name:
                self.problem(field, "malformed-record", "A <field> has no name attribute.")
            elif name not in _DROPPED:
                found.append(ValueOp(name, self.field_value(field), field.sourceline or 0))
        if model == "res.users":
            passwords.hide(found)
        elif model == "ir.ui.view":
            found += self.arch(node)
        xmlid = node.get("id", "")
        self.ops.append(
            RecordOp(
                model=model,
                xmlid=values.qualified(xmlid, self.module) if xmlid else "",
                values=found,
                line=node.sourceline or 0,
                noupdate=noupdate,
                forcecreate=_flag(node, "forcecreate", None),
            )
        )
        if self.nests:
            self.nested(node, noupdate, depth)

    def arch(self, node: Any) -> list[ValueOp]:
        """What the arch of a view shows and hides, where the record has one."""
        inherits = any(True for _ in node.iterfind("field[@name='inherit_id']"))
        found = [
            one
            for arch in node.iterfind("field[@name='arch']")
            for one in read_arch(arch, inherits, self.line_of)
        ]
        # What is empty only counts where there was something before: in a view of another module.
        patch = "." in node.get("id", "")
        return [one for one in found if one.value or patch]

    def line_of(self, node: Any) -> int:
        """The line an element's tag begins on, of one that was not numbered with the others."""
        last = int(node.sourceline or 0)
        if node.tag in _NUMBERED or not self.lines:
            return last
        start = f"<{node.tag}".encode()
        above = range(min(last, len(self.lines)), max(last - _LONGEST_TAG, 0), -1)
        return next((number for number in above if start in self.lines[number - 1]), last)

    def nested(self, node: Any, noupdate: bool, depth: int) -> None:
        """Records written inside a one2many field; they are loaded after the record that holds them."""
        if depth > _MAX_DEPTH:
            self.problem(node, "limit", "The records are too deeply nested to read.")
            return
        for field in node.iterchildren("field"):
            for child in field.iterchildren("record"):
                # The inverse field's name is known only with the models; for the kept models it is one of these.
                inverse = {"model_access": "group_id", "access_ids": "model_id", "rule_ids": "model_id"}
                name = inverse.get(field.get("name", ""))
                parent = node.get("id")
                extra = None
                if name and parent:
                    extra = ValueOp(
                        name, values.ref(values.qualified(parent, self.module)), child.sourceline or 0
                    )
                self.record(child, noupdate, depth + 1, extra)

    def field_value(self, node: Any) -> Any:
        """The precedence of `_tag_record`: search, ref, eval, type or file, text."""
        if search := node.get("search"):
            return values.search(node.get("model") or "", search, node.get("use") or "id")
        if xmlid := node.get("ref"):
            return values.ref(values.qualified(xmlid, self.module))
        if expression := node.get("eval"):
            return values.fold_eval(expression, self.module)
        return self.text_value(node)

    def text_value(self, node: Any) -> Any:
        kind = node.get("type", "char")
        text = node.text or ""
        try:
            match kind:
                case "int":
                    number = None if text.strip() == "None" else int(text.strip())
                    return number if storable(number) else values.code(text)
                case "float":
                    return float(text.strip())
                case "list" | "tuple":
                    return [self.field_value(child) for child in node.iterchildren("value")]
                case "xml" | "html" | "base64" | "file":
                    return ""
        except ValueError:
            self.problem(node, "malformed-record", f"{text.strip()!r} is not of type {kind}.")
        # A comment inside the field splits the text; Odoo takes only what stands before it.
        return text

    def menuitem(self, node: Any, noupdate: bool, parent: str | None, depth: int) -> None:
        xmlid = node.get("id")
        if depth > _MAX_DEPTH:
            self.problem(node, "limit", "The menus are too deeply nested to read.")
            return
        if not xmlid:
            self.problem(node, "malformed-record", "A <menuitem> has no id attribute.")
            return
        line = node.sourceline or 0
        full = values.qualified(xmlid, self.module)
        parent = parent or (node.get("parent") and values.qualified(node.get("parent"), self.module))
        found = [
            ValueOp("parent_id", values.ref(parent) if parent else False, line),
            ValueOp("active", _flag(node, "active", True), line),
            ValueOp("name", node.get("name") or "", line),
        ]
        sequence = node.get("sequence", "")
        if re.fullmatch(r"\s*-?[0-9]{1,9}\s*", sequence):
            found.append(ValueOp("sequence", int(sequence), line))
        if action := node.get("action"):
            found.append(ValueOp("action", values.ref(values.qualified(action, self.module)), line))
        commands = []
        for group in node.get("groups", "").split(","):
            if group.startswith("-"):
                commands.append([3, values.ref(values.qualified(group[1:], self.module)), 0])
            elif group:
                commands.append([4, values.ref(values.qualified(group, self.module)), 0])
        if commands:
            found.append(ValueOp("groups_id", commands, line))
        self.ops.append(RecordOp("ir.ui.menu", full, found, line, noupdate, True))
        for child in node.iterchildren("menuitem"):
            self.menuitem(child, noupdate, full, depth + 1)

    def template(self, node: Any, noupdate: bool) -> None:
        xmlid = node.get("id", node.get("t-name"))
        if not xmlid:
            self.problem(node, "malformed-record", "A <template> has no id attribute.")
            return
        if self.module.startswith("theme_"):
            return
        line = node.sourceline or 0
        found = [
            ValueOp("name", node.get("name", xmlid), line),
            ValueOp("type", "qweb", line),
        ]
        if inherit := node.get("inherit_id"):
            found.append(ValueOp("inherit_id", values.ref(values.qualified(inherit, self.module)), line))
        if node.get("active") in ("True", "False"):
            found.append(ValueOp("active", node.get("active") == "True", line))
        if groups := node.get("groups"):
            names = [
                values.ref(values.qualified(group.strip(), self.module))
                for group in groups.split(",")
                if group
            ]
            found.append(ValueOp("groups_id", [[6, 0, names]], line))
        op = RecordOp(
            "ir.ui.view",
            values.qualified(xmlid, self.module),
            found,
            line,
            noupdate,
            _flag(node, "forcecreate", None),
        )
        self.ops.append(op)

    def delete(self, node: Any) -> None:
        model = node.get("model", "")
        if model in KEPT:
            xmlid = node.get("id", "")
            full = values.qualified(xmlid, self.module) if xmlid else ""
            self.ops.append(DeleteOp(model, full, node.get("search", ""), node.sourceline or 0))

    def function(self, node: Any, noupdate: bool) -> None:
        model = node.get("model", "")
        if model not in NOTED:
            return
        args: list[Any] = []
        if expression := node.get("eval"):
            folded = values.fold_eval(expression, self.module)
            args = folded if isinstance(folded, list) else [folded]
        args += [self.argument(child) for child in node.iterchildren(tag=etree.Element)]
        self.ops.append(FunctionOp(model, node.get("name", ""), args, node.sourceline or 0, noupdate))

    def argument(self, node: Any) -> Any:
        if node.tag == "function":
            return values.code(f"{node.get('model')}.{node.get('name')}(...)")
        return self.field_value(node)


def _flag(node: Any, name: str, default: bool | None) -> Any:
    """`nodeattr2bool`: an absent or empty attribute gives the default."""
    text = (node.get(name) or "").strip()
    return text.lower() not in ("0", "false", "off") if text else default
