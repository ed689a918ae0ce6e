"""Reasons about fields and menus: field groups, and why a menu is seen or not."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.policy.definitions import Mode
from ostiary.policy.fields import FieldGroups, UnknownField, field_groups, may_use, models_behind
from ostiary.policy.groups import DEBUG_GROUP, named_groups
from ostiary.policy.menus import (
    MENU_MODEL,
    ancestors,
    checked_model,
    children,
    groups_allow,
    menu_visibility,
    opens,
)
from ostiary.policy.policy import Policy
from ostiary.policy.reasons import Reason, group_reason, rights_reason
from ostiary.policy.rights import may
from ostiary.policy.screens import Menu
from ostiary.policy.subject import Subject


def field_reason(
    policy: Policy, subject: Subject, model: str, field: str, mode: Mode, *, debug: bool
) -> Reason:
    """What field groups say of a field; the model's rights and rules come on top of it."""
    name = f"{model}.{field}"
    try:
        guard = field_groups(policy, model, field)
    except UnknownField:
        text = f"Field {field} of {model} was not read, so its groups are not known."
        return Reason("field-groups", None, text, name)
    origin = guard.field.origin if guard.field else None
    if mode is Mode.CREATE and guard.spec and not policy.semantics.field_groups_on_create:
        text = f"Odoo {policy.odoo} does not check the groups {guard.spec!r} of {name} on create."
        return Reason("field-groups", True, text, name, origin)
    verdict = may_use(policy, subject, model, field, debug)
    return Reason(
        "field-groups",
        verdict,
        _field_text(subject, name, guard, verdict),
        name,
        origin,
        children=tuple(_spec_reasons(policy, subject, guard.spec, debug)),
    )


def _field_text(subject: Subject, name: str, guard: FieldGroups, verdict: bool | None) -> str:
    if guard.field is not None and guard.field.groups_unread:
        return f"Field {name} may have groups: they are said in Python, and that was not read."
    if not guard.known:
        return f"Field {name} takes its groups from a field that was not read."
    if not guard.spec:
        return f"Field {name} has no groups: whoever may use the record may use it."
    if guard.spec == ".":
        return f"Field {name} has the groups '.', which close it to everybody but the superuser."
    owner = f"{guard.owner}.{guard.field.name}" if guard.field else name
    has = f"has the groups {guard.spec!r}" if owner == name else f"takes the groups {guard.spec!r} of {owner}"
    outcome = {True: "meets", False: "does not meet", None: "may meet"}[verdict]
    return f"Field {name} {has}, which {subject.phrase} {outcome}."


def _spec_reasons(policy: Policy, subject: Subject, spec: str | None, debug: bool) -> Iterator[Reason]:
    vetoes = {part.strip()[1:] for part in (spec or "").split(",") if part.strip().startswith("!")}
    for name in named_groups(spec):
        yield _counted(policy, subject, name, debug, veto=name in vetoes)


def _counted(policy: Policy, subject: Subject, name: str, debug: bool, *, veto: bool = False) -> Reason:
    """Whether a group a specification names speaks for the subject."""
    if name == DEBUG_GROUP and not debug:
        text = f"{name} counts in debug mode only."
        return Reason("group", veto, text, name)
    reason = group_reason(policy, subject, name)
    if not veto:
        return reason
    against = None if reason.verdict is None else not reason.verdict
    text = f"{reason.text[:-1]}, whose members are left out."
    return Reason("group", against, text, name, children=reason.children)


def behind_reasons(policy: Policy, subject: Subject, model: str, field: str, mode: Mode) -> Iterator[Reason]:
    """Whether the subject has the access rights on the other models that the field's value comes from."""
    for behind in models_behind(policy, model, field):
        verdict = may(policy, subject, behind.model, mode)
        text = f"Field {model}.{field} is kept by {behind.model}, at {behind.path}, whose access rights count too."
        why = rights_reason(policy, subject, behind.model, mode)
        yield Reason("behind", verdict, text, behind.model, children=(why,))


# ------------------------------------------------------------------------------------ menus


def menu_reasons(policy: Policy, subject: Subject, xmlid: str, debug: bool = False) -> Iterator[Reason]:
    """Why a menu is seen or not: the right to read menus, its groups, what it opens, the menus above."""
    if may(policy, subject, MENU_MODEL, Mode.READ) is not True:
        yield rights_reason(policy, subject, MENU_MODEL, Mode.READ)
    menu = policy.menus[xmlid]
    yield _menu_groups(policy, subject, menu, debug)
    yield _menu_content(policy, subject, menu, debug)
    yield from _menu_above(policy, subject, menu, debug)


def _menu_groups(policy: Policy, subject: Subject, menu: Menu, debug: bool) -> Reason:
    if not menu.active:
        return Reason("menu-archived", False, f"Menu {menu.xmlid} is archived.", menu.xmlid, menu.origin)
    if not menu.groups:
        text = f"Menu {menu.xmlid} has no groups."
        return Reason("menu-groups", True, text, menu.xmlid, menu.origin)
    verdict = groups_allow(policy, subject, menu, debug)
    verb = {True: "holds one", False: "holds none", None: "may hold one"}[verdict]
    names = [link.group for link in menu.groups]
    when = " outside debug mode" if DEBUG_GROUP in names and not debug else ""
    text = f"Menu {menu.xmlid} is for {', '.join(names)}; {subject.phrase} {verb} that counts{when}."
    if not when:
        text = f"Menu {menu.xmlid} is for {', '.join(names)}; {subject.phrase} {verb} of them."
    each = tuple(_counted(policy, subject, name, debug) for name in names)
    return Reason("menu-groups", verdict, text, menu.xmlid, menu.origin, children=each)


def _menu_content(policy: Policy, subject: Subject, menu: Menu, debug: bool) -> Reason:
    if menu.action is None:
        return _folder(policy, subject, menu, debug)
    action = policy.actions.get(menu.action)
    if action is None:
        text = f"Menu {menu.xmlid} opens {menu.action}, which was not read."
        return Reason("menu-action", None, text, menu.action, menu.origin)
    verdict = opens(policy, subject, menu)
    model = checked_model(action)
    if model is None:
        text = f"Menu {menu.xmlid} opens {menu.action}, which needs no access right."
        return Reason("menu-action", verdict, text, menu.action, action.origin)
    text = f"Menu {menu.xmlid} opens {menu.action} on {model}, which must be readable."
    why = rights_reason(policy, subject, model, Mode.READ)
    return Reason("menu-action", verdict, text, menu.action, action.origin, children=(why,))


def _folder(policy: Policy, subject: Subject, menu: Menu, debug: bool) -> Reason:
    found = menu_visibility(policy, subject, debug)
    below = [child for child in children(policy, menu.xmlid) if child in found.visible]
    perhaps = [child for child in children(policy, menu.xmlid) if child in found.unknown]
    if below:
        text = f"Menu {menu.xmlid} is a folder, and {below[0]} in it is visible."
    elif perhaps:
        text = f"Menu {menu.xmlid} is a folder, and whether {perhaps[0]} in it is visible is not known."
    else:
        text = f"Menu {menu.xmlid} is a folder, and nothing in it is visible."
    verdict = True if below else None if perhaps else False
    return Reason("menu-folder", verdict, text, menu.xmlid, menu.origin)


def _menu_above(policy: Policy, subject: Subject, menu: Menu, debug: bool) -> Iterator[Reason]:
    """The menus above that keep this one from being reached: not those that merely have nothing else to show."""
    found = menu_visibility(policy, subject, debug)
    itself = menu.xmlid in found.visible or menu.xmlid in found.unknown
    for up in ancestors(policy, menu.xmlid):
        parent = policy.menus.get(up)
        if parent is None:
            text = f"Menu {up}, above {menu.xmlid}, was not read."
            yield Reason("menu-above", None, text, up, menu.origin)
            continue
        groups = _menu_groups(policy, subject, parent, debug)
        if up in found.visible or (groups.verdict is True and not itself):
            continue
        verdict = None if up in found.unknown else False
        outcome = "may not be visible" if verdict is None else "is not visible"
        text = f"Menu {up}, above {menu.xmlid}, {outcome} to {subject.phrase}."
        why = groups if groups.verdict is not True else _menu_content(policy, subject, parent, debug)
        yield Reason("menu-above", verdict, text, up, parent.origin, children=(why,))
