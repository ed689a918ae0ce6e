"""Which modules are there wherever a module is installed: what it depends on, and what Odoo installs along with it."""

from __future__ import annotations

import msgspec

from ostiary.audit.rules.overwritten import right_before, rule_before
from ostiary.policy.definitions import Module
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy


def installed_with(policy: Policy, name: str) -> frozenset[str] | None:
    """The modules that any database has which has this one, itself included.

    These are what it depends on at any distance, and modules with `auto_install` all of whose triggers are among them
    (not those meant for some countries). None where that can't be told: a module it depends on was not read.
    """
    return remembered(policy, ("audit installed with", name), lambda: _installed_with(policy, name))


def _installed_with(policy: Policy, name: str) -> frozenset[str] | None:
    found: set[str] = set()
    if not _add(policy, found, name):
        return None
    grown = True
    while grown:
        grown = False
        for module in _automatic(policy):
            if module.name in found or not found.issuperset(module.triggers or module.depends):
                continue
            grown = True
            if not _add(policy, found, module.name):
                return None
    return frozenset(found)


def _automatic(policy: Policy) -> tuple[Module, ...]:
    return remembered(
        policy,
        ("audit automatic modules",),
        lambda: tuple(
            module
            for module in policy.modules.values()
            if module.auto_install and module.installable and not module.countries
        ),
    )


def _add(policy: Policy, found: set[str], name: str) -> bool:
    """Add a module and all it depends on; whether all of them were read."""
    waiting = [name, "base"]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        module = policy.modules.get(one)
        if module is None:
            return False
        found.add(one)
        waiting.extend(module.depends)
    return True


def only(policy: Policy, names: frozenset[str]) -> Policy:
    """What decides about access in a database that has these modules alone: rights, rules and implied groups.

    What another module changed about them is undone. Models keep the fields of all modules, which is of no matter to
    the rules that are left.
    """
    return remembered(policy, ("audit only", names), lambda: _only(policy, names))


def _only(policy: Policy, names: frozenset[str]) -> Policy:
    rights = {one.xmlid: one for one in policy.rights if one.origin.module in names}
    rules = {one.xmlid: one for one in policy.rules if one.origin.module in names}
    for change in reversed(policy.overwrites):
        if change.origin.module in names or change.deleted:
            continue
        if (right := rights.get(change.xmlid)) is not None:
            rights[change.xmlid] = right_before(right, change.changes) or right
        elif (rule := rules.get(change.xmlid)) is not None:
            rules[change.xmlid] = rule_before(rule, change.changes) or rule
    groups = {
        name: msgspec.structs.replace(
            group, implies=tuple(link for link in group.implies if link.origin.module in names)
        )
        for name, group in policy.groups.items()
    }
    return msgspec.structs.replace(
        policy, rights=list(rights.values()), rules=list(rules.values()), groups=groups
    )
