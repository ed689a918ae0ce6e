"""Which groups somebody may hold besides those that are given, and what rights and rules leave of a model to them all.

A group that a user may hold or not is a constant of the question; what a group implies, and that the user types exclude
each other, are facts about these constants. So all combinations are one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from ostiary.domain import (
    FALSE,
    TRUE,
    AnyOf,
    Domain,
    HasGroup,
    IfElse,
    Subdomain,
    Term,
    Test,
    conjunction,
    disjunction,
    fold,
    normalize,
)
from ostiary.policy import Mode, Policy, RecordRule, closure
from ostiary.policy.effective import Unknown, asked_groups, relevant_groups
from ostiary.policy.groups import DEBUG_GROUP, user_type_conflict
from ostiary.policy.rights import model_unread, rights_on, uncertain_rights
from ostiary.policy.rules import parents_of
from ostiary.policy.semantics import USER_TYPES
from ostiary.prove.encode import implies, neg
from ostiary.prove.question import Question


class Members:
    """Users who hold some groups, and any others that these, `excused` and the user types allow.

    `held` is closed. `free` are the groups that matter to a model and mode (and to `also`) and that a user may hold or
    not, in order of name.
    """

    def __init__(
        self,
        policy: Policy,
        held: Iterable[str],
        model: str,
        mode: Mode,
        *,
        excused: frozenset[str] = frozenset(),
        also: Domain = TRUE,
    ) -> None:
        self.policy = policy
        self.held = closure(policy, held)
        matter = {*relevant_groups(policy, model, mode), *asked_groups(also), *USER_TYPES} - self.held
        self.free = tuple(sorted(name for name in matter if self._possible(name, excused)))
        self._free = frozenset(self.free)

    def _possible(self, name: str, excused: frozenset[str]) -> bool:
        brought = closure(self.policy, (name,))
        return brought.isdisjoint(excused) and not user_type_conflict(self.held | brought)

    def answer(self, name: str) -> bool | None:
        """Whether the users hold a group; None where some do and some do not."""
        if name in self.held:
            return True
        return None if name in self._free else False

    def asked(self, name: str) -> bool | None:
        """As `answer`, of a domain's `user.has_group`."""
        if name == DEBUG_GROUP and self.policy.semantics.has_group_needs_debug:
            return False
        return self.answer(name)

    def folded(self, domain: Domain) -> Domain:
        """A domain with its questions about groups decided, where they are."""
        return fold(domain, self.asked)

    def declare(self, question: Question) -> dict[str, str]:
        """Make the free groups constants of a question, and say what is so of them. Returns, by group, a part that says
        that the user does not hold it."""
        script, groups = question.world.script, question.who.groups
        for name in self.free:
            groups[name] = script.declare("g", "", "Bool")
        for name in self.free:
            for other in sorted((closure(self.policy, (name,)) & self._free) - {name}):
                script.add(implies(groups[name], groups[other]))
        types = [name for name in USER_TYPES if name in self._free]
        for one, other in combinations(types, 2):
            script.add(f"(not (and {groups[one]} {groups[other]}))")
        return {name: question.part(neg(groups[name])) for name in self.free}

    def shortest(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the groups that no other one of them brings."""
        chosen = sorted(names)
        kept: list[str] = []
        for place, name in enumerate(chosen):
            others = [*kept, *chosen[place + 1 :]]
            if not any(name in closure(self.policy, (other,)) for other in others):
                kept.append(name)
        return tuple(kept)

    # -- what is left of a model -----------------------------------------------------------------------------------

    def effective(self, model: str, mode: Mode) -> Domain:
        """What access rights and record rules leave of a model, as one domain that asks for the free groups."""
        granted = [
            TRUE if right.group is None else self._holds((right.group,))
            for right in rights_on(self.policy, model, mode)
        ]
        return normalize(conjunction([disjunction(granted), self.rules(model, mode)]))

    def rules(self, model: str, mode: Mode) -> Domain:
        """As `effective`, of the record rules alone."""
        return self._rules(model, mode, (model,))

    def _rules(self, model: str, mode: Mode, path: tuple[str, ...]) -> Domain:
        rules = [rule for rule in self.policy.rules_by_model.get(model, ()) if mode in rule.modes]
        every = [self.folded(rule.domain) for rule in rules if rule.is_global]
        some = [rule for rule in rules if not rule.is_global]
        unbound = conjunction([self._holds(rule.group_names, positive=False) for rule in some])
        every.append(disjunction([unbound, *(self._permission(rule) for rule in some)]))
        for parent, link in parents_of(self.policy, model).items():
            if parent in path:
                continue
            inner = normalize(self._rules(parent, mode, (*path, parent)))
            if inner != TRUE:
                every.append(Term(link, "any", Subdomain(inner)))
        return conjunction(every)

    def _permission(self, rule: RecordRule) -> Domain:
        """What a group rule adds for those whom it binds."""
        return conjunction([self._holds(rule.group_names), self.folded(rule.domain)])

    def _holds(self, names: Sequence[str], *, positive: bool = True) -> Domain:
        """That the user holds one of some groups (or none of them)."""
        answers = {name: self.answer(name) for name in names}
        if True in answers.values():
            return TRUE if positive else FALSE
        tests: list[Test] = [HasGroup(name) for name in names if answers[name] is None]
        if not tests:
            return FALSE if positive else TRUE
        test = tests[0] if len(tests) == 1 else AnyOf(tuple(tests))
        return IfElse(test, TRUE, FALSE) if positive else IfElse(test, FALSE, TRUE)


def obstacles(policy: Policy, model: str) -> Iterator[Unknown]:
    """Why it isn't certain which rights and rules there are on a model, whoever asks."""
    for right in uncertain_rights(policy, model):
        text = f"Access right {right.xmlid} may say something else: a value in it could not be read."
        yield Unknown("right-uncertain", text, right.xmlid, right.origin)
    for name in _with_parents(policy, model):
        if model_unread(policy, name):
            text = (
                f"The module that defines {name} was not read, so not all of its rights and rules are known."
            )
            yield Unknown("model-unread", text, name)
    seen = set(_with_parents(policy, model))
    for rule in policy.rules:
        if rule.model in seen and (rule.uncertain or (rule.active and rule.groups_uncertain)):
            text = f"Record rule {rule.xmlid} may say something else: a value in it could not be read."
            yield Unknown("rule-groups", text, rule.xmlid, rule.origin)


def _with_parents(policy: Policy, model: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [model]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += parents_of(policy, name)
    return tuple(found)
