"""The part of a tree that QWeb does something with: what is the same for everybody is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ostiary.code.pages.expressions import names_in

CALLS = ("t-call", "t-snippet-call")
FORMAT = re.compile(r"(?:#\{(.+?)\})|(?:\{\{(.+?)\}\})", re.DOTALL)
"""An expression in a text, as in `t-attf-href`."""
EVERY = "<every>"
"""Stands for all names: a template whose name is only known at run time may use any."""


@dataclass(slots=True)
class Live:
    """An element with directives. `children` are those below it that have some, whatever stands between."""

    node: Any
    said: dict[str, str]
    children: list[Live]
    get: Callable[[str], str | None] = field(init=False)
    """An attribute; None where it has none of that name."""
    made: tuple[tuple[str, str], ...] = field(init=False)
    """The attributes that are made at run time: `t-att`, `t-att-...` and `t-attf-...`."""

    def __post_init__(self) -> None:
        self.get = self.said.get
        self.made = tuple(one for one in self.said.items() if one[0].startswith("t-att"))


@dataclass(slots=True)
class Body:
    """What a template does: its root, the names that its expressions use, and the templates that it calls by name."""

    root: Live
    names: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)


def body_of(root: Any) -> Body:
    """The part of a tree that QWeb does something with."""
    open_: list[list[Live]] = [[]]
    names: set[str] = set()
    calls: list[str] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            open_.append([])
            continue
        children = open_.pop()
        if node is root or any(name == "groups" or name.startswith("t-") for name in node.attrib):
            one = Live(node, dict(node.attrib), children)
            _use(one.said, names, calls)
            open_[-1].append(one)
        else:
            # Only elements with directives are told apart: `t-else` stands right behind the one it belongs to.
            open_[-1] += children
    return Body(open_[0][0], frozenset(names), calls)


def _use(said: dict[str, str], names: set[str], calls: list[str]) -> None:
    """Note the names that the expressions of an element use, and what it calls."""
    for name, text in said.items():
        if not name.startswith("t-"):
            continue
        if name in CALLS:
            calls.append(text.strip())
            if FORMAT.search(text):
                names.add(EVERY)
        if name in CALLS or name == "t-valuef" or name.startswith("t-attf-"):
            for first, second in FORMAT.findall(text):
                names |= names_in(first or second)
        else:
            names |= names_in(text)
