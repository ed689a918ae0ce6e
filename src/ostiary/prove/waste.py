"""Rights and rules that do nothing: without them, everybody could do what they can now.

A group rule changes something for nobody where each group it is bound to brings other rules of which one accepts
whatever this one does; a global rule, where the other global ones imply it. Each is asked of a solver for the records
that the remaining global rules leave. What is found is set aside before the next is looked at, the last that was loaded
first, so that all that is reported can go at once. Nothing is said that rests on a part that can't be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ostiary.domain import (
    FALSE,
    Domain,
    Subdomain,
    Term,
    disjunction,
    opaques,
    truth,
)
from ostiary.policy import MODES, AccessRight, Mode, Policy, RecordRule, Subject, closure
from ostiary.policy.effective import effective
from ostiary.policy.faults import faults
from ostiary.policy.groups import user_type_conflict
from ostiary.policy.memo import remembered
from ostiary.policy.rights import model_unread, rights_on, summary_of, uncertain_rights
from ostiary.policy.rules import parents_of
from ostiary.prove.implied import Implications, Implied
from ostiary.prove.members import Members, obstacles
from ostiary.prove.prover import Prover
from ostiary.prove.verdict import Waste

Progress = Callable[[str, int, int], None]
_MOST_RULES = (
    20  # of more rules that bind the same users, those loaded first are looked at: enough to find most waste
)
_MOST_NAMED = 12  # of several rules that make another one redundant, so many are tried whether it needs them
_Named = tuple[str, Domain]

VACUOUS, REDUNDANT, SHADOWED = "vacuous", "redundant", "shadowed"
NEVER_APPLIES, GRANTS_NOTHING = "never-applies", "grants-nothing"


def waste(
    policy: Policy,
    prover: Prover | None = None,
    models: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Waste]:
    """The access rights and record rules of a Policy that do nothing, by model and in loading order.

    `models` narrows to these. Definitions of modules that are only context are not reported, and models of which not
    all rights and rules were read are left out. `prover` saves making one: it has to be of this Policy.
    """
    names = {*policy.rights_by_model, *policy.rules_by_model} & policy.models.keys()
    chosen = sorted(names if models is None else names & set(models))
    made = prover or Prover(policy)
    try:
        for done, name in enumerate(chosen):
            if progress is not None:
                progress("Looking for waste", done, len(chosen))
            if _known(policy, name):
                yield from _Model(made, name).waste()
        if progress is not None:
            progress("Looking for waste", len(chosen), len(chosen))
    finally:
        if prover is None:
            made.close()


def _known(policy: Policy, model: str) -> bool:
    """Whether all rights and rules of a model are known, and hold records at all."""
    if model_unread(policy, model) or summary_of(policy, model) or policy.models[model].abstract:
        return False
    return not uncertain_rights(policy, model)


class _Model:
    """The rights and rules of one model. `rules` and `rights` shrink by what was found to do nothing."""

    def __init__(self, prover: Prover, name: str) -> None:
        self.prover = prover
        self.policy = prover.policy
        self.name = name
        self.rules = list(self.policy.rules_by_model.get(name, ()))
        self.rights = list(self.policy.rights_by_model.get(name, ()))
        self.implied = Implications(prover, name).of

    def waste(self) -> list[Waste]:
        """What does nothing, in loading order."""
        order = [*self.rights, *self.rules]
        found: dict[int, Waste] = {}
        for rule in reversed(self.rules):
            said = self._rule(rule) if self._judged(rule) else None
            if said is not None:
                found[id(rule)] = said
                self.rules = [one for one in self.rules if one is not rule]
        for right in reversed(self.rights):
            said = self._right(right) if self._judged(right) else None
            if said is not None:
                found[id(right)] = said
                self.rights = [one for one in self.rights if one is not right]
        return [found[id(one)] for one in order if id(one) in found]

    def _judged(self, one: AccessRight | RecordRule) -> bool:
        """Whether a definition is known in full, its groups too, and is of a module that is asked about."""
        module = self.policy.modules.get(one.origin.module)
        if one.uncertain or (module is not None and (module.context or module.facts)):
            return False
        if isinstance(one, AccessRight):
            return one.group is None or self._settled(one.group)
        return _readable(self.policy, one) and all(self._settled(name) for name in one.group_names)

    def _settled(self, group: str) -> bool:
        """Whether what a group implies is known to be implied: no value that can't be read may take it away."""
        known = (self.policy.groups.get(name) for name in closure(self.policy, (group,)))
        return not any(found is not None and found.uncertain for found in known)

    def _said(
        self,
        one: AccessRight | RecordRule,
        kind: str,
        why: str,
        modes: Iterable[Mode],
        *,
        by: Iterable[str] = (),
        given: Iterable[str] = (),
    ) -> Waste:
        taken = " ".join(dict.fromkeys(given))
        return Waste(
            kind=kind, definition=one.xmlid, model=self.name, why=f"{why} Taken for granted: {taken}" if taken else why,
            modes=tuple(modes), by=tuple(dict.fromkeys(by)),
        )  # fmt: skip

    # -- rules ---------------------------------------------------------------------------------------------------

    def _rule(self, rule: RecordRule) -> Waste | None:
        modes = [mode for mode in rule.modes if self._matters(rule, mode)]
        if not modes:
            return self._never(rule)
        parts: list[_Part] = []
        for mode in modes:
            found = self._global(rule, mode) if rule.is_global else self._group(rule, mode)
            if found is None:
                return None
            parts += found
        kind = _kind(rule, parts)
        by = _names((*part.by, *part.left) for part in parts)
        given = [one for part in parts for one in part.given]
        return self._said(rule, kind, _why(rule, kind, parts), modes, by=by, given=given)

    def _never(self, rule: RecordRule) -> Waste:
        """A rule for nobody."""
        what = "use" if set(rule.modes) == set(MODES) else " or ".join(rule.modes) or "use"
        if rule.is_global or not any(rights_on(self.policy, self.name, mode) for mode in rule.modes):
            why = f"No access right lets anybody {what} {self.name}."
        else:
            why = (
                f"Nobody who holds {' or '.join(rule.group_names)} can have an access right to {what} {self.name}:"
                " only users of other types have one."
            )
        return self._said(rule, NEVER_APPLIES, why, rule.modes)

    def _matters(self, rule: RecordRule, mode: Mode) -> bool:
        """Whether somebody whom the rule binds can have a right to the mode: on the model, or on one that delegates to
        it."""
        groups = [right.group for model in _delegating(self.policy, self.name)
                  for right in rights_on(self.policy, model, mode)]  # fmt: skip
        if any(
            not _known(self.policy, model)
            for model in _delegating(self.policy, self.name)
            if model in self.policy.models and not self.policy.models[model].abstract
        ):
            return True
        if rule.is_global or None in groups:
            return bool(groups)
        return any(self._together(name, group) for name in rule.group_names for group in set(groups) if group)

    def _together(self, *names: str) -> bool:
        """Whether one user can hold all of these groups."""
        return not user_type_conflict(closure(self.policy, names))

    def _global(self, rule: RecordRule, mode: Mode) -> list[_Part] | None:
        others = self._globals(mode, rule)
        alone = self.implied([], rule.domain, mode)
        if alone is not None:
            return [_Part(given=alone.assumptions, vacuous=True)]
        found = self.implied([domain for _, domain in others], rule.domain, mode)
        if found is None:
            return None
        kept = list(others)
        for one in others[:_MOST_NAMED]:
            rest = [other for other in kept if other is not one]
            if self.implied([domain for _, domain in rest], rule.domain, mode) is not None:
                kept = rest
        return [_Part(tuple(name for name, _ in kept), given=found.assumptions)]

    def _globals(self, mode: Mode, without: RecordRule) -> list[_Named]:
        """The global rules that bind everybody, those of models that this one delegates to included."""
        found = [
            (rule.xmlid, rule.domain)
            for rule in self.rules
            if rule is not without and rule.is_global and mode in rule.modes and self._certain(rule)
        ]
        for parent, link in parents_of(self.policy, self.name).items():
            found += [
                (rule.xmlid, Term(link, "any", Subdomain(rule.domain)))
                for rule in self.policy.rules_by_model.get(parent, ())
                if rule.is_global and mode in rule.modes and self._certain(rule)
            ]
        return found[:_MOST_RULES]

    def _group(self, rule: RecordRule, mode: Mode) -> list[_Part] | None:
        """Why the rule does nothing for each of its groups; None where it does something for one."""
        left = self._globals(mode, rule)
        closed = self.implied([domain for _, domain in left], FALSE, mode) if left else None
        if closed is not None:
            return [_Part(left=tuple(name for name, _ in left), given=closed.assumptions, closed=True)]
        others = [one for one in self.rules if one is not rule and not one.is_global and mode in one.modes]
        parts: list[_Part] = []
        for group in rule.group_names:
            held = closure(self.policy, (group,))
            binding = [one for one in others if not held.isdisjoint(one.group_names) and self._certain(one)]
            if binding:
                part = self._covered(rule, binding[:_MOST_RULES], left, mode)
            else:
                part = None if self._limited(group, others) else self._open(rule, left, mode)
            if part is None:
                return None
            parts.append(part)
        return parts

    def _covered(
        self, rule: RecordRule, binding: list[RecordRule], left: list[_Named], mode: Mode
    ) -> _Part | None:
        """That rules which bind everybody of a group accept whatever this one does."""
        always = next((one for one in binding if truth(one.domain) is True), None)
        if always is not None:
            return _Part((always.xmlid,), shadowed=True)

        def enough(rules: list[RecordRule], given: list[_Named]) -> Implied | None:
            first = [rule.domain, *(domain for _, domain in given)]
            return self.implied(first, disjunction([one.domain for one in rules]), mode)

        given: list[_Named] = []
        found = enough(binding, given)
        if found is None and left:
            given = left
            found = enough(binding, given)
        if found is None:
            return None
        kept = list(binding)
        for one in binding[:_MOST_NAMED]:
            rest = [other for other in kept if other is not one]
            if rest and enough(rest, given) is not None:
                kept = rest
        return _Part(tuple(one.xmlid for one in kept), tuple(name for name, _ in given), found.assumptions)

    def _limited(self, group: str, others: list[RecordRule]) -> bool:
        """Whether another rule limits somebody who holds the group, so that a rule which accepts everything opens
        something."""
        if any(one.uncertain or one.groups_uncertain for one in self.policy.rules if one.model == self.name):
            return True
        return any(
            truth(other.domain) is not True and self._together(group, name)
            for other in others
            for name in other.group_names
        )

    def _open(self, rule: RecordRule, left: list[_Named], mode: Mode) -> _Part | None:
        """That the rule accepts every record, or all that the global rules leave."""
        found = self.implied([], rule.domain, mode)
        if found is not None:
            return _Part(given=found.assumptions, vacuous=True)
        found = self.implied([domain for _, domain in left], rule.domain, mode) if left else None
        if found is None:
            return None
        return _Part(left=tuple(name for name, _ in left), given=found.assumptions, vacuous=True)

    def _certain(self, rule: RecordRule) -> bool:
        return not rule.uncertain and _readable(self.policy, rule)

    # -- rights ----------------------------------------------------------------------------------------------------

    def _right(self, right: AccessRight) -> Waste | None:
        if not right.modes:
            return self._said(right, GRANTS_NOTHING, "It gives none of the four modes.", ())
        held = closure(self.policy, (right.group,)) if right.group else frozenset()
        by: list[str] = []
        for mode in right.modes:
            other = next((one for one in self.rights if one is not right and mode in one.modes and not one.uncertain
                          and (one.group is None or one.group in held)), None)  # fmt: skip
            if other is None:
                return self._empty(right, held)
            by.append(other.xmlid)
        has = "everybody" if right.group is None else f"everybody who holds {right.group}"
        why = f"What it gives, {has} has by {_listed(sorted(set(by)))} already."
        return self._said(right, REDUNDANT, why, right.modes, by=by)

    def _empty(self, right: AccessRight, held: frozenset[str]) -> Waste | None:
        """A right on records of which the rules let none through, whatever else somebody holds."""
        subject = Subject(name=right.group or "", groups=held)
        for mode in right.modes:
            found = effective(self.policy, subject, self.name, mode)
            if truth(found.domain) is True or self.implied([found.domain], FALSE, mode) is None:
                return None
        if any(obstacles(self.policy, self.name)):
            return None
        given: list[str] = []
        for mode in right.modes:
            members = Members(self.policy, held, self.name, mode)
            said = self.implied([members.rules(self.name, mode)], FALSE, mode, members)
            if said is None:
                return None
            given += said.assumptions
        rules = [one.xmlid for one in self.rules if not set(one.modes).isdisjoint(right.modes)]
        why = "The record rules let nobody who has it get to any record."
        return self._said(right, GRANTS_NOTHING, why, right.modes, by=rules, given=given)


@dataclass(frozen=True, slots=True)
class _Part:
    """Why a rule does nothing for one group and mode: the rules that make it so, the global ones whose records it is
    about (`left`), and what is taken for granted. `closed`: those leave no record at all."""

    by: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    vacuous: bool = False
    shadowed: bool = False
    closed: bool = False


def _kind(rule: RecordRule, parts: list[_Part]) -> str:
    if all(part.vacuous for part in parts):
        return VACUOUS
    if not rule.is_global and truth(rule.domain) is False and all(part.by for part in parts):
        return NEVER_APPLIES
    return SHADOWED if all(part.shadowed or part.closed for part in parts) else REDUNDANT


def _why(rule: RecordRule, kind: str, parts: list[_Part]) -> str:
    """One sentence about a rule that does nothing."""
    by, left = _names(part.by for part in parts), _names(part.left for part in parts)
    passing = f" that {_listed(left)} let{'s' if len(left) == 1 else ''} through" if left else ""
    if kind == VACUOUS:
        limit = "" if rule.is_global else ", and no other rule limits those it binds"
        return f"It accepts every record{passing}{limit}."
    if not by:
        return f"It changes nothing: no record passes {_listed(left)}."
    if kind == NEVER_APPLIES:
        return f"It accepts no record, and everybody it binds is bound by {_listed(by)} too."
    if kind == SHADOWED and not left:
        return f"Everybody it binds may use every record by {_listed(by)}."
    if rule.is_global:
        return f"It accepts every record that {_listed(by)} let{'s' if len(by) == 1 else ''} through."
    return f"Everybody it binds is bound by {_listed(by)} too: every record{passing} that it accepts is accepted there."


def _names(several: Iterable[tuple[str, ...]]) -> list[str]:
    return sorted({name for names in several for name in names})


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _readable(policy: Policy, rule: RecordRule) -> bool:
    """Whether a rule is known in full and works: its groups, its domain, and the fields that it names."""
    if rule.groups_uncertain or any(opaques(rule.domain)):
        return False
    return not any(fault.fails for fault in faults(policy, rule, rule.domain))


def _delegating(policy: Policy, model: str) -> tuple[str, ...]:
    """The model and those that delegate to it, at any distance: its rules bind their records too."""

    def index() -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in policy.models:
            for parent in parents_of(policy, name):
                found.setdefault(parent, []).append(name)
        return {name: tuple(children) for name, children in found.items()}

    children = remembered(policy, ("delegating",), index)
    found: dict[str, None] = {}
    waiting = [model]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += children.get(name, ())
    return tuple(found)
