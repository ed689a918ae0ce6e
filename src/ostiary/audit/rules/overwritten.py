"""What an access right or a record rule said before a later place changed it, and who reaches more since then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

import msgspec

from ostiary.audit.asking.facts import group_of
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.proofs import prover_of
from ostiary.audit.finding import Severity
from ostiary.audit.rules.openings import held_by
from ostiary.audit.weighing.severity import severity
from ostiary.domain import Domain
from ostiary.policy.audience import share_groups
from ostiary.policy.definitions import MODES, AccessRight, Changed, GroupLink, Mode, Overwrite, RecordRule
from ostiary.policy.effective import effective
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.policy.subject import Subject
from ostiary.prove import Change, Difference

_LABELS = {PORTAL: "portal", PUBLIC: "public"}
_UNKNOWN_MODEL = "model_id"


def right_of(policy: Policy, xmlid: str) -> AccessRight | None:
    """The access right of an external id, as it ended up."""
    return remembered(policy, ("audit rights by id",), lambda: {one.xmlid: one for one in policy.rights}).get(
        xmlid
    )


def rule_of(policy: Policy, xmlid: str) -> RecordRule | None:
    """The record rule of an external id, as it ended up."""
    return remembered(policy, ("audit rules by id",), lambda: {one.xmlid: one for one in policy.rules}).get(
        xmlid
    )


def right_before(right: AccessRight, changes: tuple[Changed, ...]) -> AccessRight | None:
    """What a right said before some changes; None where it was about another model."""
    before = {change.field: change.before for change in changes}
    if _other_model(changes):
        return None
    return msgspec.structs.replace(
        right,
        group=(before["group_id"] or None) if "group_id" in before else right.group,
        modes=_modes(before, right.modes, unset=False),
        active=_flag(before.get("active"), right.active, unset=True),
    )


def rule_before(rule: RecordRule, changes: tuple[Changed, ...]) -> RecordRule | None:
    """What a rule said before some changes; None where it was about another model."""
    before = {change.field: change.before for change in changes}
    if _other_model(changes):
        return None
    groups = rule.groups
    if "groups" in before:
        named = [name for name in before["groups"].split(",") if name]
        groups = tuple(GroupLink(group=name, origin=rule.origin) for name in named)
    return msgspec.structs.replace(
        rule,
        domain_force=before.get("domain_force", rule.domain_force),
        groups=groups,
        modes=_modes(before, rule.modes, unset=True),
        active=_flag(before.get("active"), rule.active, unset=True),
    )


def _other_model(changes: tuple[Changed, ...]) -> bool:
    """Whether the record was about another model; each module that extends a model has a name of its own for it."""
    return any(
        change.field == _UNKNOWN_MODEL and change.before.partition(".")[2] != change.after.partition(".")[2]
        for change in changes
    )


def same_model(one: Overwrite) -> bool:
    """Whether the later place is about the same model as the earlier one."""
    return not _other_model(one.changes)


def _flag(text: str | None, now: bool, *, unset: bool) -> bool:
    if text is None:
        return now
    return unset if text == "" else text == "1"


def _modes(before: dict[str, str], now: tuple[Mode, ...], *, unset: bool) -> tuple[Mode, ...]:
    return tuple(mode for mode in MODES if _flag(before.get(f"perm_{mode}"), mode in now, unset=unset))


def audiences(policy: Policy, *groups: str | None) -> tuple[str, ...]:
    """Share users, internal users and some groups, as findings call them, the widest first."""
    shares = [_LABELS.get(group, group) for group in share_groups(policy)]
    named = sorted({group for group in groups if group} - set(share_groups(policy)) - {INTERNAL})
    return (*dict.fromkeys(["public", "portal", *shares]), INTERNAL, *named)


def newly_reached(
    policy: Policy, model: str, rules: Sequence[RecordRule], labels: Sequence[str], *, back: bool = False
) -> list[Difference]:
    """What each audience reaches of a model, and would not with `rules` in the place of those of their names.

    A rule of a name that there is not stands beside the others. Also what can't be decided, since that is not known to
    be in order. Modes that Odoo tests alike share an answer. With `back`, the other way round: what each would reach
    with `rules`, and does not.
    """
    new = prover_of(policy)
    old = _with_rules(new.policy, model, rules)
    questions: dict[object, list[tuple[str, Mode]]] = {}
    for label in labels:
        for mode in MODES:
            domains = _domain(old, label, model, mode), _domain(new.policy, label, model, mode)
            if domains[0] != domains[1]:
                sort = label == "public", internal(policy, label), mode is Mode.READ
                questions.setdefault((*domains, *sort), []).append((label, mode))
    if not questions:
        return []
    found = []
    from ostiary.audit.asking.asked import Asked  # with a solver, which takes long to import
    from ostiary.prove.difference import Comparison

    with closing(Asked(old)) as before:
        comparison = Comparison(new, before) if back else Comparison(before, new)
        for same in questions.values():
            said = comparison.of(*_asked(same[0], model))
            if said.change not in (Change.LESS, Change.EQUIVALENT):
                found += [msgspec.structs.replace(said, audience=label, mode=mode) for label, mode in same]
    return found


def _asked(one: tuple[str, Mode], model: str) -> tuple[str, str, Mode]:
    return one[0], model, one[1]


def _with_rules(policy: Policy, model: str, rules: Sequence[RecordRule]) -> Policy:
    """The part of a policy that decides about one model, with some rules as they are given."""
    about = {model}
    waiting = [model]
    while waiting:
        for parent in parents_of(policy, waiting.pop()):
            if parent not in about:
                about.add(parent)
                waiting.append(parent)
    names = {rule.xmlid for rule in rules}
    kept = [rule for rule in policy.rules if rule.model in about and rule.xmlid not in names]
    rights = [right for right in policy.rights if right.model in about]
    return msgspec.structs.replace(policy, rules=[*kept, *rules], rights=rights)


def _domain(policy: Policy, label: str, model: str, mode: Mode) -> Domain:
    subject = Subject(name=label, groups=held_by(policy, group_of(label) or label))
    return effective(policy, subject, model, mode).domain


def graveness(policy: Policy, found: Difference) -> Severity:
    """How grave it is that an audience reaches more than it did: information where that is only its own."""
    label = "internal" if internal(policy, found.audience) else found.audience
    grave = severity(policy, label, found.model, found.mode)
    left = limit(policy, found.audience, found.model, found.mode) if found.wider else Limit.NONE
    if left is Limit.CONDITION:
        return min(grave, Severity.MEDIUM)
    return Severity.INFO if left is Limit.OWN else grave


def internal(policy: Policy, label: str) -> bool:
    """Whether an audience is one of internal users: whoever has no user type of their own is one."""
    return INTERNAL in held_by(policy, group_of(label) or label)


def shown(policy: Policy, labels: Iterable[str]) -> tuple[str, ...]:
    """Audiences as a finding names them, each once; groups of internal users go without saying where all are meant."""
    found = tuple(dict.fromkeys(labels))
    if INTERNAL in found:
        found = tuple(one for one in found if one == INTERNAL or not internal(policy, one))
    return tuple("internal" if one == INTERNAL else one for one in found)
