"""Menus: which of them a subject sees. A menu hides; it protects nothing.

Source: `ir.ui.menu._visible_menu_ids` and `load_menus`. A menu with an action is visible where its groups let
it be and the action's model may be read; a folder is visible where something below it is.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from ostiary.policy.definitions import Mode
from ostiary.policy.groups import DEBUG_GROUP
from ostiary.policy.logic import any_of
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import may
from ostiary.policy.screens import Action, Menu
from ostiary.policy.subject import Subject, holds

MENU_MODEL = "ir.ui.menu"
CHECKED_ACTIONS = ("ir.actions.act_window", "ir.actions.report", "ir.actions.server")


class MenuVisibility(msgspec.Struct, frozen=True):
    """What a subject sees of the menus: certainly, and perhaps (something that decides it was not read)."""

    visible: frozenset[str]
    unknown: frozenset[str]


def visible_menus(policy: Policy, subject: Subject, debug: bool = False) -> frozenset[str]:
    """The external ids of the menus the subject certainly sees, as `_visible_menu_ids` has them.

    Empty for users who may not read `ir.ui.menu` (portal and public users: Odoo raises). What depends on
    something that was not read is left out; `menu_visibility` names it.
    """
    return menu_visibility(policy, subject, debug).visible


def menu_visibility(policy: Policy, subject: Subject, debug: bool = False) -> MenuVisibility:
    """The menus the subject sees, and those for which it can't be told."""

    def find() -> MenuVisibility:
        visible = _visible(policy, subject, debug, unknown=False)
        return MenuVisibility(visible, _visible(policy, subject, debug, unknown=True) - visible)

    return remembered(policy, ("menus", subject.groups, subject.superuser, subject.name, debug), find)


def shown_menus(policy: Policy, subject: Subject, debug: bool = False) -> frozenset[str]:
    """The visible menus that hang below a visible top menu: what the web client shows (`load_menus`)."""
    visible = visible_menus(policy, subject, debug)
    return frozenset(xmlid for xmlid in visible if all(up in visible for up in ancestors(policy, xmlid)))


def _visible(policy: Policy, subject: Subject, debug: bool, *, unknown: bool) -> frozenset[str]:
    """The visible menus if all that is unknown came out as `unknown`."""

    def settle(verdict: bool | None) -> bool:
        return unknown if verdict is None else verdict

    if not settle(may(policy, subject, MENU_MODEL, Mode.READ)):
        return frozenset()
    kept = {
        xmlid
        for xmlid, menu in policy.menus.items()
        if menu.active and settle(groups_allow(policy, subject, menu, debug))
    }
    passable = (
        kept
        if policy.semantics.menu_through_actions
        else {xmlid for xmlid in kept if policy.menus[xmlid].action is None}
    )
    visible: set[str] = set()
    for xmlid in kept:
        if policy.menus[xmlid].action is not None and settle(opens(policy, subject, policy.menus[xmlid])):
            visible.add(xmlid)
            for up in ancestors(policy, xmlid):
                if up not in passable:
                    break
                visible.add(up)
    return frozenset(visible)


def groups_allow(policy: Policy, subject: Subject, menu: Menu, debug: bool = False) -> bool | None:
    """Whether the menu has no groups or the subject holds one; `base.group_no_one` counts in debug mode."""
    names = [link.group for link in menu.groups]
    if not names:
        return True
    return any_of(holds(policy, subject, name) for name in names if debug or name != DEBUG_GROUP)


def opens(policy: Policy, subject: Subject, menu: Menu) -> bool | None:
    """Whether the model behind the menu's action may be read by access rights; record rules play no part.

    An action without a model, a client action or a URL always opens. None where the action was not read.
    """
    if menu.action is None:
        return False
    action = policy.actions.get(menu.action)
    if action is None:
        return None
    model = checked_model(action)
    return True if model is None else may(policy, subject, model, Mode.READ)


def checked_model(action: Action) -> str | None:
    """The model whose access rights decide whether a menu shows this action."""
    return action.model if action.type in CHECKED_ACTIONS else None


def ancestors(policy: Policy, xmlid: str) -> tuple[str, ...]:
    """The menus above one, nearest first, up to an unread parent or where a cycle closes."""
    found: list[str] = []
    menu = policy.menus.get(xmlid)
    while menu is not None and menu.parent is not None and menu.parent not in found and menu.parent != xmlid:
        found.append(menu.parent)
        menu = policy.menus.get(menu.parent)
    return tuple(found)


def children(policy: Policy, xmlid: str) -> tuple[str, ...]:
    """The menus directly below one, in Odoo's order: by sequence, then as defined."""

    def index() -> dict[str, tuple[str, ...]]:
        found: dict[str, list[Menu]] = defaultdict(list)
        for menu in policy.menus.values():
            if menu.parent is not None:
                found[menu.parent].append(menu)
        return {
            parent: tuple(menu.xmlid for menu in sorted(menus, key=lambda menu: menu.sequence))
            for parent, menus in found.items()
        }

    return remembered(policy, ("children",), index).get(xmlid, ())
