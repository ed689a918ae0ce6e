"""The nouns of what users see: actions, menus and views."""

from __future__ import annotations

from ostiary.policy.definitions import Definition, GroupLink


class Action(Definition, kw_only=True, gc=False):
    """A window, server, report, client or URL action: what a menu opens, on which model, shown to whom."""

    xmlid: str
    type: str
    name: str = ""
    model: str | None = None
    domain: str | None = None
    groups: tuple[GroupLink, ...] = ()


class Menu(Definition, kw_only=True, gc=False):
    """An `ir.ui.menu` record. `action` is the external id of an action, None for a folder."""

    xmlid: str
    name: str = ""
    parent: str | None = None
    action: str | None = None
    groups: tuple[GroupLink, ...] = ()
    active: bool = True
    sequence: int = 10


class View(Definition, kw_only=True, gc=False):
    """An `ir.ui.view` record, without its arch. Groups on it hide; they don't protect."""

    xmlid: str
    name: str = ""
    type: str = ""
    model: str | None = None
    inherit: str | None = None
    groups: tuple[GroupLink, ...] = ()
    active: bool = True
