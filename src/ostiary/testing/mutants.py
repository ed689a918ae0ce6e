"""Mutants: a Policy with one definition changed in a way that somebody might get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from ostiary.domain import TRUE, And, Domain, Not, Or, to_odoo
from ostiary.policy import (
    INTERNAL,
    MODES,
    PORTAL,
    AccessRight,
    Field,
    Group,
    GroupLink,
    Mode,
    Origin,
    Policy,
    RecordRule,
    closure,
)
from ostiary.testing.coverage import own_fields, own_modules, own_rights, own_rules

_MOST_TERMS = 40


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `what` says it as a sentence's predicate (`is dropped`), `definition` and `origin` whose it is.

    `model` and `modes` are what it concerns; no model where it concerns groups, and then `group` is the one that loses.
    `field` is the field whose groups are dropped.
    """

    kind: str
    definition: str
    what: str
    origin: Origin
    policy: Policy = field(repr=False)
    model: str = ""
    modes: tuple[Mode, ...] = MODES
    group: str = ""
    field: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """What is the same for the same change of another Policy with the same definition."""
        return (self.title, self.origin.path, self.origin.line)

    @property
    def title(self) -> str:
        return f"{self.definition} {self.what}"


def mutants(policy: Policy) -> Iterator[Mutant]:
    """Every mutant of the addons' definitions, in an order that is the same from run to run: by place, then by kind."""
    made = [
        *_rights(policy),
        *_rules(policy),
        *_fields(policy),
        *_implied(policy),
    ]
    yield from sorted(
        made, key=lambda one: (one.origin.path, one.origin.line, one.kind, one.definition, one.what)
    )


def spread(made: list[Mutant], limit: int) -> list[Mutant]:
    """At most so many of them, taken evenly from all."""
    if len(made) <= limit:
        return made
    return [made[place * len(made) // limit] for place in range(limit)]


# -- access rights -------------------------------------------------------------------------------------------


def _rights(policy: Policy) -> Iterator[Mutant]:
    for place, right in _placed(policy.rights, own_rights(policy)):

        def change(kind: str, what: str, *new: AccessRight, right: AccessRight = right, place: int = place,
                   modes: tuple[Mode, ...] = MODES) -> Mutant:  # fmt: skip
            rights = [*policy.rights[:place], *new, *policy.rights[place + 1 :]]
            changed = replace(policy, rights=rights)
            return Mutant(
                kind, f"access right {right.xmlid}", what, right.origin, changed, right.model, modes
            )

        for mode in MODES:
            if mode not in right.modes:
                more = replace(right, modes=tuple(one for one in MODES if one in (*right.modes, mode)))
                yield change("add-mode", f"gives {mode} too", more, modes=(mode,))
            else:
                less = replace(right, modes=tuple(one for one in right.modes if one is not mode))
                yield change("drop-mode", f"no longer gives {mode}", less, modes=(mode,))
        for group in _others(policy, right):
            copy = replace(right, group=group, xmlid=f"{right.xmlid}__{group}")
            yield change("add-group", f"is given to {group} too", right, copy, modes=right.modes)


def _others(policy: Policy, right: AccessRight) -> Iterator[str]:
    """The user types that a right could be given to by mistake: those that don't have it."""
    if right.group is None:
        return
    for group in (PORTAL, INTERNAL):
        held = closure(policy, (group,))
        has = any(
            one.group in held and set(right.modes) <= set(one.modes)
            for one in policy.rights_by_model.get(right.model, ())
        )
        if group in policy.groups and right.group not in held and not has:
            yield group


# -- record rules --------------------------------------------------------------------------------------------


def _rules(policy: Policy) -> Iterator[Mutant]:
    for place, rule in _placed(policy.rules, own_rules(policy)):

        def change(
            kind: str, what: str, *new: RecordRule, rule: RecordRule = rule, place: int = place
        ) -> Mutant:
            rules = [*policy.rules[:place], *new, *policy.rules[place + 1 :]]
            changed = replace(policy, rules=rules)
            return Mutant(
                kind, f"record rule {rule.xmlid}", what, rule.origin, changed, rule.model, rule.modes
            )

        yield change("drop-rule", "is dropped")
        if rule.domain != TRUE:
            yield change("widen-domain", "accepts every record", replace(rule, domain_force="[(1, '=', 1)]"))
        for what, domain in _without_terms(rule.domain):
            yield change("drop-term", what, replace(rule, domain_force=to_odoo(domain)))
        for link in rule.groups:
            left = tuple(one for one in rule.groups if one is not link)
            what = f"is no longer of {link.group}{'' if left else ', and so of everybody'}"
            yield change("drop-rule-group", what, replace(rule, groups=left))
        if not rule.groups and INTERNAL in policy.groups:
            only = replace(rule, groups=(GroupLink(INTERNAL, rule.origin),))
            yield change("add-rule-group", f"is only of {INTERNAL}, and no longer of everybody", only)


def _without_terms(domain: Domain) -> Iterator[tuple[str, Domain]]:
    """A domain with one part of an AND or an OR taken away, and what that is."""
    for count, (part, left) in enumerate(_dropped(domain)):
        if count == _MOST_TERMS:
            return
        text = to_odoo(part)
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        yield f"goes without {shown}", left


def _dropped(domain: Domain) -> Iterator[tuple[Domain, Domain]]:
    match domain:
        case And(items) | Or(items):
            made: Any = type(domain)
            for place, item in enumerate(items):
                rest = (*items[:place], *items[place + 1 :])
                yield item, rest[0] if len(rest) == 1 else made(rest)
                for part, left in _dropped(item):
                    yield part, made((*items[:place], left, *items[place + 1 :]))
        case Not(item):
            for part, left in _dropped(item):
                yield part, Not(left)


# -- fields and groups ---------------------------------------------------------------------------------------


def _fields(policy: Policy) -> Iterator[Mutant]:
    for name, one in own_fields(policy):
        model = policy.models[name]
        open_: Field = replace(one, groups=None)
        changed = replace(
            policy, models={**policy.models, name: replace(model, fields={**model.fields, one.name: open_})}
        )
        yield Mutant("drop-field-groups", f"field {name}.{one.name}", f"loses its groups ({one.groups})", one.origin,
                     changed, name, (Mode.READ, Mode.WRITE), field=one.name)  # fmt: skip


def _implied(policy: Policy) -> Iterator[Mutant]:
    own = own_modules(policy)
    for xmlid, group in sorted(policy.groups.items()):
        for link in group.implies:
            if link.origin.module not in own:
                continue
            left: Group = replace(group, implies=tuple(one for one in group.implies if one is not link))
            changed = replace(policy, groups={**policy.groups, xmlid: left})
            yield Mutant("drop-implied", f"group {xmlid}", f"no longer implies {link.group}", link.origin, changed,
                         group=xmlid)  # fmt: skip


def _placed(every: list[Any], own: list[Any]) -> Iterator[tuple[int, Any]]:
    """The definitions of the addons, with their places among all."""
    chosen = {id(one) for one in own}
    return ((place, one) for place, one in enumerate(every) if id(one) in chosen)
