"""Group rules that limit nobody, since whoever they bind has another rule that accepts whatever they accept.

Rules of groups are alternatives (`ir.rule._compute_domain`), those of implied groups too. What accepts at least as
much is decided by logic; what the rule would have kept back, by the stranger test with and without the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ostiary.audit.asking.limits import Limit, limit, limit_of
from ostiary.audit.asking.proofs import alone, prover_of
from ostiary.audit.asking.subjects import asked_as, binding, granted, holders, is_internal
from ostiary.audit.rules.companies import only_companies
from ostiary.domain import Domain, Or, Term, disjunction, nodes, normalize, opaques, truth
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.faults import faults
from ostiary.policy.groups import closure
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rules import applicable
from ostiary.policy.subject import Subject

if TYPE_CHECKING:
    from ostiary.prove.implied import Implications

_ORDER = (Limit.NOTHING, Limit.OWN, Limit.UNKNOWN, Limit.CONDITION, Limit.COMPANY, Limit.NONE)
# Of more rules that bind the same users, so many are looked at, and so many asked about: enough to find the fault.
_MOST_LOOKED_AT = 100
_MOST_RULES = 20


@dataclass(frozen=True, slots=True)
class Widening:
    """A rule that limits nobody who holds `group`, and the rules that undo it, in the modes a right gives."""

    rule: RecordRule
    group: str
    modes: tuple[Mode, ...]
    by: tuple[RecordRule, ...]


def left_of(policy: Policy, found: Widening) -> Limit:
    """What limits those users after all."""
    return limit(policy, asked_as(found.group), found.rule.model, found.modes[0])


def matters(policy: Policy, found: Widening) -> bool:
    """Whether the rule, were it their only one, would keep them to another sort of records; proved."""
    proof = alone(policy, asked_as(found.group), found.rule, found.modes[0], others=True)
    by_itself = limit_of(policy, proof, found.rule.domain)
    return _ORDER.index(left_of(policy, found)) > _ORDER.index(by_itself)


def widenings(policy: Policy, model: str) -> tuple[Widening, ...]:
    """The rules of a model that are undone, for each group of users.

    For internal users a rule counts only where it limits none of those it binds, since "some see their own, some see
    all" is what rules of several groups are for.
    """

    def find() -> tuple[Widening, ...]:
        return tuple(_find(policy, model))

    return remembered(policy, ("audit widenings", model), find)


def switched_by_setting(policy: Policy, found: Widening) -> bool:
    """Whether a setting decides if they have the wider rule: an administrator chose it."""
    held = closure(policy, (found.group,))
    switched = {(group, one.implies) for one in policy.toggles for group in one.groups if group in held}
    return any(
        name in closure(policy, (implied,))
        for one in found.by
        for name in one.group_names
        for _, implied in switched
    )


def _find(policy: Policy, model: str) -> Iterator[Widening]:
    rules = [rule for rule in policy.rules_by_model.get(model, ()) if rule.groups]
    if len(rules) < 2:
        return
    for rule in islice(filter(_limits, rules), _MOST_LOOKED_AT):
        groups = dict.fromkeys(one for name in rule.group_names for one in holders(policy, name))
        found = {group: _undone(policy, rule, group) for group in groups}
        inside = all(widening is not None for widening in found.values())
        for group, widening in found.items():
            if widening is not None and (inside or not is_internal(policy, group)):
                yield widening


def _limits(rule: RecordRule) -> bool:
    """Whether a rule is known in full and may hold something back, beside other companies' records."""
    if rule.uncertain or rule.groups_uncertain or truth(rule.domain) is not None:
        return False
    return not any(opaques(rule.domain)) and not only_companies(rule.domain)


def _undone(policy: Policy, rule: RecordRule, group: str) -> Widening | None:
    modes = [mode for mode in rule.modes if granted(policy, group, rule.model, mode)]
    by: dict[str, RecordRule] = {}
    for mode in modes:
        others = [one for one in binding(policy, group, rule.model, mode) if one.xmlid != rule.xmlid]
        found = _covering(policy, rule, [one for one in others if not one.uncertain], group, mode)
        if not found:
            return None
        by.update({one.xmlid: one for one in found})
    return Widening(rule, group, tuple(modes), tuple(by.values())) if by else None


def _covering(
    policy: Policy, rule: RecordRule, others: Sequence[RecordRule], group: str, mode: Mode
) -> tuple[RecordRule, ...]:
    """The rules of which one accepts all that this one accepts, or that do so together; none where it accepts more,
    or exactly as much."""
    for one in others:
        if truth(one.domain) is True:
            return (one,)
    named = _paths(rule.domain)
    near = [one for one in others[:_MOST_LOOKED_AT] if _may_cover(policy, one, named)][:_MOST_RULES]
    near = [one for one in near if _works(policy, one)]
    if not near or not _works(policy, rule):
        return ()
    subject = Subject(name=group, groups=frozenset())
    first = [rule.domain, *(one.domain for one in applicable(policy, subject, rule.model, mode).global_)]
    implied = _implications(policy, rule.model)
    for found in (*((one,) for one in near), *([tuple(near)] if len(near) > 1 else [])):
        then = disjunction([one.domain for one in found])
        if implied.of(first, then, mode) is not None:
            same = implied.of([then, *first[1:]], rule.domain, mode) is not None
            return () if same else found
    return ()


def _implications(policy: Policy, model: str) -> Implications:
    from ostiary.prove.implied import Implications  # with a solver, which takes long to import

    return remembered(policy, ("audit implications", model), lambda: Implications(prover_of(policy), model))


def _works(policy: Policy, rule: RecordRule) -> bool:
    """Whether Odoo can evaluate a rule: what can't be is reported by rule-invalid."""
    return not any(fault.fails for fault in faults(policy, rule, rule.domain))


def _may_cover(policy: Policy, rule: RecordRule, paths: frozenset[str]) -> bool:
    """Whether some alternative speaks of nothing but these fields: else it can't follow from a rule about them."""

    def find() -> tuple[frozenset[str], ...]:
        found = normalize(rule.domain)
        return tuple(_paths(one) for one in (found.items if isinstance(found, Or) else (found,)))

    return any(one <= paths for one in remembered(policy, ("audit rule paths", rule.model, rule.xmlid), find))


def _paths(domain: Domain) -> frozenset[str]:
    return frozenset(node.path for node in nodes(domain) if isinstance(node, Term))
