"""Record rules: which of them bind a subject.

Source: `ir.rule._get_rules` and `_compute_domain`. `effective` says what they leave of a model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.logic import any_of
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.subject import Subject, holds


class ApplicableRules(msgspec.Struct, frozen=True):
    """The active rules of one model and mode that bind a subject.

    `group` are those of a group the subject holds, `global_` those of no group. `parents` are the rules of
    the models that the model delegates to. `uncertain` may bind, or not: their groups, the subject's, or
    another of their values aren't all known. One that binds as it was read is among the others too.
    """

    group: tuple[RecordRule, ...] = ()
    global_: tuple[RecordRule, ...] = ()
    parents: tuple[ParentRules, ...] = ()
    uncertain: tuple[RecordRule, ...] = ()

    def everywhere(self) -> Iterator[RecordRule]:
        """All the rules that bind for certain, those of parents included."""
        yield from (*self.group, *self.global_)
        for parent in self.parents:
            yield from parent.rules.everywhere()


class ParentRules(msgspec.Struct, frozen=True):
    """The rules of an `_inherits` parent, reached over the field `link`."""

    model: str
    link: str
    rules: ApplicableRules


def applicable(policy: Policy, subject: Subject, model: str, mode: Mode) -> ApplicableRules:
    """The rules that bind the subject, as `ir.rule._get_rules` does, and those of `_inherits` parents.

    Rules of groups the subject lacks do not restrict. The superuser is bound by none.
    """
    return ApplicableRules() if subject.superuser else _applicable(policy, subject, model, mode, (model,))


def _applicable(
    policy: Policy, subject: Subject, model: str, mode: Mode, path: tuple[str, ...]
) -> ApplicableRules:
    group, everybody, uncertain = [], [], []
    for rule in _unsettled(policy, model):
        if not rule.active or mode not in rule.modes:
            uncertain.append(rule)
    for rule in policy.rules_by_model.get(model, ()):
        if mode not in rule.modes:
            continue
        held = _binds(policy, subject, rule)
        if rule.is_global:
            everybody.append(rule)
        elif held:
            group.append(rule)
        if held is None or rule.groups_uncertain or rule.uncertain:
            uncertain.append(rule)
    parents = tuple(
        ParentRules(parent, link, _applicable(policy, subject, parent, mode, (*path, parent)))
        for parent, link in parents_of(policy, model).items()
        if parent not in path
    )
    return ApplicableRules(tuple(group), tuple(everybody), parents, tuple(uncertain))


def _unsettled(policy: Policy, model: str) -> tuple[RecordRule, ...]:
    """The rules of the model, archived ones too, that a value which could not be read may change."""

    def index() -> dict[str, tuple[RecordRule, ...]]:
        found: dict[str, list[RecordRule]] = defaultdict(list)
        for rule in policy.rules:
            if rule.uncertain:
                found[rule.model].append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    return remembered(policy, ("uncertain rules",), index).get(model, ())


def _binds(policy: Policy, subject: Subject, rule: RecordRule) -> bool | None:
    if rule.is_global:
        return True
    return any_of(holds(policy, subject, name) for name in rule.group_names)


def parents_of(policy: Policy, model: str) -> dict[str, str]:
    """The models a model delegates to and the field that links to each, those it takes from mixins included.

    From 19 on a parent whose link is not stored is left out, as `ir.rule._compute_domain` does.
    """

    def find() -> dict[str, str]:
        found: dict[str, str] = {}
        seen: set[str] = set()
        todo = [model]
        while todo:
            definition = policy.models.get(todo.pop(0))
            if definition is None or definition.name in seen:
                continue
            seen.add(definition.name)
            for parent, link in definition.inherits.items():
                found.setdefault(parent, link)
            todo.extend(definition.inherit)
        fields = policy.models[model].fields if model in policy.models else {}
        return {
            parent: link
            for parent, link in found.items()
            if not (policy.semantics.stored_links_only and link in fields and not fields[link].store)
        }

    return remembered(policy, ("parents", model), find)
