"""Which definitions the expectations of access tests rest on, and which nothing asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ostiary.policy import (
    MODES,
    AccessRight,
    Definition,
    Field,
    Mode,
    Origin,
    Policy,
    RecordRule,
    Subject,
    applicable,
    closure,
)
from ostiary.policy.fields import UnknownField, field_groups
from ostiary.testing.asked import About, Asked

RIGHT, RULE, GROUPS = "access right", "record rule", "field groups"
_USED = (Mode.READ, Mode.WRITE)


@dataclass(frozen=True, slots=True)
class Covered:
    """A definition of the addons and how far it is asked for. `modes` are those it is about, `asked` those in which
    some expectation rests on it; of a field's groups, reading and writing."""

    kind: str
    name: str
    origin: Origin
    modes: tuple[Mode, ...]
    asked: tuple[Mode, ...]

    @property
    def missing(self) -> tuple[Mode, ...]:
        return tuple(mode for mode in self.modes if mode not in self.asked)


def own_modules(policy: Policy) -> frozenset[str]:
    """The modules that a test is about: those that were read as targets."""
    return frozenset(
        name for name, module in policy.modules.items() if not module.context and not module.facts
    )


def own_rights(policy: Policy) -> list[AccessRight]:
    """The active access rights of the addons, in loading order; what gives nothing is left out."""
    own = own_modules(policy)
    return [one for one in policy.rights if one.active and one.modes and one.origin.module in own]


def own_rules(policy: Policy) -> list[RecordRule]:
    """The active record rules of the addons, in loading order."""
    own = own_modules(policy)
    return [one for one in policy.rules if one.active and one.origin.module in own]


def own_fields(policy: Policy) -> list[tuple[str, Field]]:
    """The fields that the addons give groups to, with their models."""
    own = own_modules(policy)
    return [
        (name, one)
        for name, model in sorted(policy.models.items())
        for one in model.fields.values()
        if one.groups and not one.inherited and one.origin.module in own
    ]


@dataclass
class Coverage:
    """What expectations about one Policy rest on. Note every question that is asked; then ask for `found`."""

    policy: Policy
    _rights: dict[str, set[Mode]] = field(default_factory=dict)
    _rules: dict[str, set[Mode]] = field(default_factory=dict)
    _fields: dict[tuple[str, str], set[Mode]] = field(default_factory=dict)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def note(self, policy: Policy, subject: Subject, asked: Asked) -> None:
        """A question, and the user that it is about. `policy` knows that user, and has the same definitions."""
        if asked.about is About.MENU or asked.mode is None or subject.superuser:
            return
        self.note_mode(policy, subject, asked.model, asked.mode)
        named = (
            [asked.field] if asked.field else list(asked.values or ()) if asked.about is About.ATTEMPT else []
        )
        for name in named:
            self._field(asked.model, name, asked.mode)

    def note_mode(self, policy: Policy, subject: Subject, model: str, mode: Mode) -> None:
        """That a decision rests on what a subject may do to a model."""
        key = (model, mode, subject.groups)
        if key in self._seen:
            return
        self._seen.add(key)
        granted = False
        for right in policy.rights_by_model.get(model, ()):
            if mode in right.modes and (right.group is None or right.group in subject.groups):
                self._rights.setdefault(_id(right), set()).add(mode)
                granted = True
        if granted:
            for rule in applicable(policy, subject, model, mode).everywhere():
                self._rules.setdefault(_id(rule), set()).add(mode)

    def _field(self, model: str, name: str, mode: Mode) -> None:
        try:
            guard = field_groups(self.policy, model, name)
        except UnknownField:
            return
        if guard.spec and guard.field is not None:
            read = Mode.READ if mode is Mode.READ else Mode.WRITE
            self._fields.setdefault((guard.owner, guard.field.name), set()).add(read)

    def found(self) -> list[Covered]:
        """Every access right, record rule and field with groups of the addons, by place."""
        every = [
            *(
                _covered(RIGHT, one, one.xmlid, one.modes, self._rights.get(_id(one)))
                for one in own_rights(self.policy)
            ),
            *(
                _covered(RULE, one, one.xmlid, self._reachable(one), self._rules.get(_id(one)))
                for one in own_rules(self.policy)
            ),
            *(
                _covered(GROUPS, one, f"{model}.{one.name}", _USED, self._fields.get((model, one.name)))
                for model, one in own_fields(self.policy)
            ),
        ]
        return sorted(every, key=lambda one: (one.origin.path, one.origin.line, one.kind, one.name))

    def _reachable(self, rule: RecordRule) -> tuple[Mode, ...]:
        """The modes in which an access right gives anything to somebody whom the rule binds: in the others it decides
        nothing, unless they hold groups that have nothing to do with each other."""
        given = {
            mode
            for right in self.policy.rights_by_model.get(rule.model, ())
            if self._together(right.group, rule.group_names)
            for mode in right.modes
        }
        return tuple(mode for mode in MODES if mode in rule.modes and mode in given)

    def _together(self, group: str | None, groups: tuple[str, ...]) -> bool:
        """Whether a group goes with one of some groups: either implies the other."""
        if group is None or not groups:
            return True
        above = closure(self.policy, (group,))
        return any(one in above or group in closure(self.policy, (one,)) for one in groups)


def merged(several: Iterable[Coverage]) -> list[Covered]:
    """What expectations about several Policies rest on, a definition that is in more than one of them once."""
    found: dict[tuple[str, str, str, int], Covered] = {}
    for coverage in several:
        for one in coverage.found():
            key = (one.kind, one.name, one.origin.path, one.origin.line)
            known = found.get(key)
            asked = {*one.asked, *(known.asked if known else ())}
            found[key] = replace(one, asked=tuple(mode for mode in one.modes if mode in asked))
    return sorted(found.values(), key=lambda one: (one.origin.path, one.origin.line, one.kind, one.name))


def _id(definition: AccessRight | RecordRule) -> str:
    """A definition without an external id is known by its place."""
    return definition.xmlid or f"{definition.origin.path}:{definition.origin.line}"


def _covered(
    kind: str, definition: Definition, name: str, modes: Iterable[Mode], asked: set[Mode] | None
) -> Covered:
    about = tuple(mode for mode in MODES if mode in set(modes))
    return Covered(kind, name, definition.origin, about, tuple(one for one in about if one in (asked or ())))
