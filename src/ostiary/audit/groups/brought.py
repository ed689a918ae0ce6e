"""What groups bring by access rights alone: which models they open, and how grave that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from ostiary.audit.asking.facts import has_records, is_transient
from ostiary.audit.asking.wording import at_most, enumerated
from ostiary.audit.finding import Severity
from ostiary.audit.weighing.sensitivity import PRIVILEGES
from ostiary.audit.weighing.severity import severity
from ostiary.policy.definitions import MODES, AccessRight, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

Opened = tuple[tuple[str, tuple[Mode, ...]], ...]
_NAMED = 3
# Templates are shown and sent, the rest decides what others may do or what code is run.
_TEMPLATES = frozenset({"ir.ui.view", "mail.template"})


def brought(policy: Policy, groups: Collection[str], beside: Collection[str] = ()) -> Opened:
    """The modes on models that groups open which `beside` (groups held anyhow) doesn't, by model.

    Both are closed sets. Wizards are left out: what they may do is decided by what they work on.
    """
    mine = _modes(policy, groups)
    theirs = _modes(policy, (*beside, None))
    found = {
        model: tuple(mode for mode in MODES if mode in modes - theirs.get(model, set()))
        for model, modes in mine.items()
    }
    return tuple(sorted((model, modes) for model, modes in found.items() if modes))


def gravest_first(policy: Policy, opened: Opened) -> Opened:
    """The same, what is gravest for every internal user to have in front."""
    return tuple(sorted(opened, key=lambda item: (-_gravity(policy, *item).rank, item[0])))


def gravity(policy: Policy, opened: Opened) -> Severity:
    """How grave it is that every internal user has these modes."""
    return max((_gravity(policy, *item) for item in opened), default=Severity.INFO)


def widened(policy: Policy, groups: Collection[str], beside: Collection[str] = ()) -> tuple[str, ...]:
    """The models whose group rules show more to these groups than to `beside`, which has rules of its own on them."""
    mine, theirs = frozenset(groups), frozenset(beside)
    return tuple(
        model
        for model, rules in sorted(policy.rules_by_model.items())
        if any(not theirs.isdisjoint(rule.group_names) for rule in rules)
        and any(
            not mine.isdisjoint(rule.group_names) and theirs.isdisjoint(rule.group_names) for rule in rules
        )
    )


def said(opened: Opened, more: Sequence[str] = ()) -> str:
    """`change library.loan and library.fine and read library.card`, or how many more there are.

    `more` are models of which other records are reached.
    """
    named = opened[:_NAMED]
    changed = [model for model, modes in named if any(mode is not Mode.READ for mode in modes)]
    read = [model for model, modes in named if modes == (Mode.READ,)]
    parts = [
        f"{verb} {enumerated(models)}" for verb, models in (("change", changed), ("read", read)) if models
    ]
    others = len(opened) - _NAMED
    if others > 0:
        parts.append(f"use {others} model{'s' if others > 1 else ''} more")
    if more:
        parts.append(f"reach more records of {at_most(more, _NAMED)}")
    return enumerated(parts)


def decides(model: str, modes: Iterable[Mode]) -> bool:
    """Whether whoever may do this decides what others may do, or which code is run."""
    writes = any(mode is not Mode.READ for mode in modes)
    return writes and model in PRIVILEGES and model not in _TEMPLATES


def _gravity(policy: Policy, model: str, modes: tuple[Mode, ...]) -> Severity:
    if decides(model, modes):
        return Severity.HIGH
    return max(severity(policy, "internal", model, mode) for mode in modes)


def _modes(policy: Policy, groups: Collection[str | None]) -> dict[str, set[Mode]]:
    rights = _by_group(policy)
    found: dict[str, set[Mode]] = defaultdict(set)
    for group in groups:
        for right in rights.get(group, ()):
            found[right.model].update(right.modes)
    return found


def _by_group(policy: Policy) -> dict[str | None, list[AccessRight]]:
    def build() -> dict[str | None, list[AccessRight]]:
        found: dict[str | None, list[AccessRight]] = defaultdict(list)
        for right in policy.rights:
            if right.active and has_records(policy, right.model) and not is_transient(policy, right.model):
                found[right.group].append(right)
        return found

    return remembered(policy, ("audit rights by group",), build)
