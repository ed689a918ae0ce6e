"""The nouns of what users see: actions, menus and views."""

from __future__ import annotations

import msgspec

from ostiary.policy.definitions import Definition, GroupLink
from ostiary.policy.origin import Origin


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


class Hide(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An element of a view that is shown to some groups only; that hides it, and does not protect what it shows.

    `element` is its tag (`field`, `button`, `page`, ...), `name` its `name`; `path` leads from the view's model to the
    model of the element (`order_line` for a column of a list inside a form). `groups` is the text of the attribute.
    `fields` are the fields of that model shown at it or below it.
    """

    element: str
    name: str
    groups: str
    origin: Origin
    path: str = ""
    fields: tuple[str, ...] = ()


class View(Definition, kw_only=True, gc=False):
    """An `ir.ui.view` record, without its arch. Groups on it hide; they don't protect.

    `hides` are the elements in its arch that are for some groups only. `shows` are the fields that it shows outside of
    these, `masked` those that it shows as a password; both by the path from its model (`order_line.price_unit`). Of a
    view that another one extends, what that one restricts to groups is left out of `shows`.
    """

    xmlid: str
    name: str = ""
    type: str = ""
    model: str | None = None
    inherit: str | None = None
    groups: tuple[GroupLink, ...] = ()
    hides: tuple[Hide, ...] = ()
    shows: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    active: bool = True
