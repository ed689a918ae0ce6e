"""What updating a module takes back of other modules' changes to its rights, rules and groups.

Updating a module also updates those that depend on it. Odoo then writes the module's own records again, with all the
values that its files give (`models.py`, `_load_records`), and carries out the others' files after it; but what stands
there in a `noupdate` block is passed over when the record exists (`tools/convert.py`, `_tag_record`). A change that was
written in such a block to a record that is in none is therefore gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import in_context, may
from ostiary.audit.asking.places import gives
from ostiary.audit.finding import Severity
from ostiary.audit.rules.overwritten import (
    audiences,
    internal,
    newly_reached,
    right_before,
    right_of,
    rule_before,
    rule_of,
)
from ostiary.audit.weighing.severity import severity
from ostiary.policy.definitions import MODES, AccessRight, Changed, Group, Mode, Overwrite, RecordRule
from ostiary.policy.policy import Policy
from ostiary.prove import Change

_LINKS = frozenset({"groups", "implied"})
_MOST = 100  # rules that are compared by proof


@dataclass(frozen=True, slots=True)
class Undone:
    """A change that is taken back: `changes` are the values that get lost. `opened` are the audiences and modes that
    it kept back and that are let in again, None where that could not be decided."""

    patch: Overwrite
    changes: tuple[Changed, ...]
    definition: AccessRight | RecordRule | Group
    opened: tuple[tuple[str, Mode], ...] | None


def undone(policy: Policy, fields: frozenset[str]) -> Iterator[Undone]:
    """The changes of audited modules to these fields that an update of the record's own module takes back."""
    compared = 0
    for place, one in enumerate(policy.overwrites):
        owner = one.xmlid.partition(".")[0]
        if not one.noupdate or one.origin.module == owner or in_context(policy, one.origin.module):
            continue
        definition = right_of(policy, one.xmlid) or rule_of(policy, one.xmlid) or policy.groups.get(one.xmlid)
        if definition is None or definition.noupdate or definition.origin.module != owner:
            continue
        again = {
            change.field
            for later in policy.overwrites[place + 1 :]
            if later.xmlid == one.xmlid
            for change in later.changes
        }
        lost = tuple(
            _back(change)
            for change in one.changes
            if change.field in fields - again and change.written and change.earlier.module == owner
        )
        if lost:
            compared += isinstance(definition, RecordRule)
            opened = _opened(policy, definition, lost) if compared <= _MOST else None
            yield Undone(one, lost, definition, opened)


def _back(change: Changed) -> Changed:
    """A change with what there is after the update for `before`: links that were added stay beside those that come
    back."""
    if change.field not in _LINKS:
        return change
    names = dict.fromkeys(name for name in (*change.after.split(","), *change.before.split(",")) if name)
    return Changed(change.field, ",".join(names), change.after, change.origin, change.earlier, change.written)


def _opened(
    policy: Policy, now: AccessRight | RecordRule | Group, lost: tuple[Changed, ...]
) -> tuple[tuple[str, Mode], ...] | None:
    if isinstance(now, AccessRight):
        right = right_before(now, lost)
        return () if right is None else tuple(_by_right(policy, right, now))
    if isinstance(now, RecordRule):
        rule = rule_before(now, lost)
        return () if rule is None else _by_rule(policy, rule, now)
    return ()


def _by_right(policy: Policy, right: AccessRight, now: AccessRight) -> Iterator[tuple[str, Mode]]:
    for label in audiences(policy, right.group, now.group):
        for mode in MODES:
            if gives(policy, right, label, mode) and not may(policy, label, right.model, mode):
                yield label, mode


def _by_rule(policy: Policy, rule: RecordRule, now: RecordRule) -> tuple[tuple[str, Mode], ...] | None:
    labels = audiences(policy, *rule.group_names, *now.group_names)
    found = newly_reached(policy, rule.model, [rule], labels, back=True)
    wider = tuple((each.audience, each.mode) for each in found if each.wider)
    return None if not wider and any(each.change is Change.UNKNOWN for each in found) else wider


def graveness(policy: Policy, one: Undone) -> Severity:
    """Medium at most, and low for internal users; information where nobody gets more by it."""
    if isinstance(one.definition, Group) or one.opened is None:
        return Severity.LOW
    model = one.definition.model
    return max((_grave(policy, label, model, mode) for label, mode in one.opened), default=Severity.INFO)


def _grave(policy: Policy, label: str, model: str, mode: Mode) -> Severity:
    if internal(policy, label):
        return min(Severity.LOW, severity(policy, "internal", model, mode))
    return min(Severity.MEDIUM, severity(policy, label, model, mode))
