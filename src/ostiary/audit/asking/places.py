"""The line to change: an access right or record rule may have been changed by a later place than the one that made it.

`origin` of a definition is where it was made first. What a finding is about may have come with a patch, of another
module or of the same one; then that is the line to change, and its module the one that can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ostiary.audit.asking.facts import group_of, groups_held
from ostiary.audit.finding import Evidence
from ostiary.audit.rules.overwritten import right_before, rule_before
from ostiary.policy.definitions import AccessRight, Changed, Mode, Overwrite, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy


def place_of(policy: Policy, right: AccessRight, labels: Collection[str], modes: Collection[Mode]) -> Origin:
    """The last place that made a right give some audience one of some modes; where it was made, if none did since."""
    wanted = [(label, mode) for label in labels for mode in modes]
    after: AccessRight = right
    for one in patches(policy, right.xmlid):
        before = right_before(after, one.changes)
        if before is None:
            return _at(one, "model_id")
        if any(gives(policy, after, *each) and not gives(policy, before, *each) for each in wanted):
            fields = ["group_id"] if before.group != after.group else []
            new = [f"perm_{mode}" for mode in after.modes if mode not in before.modes]
            return _at(one, *fields, *new, "active")
        after = before
    return right.origin


def place_of_rule(policy: Policy, rule: RecordRule, labels: Iterable[str]) -> Origin:
    """The last place that made a rule say what it says to some audience: its domain, or that it binds them at all."""
    held = frozenset[str]().union(*(groups_held(policy, label) for label in labels if group_of(label)))
    after: RecordRule = rule
    for one in patches(policy, rule.xmlid):
        before = rule_before(after, one.changes)
        if before is None:
            return _at(one, "model_id")
        fields = []
        if before.domain_force != after.domain_force:
            fields.append("domain_force")
        bound = [not known.groups or not held.isdisjoint(known.group_names) for known in (before, after)]
        if bound[1] and not bound[0]:
            fields.append("groups")
        if after.active and not before.active:
            fields.append("active")
        fields += [f"perm_{mode}" for mode in after.modes if mode not in before.modes]
        if fields:
            return _at(one, *fields)
        after = before
    return rule.domain_origin or rule.origin


def gives(policy: Policy, right: AccessRight, label: str, mode: Mode) -> bool:
    """Whether a right, taken by itself, gives an audience a mode."""
    if not right.active or mode not in right.modes:
        return False
    return right.group is None or right.group in groups_held(policy, label)


def made_otherwise(definition: AccessRight | RecordRule, place: Origin) -> Iterator[Evidence]:
    """That what a definition says now comes from another place than the one that made it."""
    if place.path != definition.origin.path or place.module != definition.origin.module:
        yield Evidence(f"{place.module or place.path} changed {definition.xmlid} so, here", place)


def patches(policy: Policy, xmlid: str) -> tuple[Overwrite, ...]:
    """The places that changed a definition since it was made (again), the last one first."""

    def find() -> dict[str, list[Overwrite]]:
        found: dict[str, list[Overwrite]] = {}
        for one in policy.overwrites:
            if one.deleted:
                found.pop(one.xmlid, None)
            elif one.changes:
                found.setdefault(one.xmlid, []).insert(0, one)
        return found

    return tuple(remembered(policy, ("audit patches",), find).get(xmlid, ()))


def _at(one: Overwrite, *fields: str) -> Origin:
    """The place of the first of some fields that a patch changed."""
    by_field: dict[str, Changed] = {change.field: change for change in one.changes}
    return next((by_field[name].origin for name in fields if name in by_field), one.origin)
