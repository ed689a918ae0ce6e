"""Real users: which groups they hold beyond their user type, and what these let them do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ostiary.audit.asking.facts import EXPOSED, has_records, is_transient, weight
from ostiary.audit.finding import Severity
from ostiary.audit.weighing.sensitivity import PRIVILEGES
from ostiary.domain import canonical, truth
from ostiary.policy.definitions import MODES, Mode, User
from ostiary.policy.effective import effective, relevant_groups
from ostiary.policy.groups import closure, has_groups, named_groups
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.semantics import PORTAL, PUBLIC, USER_TYPES
from ostiary.policy.subject import Subject

Modes = tuple[Mode, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What groups let somebody do beyond what a plain user of the same type may.

    `opened` are modes on models that a plain user may not do at all, `widened` those in which other records are
    reached than a plain user reaches, `fields` those that are hidden from a plain user.
    """

    opened: tuple[tuple[str, Modes], ...] = ()
    widened: tuple[tuple[str, Modes], ...] = ()
    fields: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.widened or self.fields)


def groups_of(policy: Policy, user: User) -> frozenset[str]:
    """All that a user holds."""
    held = [link.group for link in user.groups]
    return frozenset(held) if user.groups_closed else closure(policy, held)


def extra_groups(policy: Policy, held: frozenset[str]) -> frozenset[str]:
    """What a share user holds that their user type doesn't bring; `held` is closed."""
    return held - _plain(policy, held)


def topmost(policy: Policy, groups: Iterable[str]) -> tuple[str, ...]:
    """The groups that none of the others implies, of those in a circle the first by name; sorted.

    Where membership is stored closed, it can't be told which of them were given and which came with another.
    """
    names = sorted(groups)
    return tuple(
        name
        for name in names
        if not any(
            name in closure(policy, (other,)) and (name not in _implied(policy, other) or other < name)
            for other in names
            if other != name
        )
    )


def _implied(policy: Policy, other: str) -> frozenset[str]:
    """The groups that imply `other` and are implied by it."""
    return frozenset(name for name in closure(policy, (other,)) if other in closure(policy, (name,)))


def gain(policy: Policy, held: frozenset[str]) -> Gain:
    """What a share user with these groups gets by those that their type doesn't bring."""
    extra = extra_groups(policy, held)
    if not extra:
        return Gain()
    return remembered(policy, ("audit gain", held), lambda: _gain(policy, held, extra))


def _gain(policy: Policy, held: frozenset[str], extra: frozenset[str]) -> Gain:
    user = Subject(name="user", groups=held)
    plain = Subject(name="plain", groups=_plain(policy, held))
    opened: dict[str, list[Mode]] = {}
    widened: dict[str, list[Mode]] = {}
    named = {right.model for right in policy.rights} | {rule.model for rule in policy.rules}
    for model in sorted(named):
        if not has_records(policy, model):
            continue
        for mode in MODES:
            if relevant_groups(policy, model, mode).isdisjoint(extra) or not granting(
                policy, user, model, mode
            ):
                continue
            now = effective(policy, user, model, mode).domain
            before = effective(policy, plain, model, mode).domain
            if truth(now) is False or canonical(now) == canonical(before):
                continue
            known = granting(policy, plain, model, mode) and truth(before) is not False
            (widened if known else opened).setdefault(model, []).append(mode)
    return Gain(
        opened=_gravest_first(policy, opened),
        widened=_gravest_first(policy, widened),
        fields=_fields(policy, user, plain, extra),
    )


def _gravest_first(policy: Policy, found: dict[str, list[Mode]]) -> tuple[tuple[str, Modes], ...]:
    def key(item: tuple[str, list[Mode]]) -> tuple[object, ...]:
        model, modes = item
        return -gravity(policy, model, modes).rank, -weight(policy, model), model

    return tuple((model, tuple(modes)) for model, modes in sorted(found.items(), key=key))


def _fields(policy: Policy, user: Subject, plain: Subject, extra: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"{model.name}.{field.name}"
            for model in policy.models.values()
            if granting(policy, plain, model.name, Mode.READ)
            for field in model.fields.values()
            if field.groups
            and not extra.isdisjoint(named_groups(field.groups))
            and has_groups(field.groups, user.groups, policy.semantics)
            and not has_groups(field.groups, plain.groups, policy.semantics)
        )
    )


def gravity(policy: Policy, model: str, modes: Iterable[Mode]) -> Severity:
    """How grave it is that a customer or visitor may do this to a model."""
    if is_transient(policy, model):
        return Severity.LOW
    if any(mode is not Mode.READ for mode in modes):
        return Severity.CRITICAL if model in PRIVILEGES else Severity.HIGH
    return EXPOSED[weight(policy, model)]


def gravity_of(policy: Policy, found: Gain) -> Severity:
    """How grave a gain is: as its gravest part."""
    parts = [gravity(policy, model, modes) for model, modes in (*found.opened, *found.widened)]
    return max([*parts, *([Severity.MEDIUM] if found.fields else [])], default=Severity.INFO)


def _plain(policy: Policy, held: frozenset[str]) -> frozenset[str]:
    """What the user's type brings; nothing for a user of no type."""
    kind = next((name for name in (PORTAL, PUBLIC) if name in held), None)
    return closure(policy, (kind,)) if kind else frozenset()


def type_words(held: frozenset[str]) -> str:
    """`a portal user`."""
    kind = next((name for name in (PORTAL, PUBLIC, *USER_TYPES) if name in held), "")
    return {PORTAL: "a portal user", PUBLIC: "a public user"}.get(kind, "a user of no type")
