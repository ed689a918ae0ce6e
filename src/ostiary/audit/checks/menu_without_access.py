"""menu-without-access: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.wording import at_most, audience_words, enumerated, model_ref, model_words, sentence
from ostiary.audit.fields.hiding import is_role
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.definitions import Mode
from ostiary.policy.groups import closure, user_type_conflict
from ostiary.policy.menus import ancestors, checked_model
from ostiary.policy.policy import Policy
from ostiary.policy.rights import may, rights_on
from ostiary.policy.screens import Action, Menu
from ostiary.policy.semantics import INTERNAL
from ostiary.policy.subject import Subject

_SERVER = "ir.actions.server"


@check(
    "menu-without-access",
    "A menu that ends in an access error, or that never shows to those it is for",
    Severity.LOW,
    references=("CWE-840", "OWASP A01:2021"),
    tags=("menus",),
)
def menu_without_access(policy: Policy) -> Iterator[Finding]:
    """Looks for menus whose groups and the access rights behind them contradict each other.

    ## What it does

    Odoo itself hides a menu whose window action, report or server action is on a model that the user may
    not read. Two things are left, and reported:

    - a menu of a server action that is shown, since the model may be read, and that Odoo then refuses to
      run: the action is for other groups, or it is for none and the user may not write the model;
    - a menu for a group of which nobody may read the model, not even through the groups that imply it: it
      never shows.

    A user is taken to hold a group of the menu, one of each menu above it, and nothing else. Menus of
    groups that only switch a feature on are left out, as are models that nobody may read or that were not
    read, and client and URL actions, which have no model.

    ## Why it is bad

    The first sends people to an error, and sooner or later to an administrator who gives them more than
    they need. The second looks as if the group could do what it can't: whoever gives people the group, or
    reviews it, is misled.

    ## Example

    ```xml
    <menuitem id="menu_fines" name="Fines" action="action_fines" groups="library.group_reader"/>
    ```

    where only `library.group_librarian` has an access right on the model of fines.

    ## Use instead

    ```xml
    <menuitem id="menu_fines" name="Fines" action="action_fines" groups="library.group_librarian"/>
    ```

    ## References

    - CWE-840: Business Logic Errors
    - OWASP Top 10 2021, A01: Broken Access Control
    - Odoo documentation: Data Files, Shortcuts (menuitem); Actions
    """
    for menu in policy.menus.values():
        action = policy.actions.get(menu.action or "")
        if not menu.active or action is None or (model := checked_model(action)) is None:
            continue
        if in_context(policy, menu.origin.module) and in_context(policy, action.origin.module):
            continue
        known = policy.models.get(model)
        if known is None or known.unresolved or not rights_on(policy, model, Mode.READ):
            continue
        users = list(_users(policy, menu))
        refused = [one for one in users if _refused(policy, one, action, model)]
        if refused:
            yield _of_action(policy, menu, action, model, refused)
        elif (
            menu.groups and users and not any(_shows(policy, one, model) for one in _all(policy, menu, users))
        ):
            yield _of_menu(policy, menu, action, model)


def _users(policy: Policy, menu: Menu) -> Iterator[Subject]:
    """An internal user for each role that the menu is for, who has just the groups that the menus above it need."""
    wanted = _wanted(policy, menu)
    if not wanted:
        yield Subject(name=INTERNAL, groups=closure(policy, (INTERNAL,)))
        return
    for group in wanted[0]:
        if not is_role(policy, group):
            continue
        held = closure(policy, (group, INTERNAL))
        for names in wanted[1:]:
            if held.isdisjoint(names):
                held |= closure(policy, (names[0],))
        if not user_type_conflict(held):
            yield Subject(name=group, groups=held)


def _wanted(policy: Policy, menu: Menu) -> list[tuple[str, ...]]:
    """The groups of the menu and of those above it: a user needs one of each."""
    chain = (menu.xmlid, *ancestors(policy, menu.xmlid))
    menus = [policy.menus[xmlid] for xmlid in chain if xmlid in policy.menus]
    return [tuple(link.group for link in one.groups) for one in menus if one.groups]


def _refused(policy: Policy, user: Subject, action: Action, model: str) -> bool:
    """Whether Odoo shows the menu of a server action and refuses to run it (`ir.actions.server › run`)."""
    if action.type != _SERVER or may(policy, user, model, Mode.READ) is not True:
        return False
    if action.groups:
        return user.groups.isdisjoint(link.group for link in action.groups)
    return may(policy, user, model, Mode.WRITE) is False


def _all(policy: Policy, menu: Menu, users: list[Subject]) -> Iterator[Subject]:
    """The users, and whoever has a group that brings one of the menu's."""
    yield from users
    names = {link.group for link in menu.groups}
    for group in policy.groups:
        if group not in names and not names.isdisjoint(held := closure(policy, (group,))):
            for user in users:
                yield Subject(name=group, groups=held | user.groups)


def _shows(policy: Policy, user: Subject, model: str) -> bool:
    """Whether the menu is shown to a user, or may be for all that was read."""
    return may(policy, user, model, Mode.READ) is not False


def _of_action(policy: Policy, menu: Menu, action: Action, model: str, refused: list[Subject]) -> Finding:
    labels = tuple("internal" if user.name == INTERNAL else user.name for user in refused)
    groups = [link.group for link in action.groups]
    if groups:
        why = f"the server action {action.xmlid} is for {enumerated(groups, 'or')} only"
        fix = f'Put the groups of the action on the menu, groups="{",".join(groups)}", or let others run the action.'
    else:
        why = f"the server action {action.xmlid} names no groups, and Odoo then asks for write on "
        why += model_words(policy, model)
        fix = (
            f"Name in {action.xmlid} the groups that may run it (its code then runs with their own rights), or "
            "put on the menu a group that may write the model."
        )
    return menu_without_access.finding(
        at=menu.origin,
        subject=menu.xmlid,
        model=model,
        audience=labels,
        message=f"{sentence(audience_words(labels))} see the menu {menu.name}, which ends in an access error: {why}.",
        evidence=[*_said(menu), Evidence(f"it runs {action.xmlid} on {model}", action.origin)],
        fix=fix,
        key=("refused",),
    )


def _of_menu(policy: Policy, menu: Menu, action: Action, model: str) -> Finding:
    names = [link.group for link in menu.groups]
    readers = sorted({right.group or "everybody" for right in rights_on(policy, model, Mode.READ)})
    evidence = [*_said(menu), Evidence(f"it opens {action.xmlid} on {model}", action.origin)]
    evidence += [
        Evidence(f"access right {right.xmlid} lets {right.group} read {model}", right.origin)
        for right in rights_on(policy, model, Mode.READ)[:4]
    ]
    group = names[0]
    return menu_without_access.finding(
        at=menu.origin,
        subject=menu.xmlid,
        model=model,
        audience=tuple(names),
        message=f"The menu {menu.name} never shows to {audience_words(names)}, for whom it is: none of them may read "
        f"{model_words(policy, model)}, and Odoo hides the menu from whoever may not.",
        evidence=evidence,
        fix=f"Put the menu's groups right (the model may be read by {at_most(readers)}), or let {group} read the "
        f"model:\naccess_{menu.xmlid.partition('.')[2]},{menu.name},{model_ref(policy, model, menu.origin.module)},"
        f"{group},1,0,0,0",
        key=("never",),
    )


def _said(menu: Menu) -> list[Evidence]:
    whom = enumerated([link.group for link in menu.groups]) or "whoever sees the menu above it"
    return [Evidence(f"menu {menu.xmlid} is for {whom}", menu.origin)]
