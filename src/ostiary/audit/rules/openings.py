"""Who reads records of companies that are not their own: the audiences for whom no rule keeps companies apart.

What a rule compares in every case needs no proof; everything else is put to the prover.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from ostiary.audit.asking.facts import EXPOSED, weight
from ostiary.audit.asking.proofs import silo, silo_alone
from ostiary.audit.finding import Severity
from ostiary.audit.rules.companies import compares_in_every_case, compares_own_companies, mentions_company
from ostiary.audit.weighing.severity import rated
from ostiary.domain import (
    And,
    Domain,
    Not,
    Opaque,
    Or,
    Subdomain,
    Term,
    conjunction,
    disjunction,
    opaques,
    truth,
)
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.effective import Effective, effective, relevant_groups
from ostiary.policy.groups import closure, user_type_conflict
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import rights_on
from ostiary.policy.rules import parents_of
from ostiary.policy.semantics import INTERNAL, USER_TYPES
from ostiary.policy.subject import Subject
from ostiary.prove import Proof, Verdict
from ostiary.prove.identity import ties

_ADMINISTRATORS = frozenset({"base.group_system", "base.group_erp_manager"})


class Gap(IntEnum):
    """How far an audience gets beyond its companies, the widest last.

    `OWN`: to what is tied to the user. `UNREAD`: it can't be told. `CONDITION`: to records that something
    else singles out beside a company rule. `ALL`: no company is compared.
    """

    OWN = 1
    UNREAD = 2
    CONDITION = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """An audience that reads records of companies that aren't its own, and what lets it."""

    group: str
    share: bool
    gap: Gap
    found: Effective


def openings(policy: Policy, model: str) -> tuple[Opening, ...]:
    """The audiences for whom nothing keeps companies apart when they read the model, the widest gap first.

    What ties records to the user will do where some rule compares companies, and for share users.
    """

    def find() -> tuple[Opening, ...]:
        found = [
            one for group in readers_of(policy, model) if (one := _opening(policy, group, model)) is not None
        ]
        compared = any(mentions_company(rule.domain) for rule in policy.rules_by_model.get(model, ()))
        kept = [one for one in found if one.gap is not Gap.OWN or not (one.share or compared)]
        return tuple(sorted(kept, key=lambda one: -one.gap))

    return remembered(policy, ("audit company openings", model), find)


def readers_of(policy: Policy, model: str) -> Iterator[str]:
    """A group for each sort of user that may read the model, administrators apart, the plainest first.

    Groups above the one that a right names are among them, since their rules widen what it shows.
    """
    rights = rights_on(policy, model, Mode.READ)
    if not rights:
        return
    relevant = relevant_groups(policy, model, Mode.READ)
    named = {right.group for right in rights}
    everybody = None in named
    seen: set[frozenset[str]] = set()
    for group, held in _kinds_of_user(policy):
        if not everybody and held.isdisjoint(name for name in named if name):
            continue
        sort = (held & relevant) | held.intersection(USER_TYPES)
        if sort not in seen:
            seen.add(sort)
            yield group


def _kinds_of_user(policy: Policy) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each group that a user who is no administrator can have, with all that user holds, the plainest first."""

    def find() -> tuple[tuple[str, frozenset[str]], ...]:
        groups = dict.fromkeys((*USER_TYPES, *sorted(policy.groups)))
        kinds = [(group, held_by(policy, group)) for group in groups]
        kept = [
            (group, held)
            for group, held in kinds
            if _ADMINISTRATORS.isdisjoint(held) and not user_type_conflict(held)
        ]
        return tuple(sorted(kept, key=lambda kind: len(kind[1])))

    return remembered(policy, ("audit kinds of user",), find)


def held_by(policy: Policy, group: str) -> frozenset[str]:
    """What a user with this group holds: whoever has no user type of their own is an internal user."""
    held = closure(policy, (group,))
    return held if not held.isdisjoint(USER_TYPES) else held | closure(policy, (INTERNAL,))


def wanting_proof(policy: Policy, model: str) -> Iterator[str]:
    """The audiences of a model for whom `openings` needs a proof, or who are the first for whom it is open."""
    shown = False
    for group in readers_of(policy, model):
        subject = Subject(name=group, groups=held_by(policy, group))
        domain = effective(policy, subject, model, Mode.READ).domain
        if _needs_proof(domain):
            yield group
        elif not shown and truth(domain) is True:
            shown = True
            yield group


def _needs_proof(domain: Domain) -> bool:
    """Whether a domain has to be proved: not where it accepts all, or compares the companies in every case."""
    return truth(domain) is not True and not compares_in_every_case(domain)


def _opening(policy: Policy, group: str, model: str) -> Opening | None:
    held = held_by(policy, group)
    found = effective(policy, Subject(name=group, groups=held), model, Mode.READ)
    if any(isinstance(part, Opaque) and part.invalid for part in opaques(found.domain)):
        return None  # what Odoo refuses shows nobody anything, and is rule-invalid's to report
    share = INTERNAL not in held
    gap = _gap(policy, group, model, found.domain, share)
    return None if gap is None else Opening(group, share, gap, found)


def _gap(policy: Policy, group: str, model: str, domain: Domain, share: bool) -> Gap | None:
    if not _needs_proof(domain):
        return Gap.ALL if truth(domain) is True else None
    return gap_of(policy, silo(policy, group, model, Mode.READ), domain, share)


def gap_of(policy: Policy, proof: Proof, domain: Domain, share: bool) -> Gap | None:
    """What a proof about companies comes to; None where it is no gap.

    An alternative that compares the user's companies with another company than the record's own (that of its document,
    one above or below) is meant so, and what is published is meant for every visitor.
    """
    condition = proof.condition
    if proof.verdict is Verdict.UNKNOWN:
        return Gap.UNREAD
    if proof.verdict is Verdict.CONDITIONAL and condition is not None:
        if share and condition.publishes:
            return None
        loose = [one for one in condition.alternatives if not compares_in_every_case(one)]
        if not loose:
            return None
        if all(tied(policy, proof.model, one) for one in loose):
            return Gap.OWN
    elif proof.verdict is not Verdict.OPEN:
        return None
    return Gap.CONDITION if compares_own_companies(domain) else Gap.ALL


def tied(policy: Policy, model: str, domain: Domain) -> bool:
    """Whether a domain compares records of a model with what is the user's alone."""
    return bool(ties(policy, model, _stepwise(domain)))


def _stepwise(domain: Domain) -> Domain:
    """A domain in which each term is about a field of one record: `a.b = c` as `a any (b = c)`."""
    match domain:
        case And(items):
            return conjunction(map(_stepwise, items))
        case Or(items):
            return disjunction(map(_stepwise, items))
        case Not(item):
            return Not(_stepwise(item))
        case Term(path, operator, value) if "." in path and not path.endswith(".id"):
            first, _, rest = path.partition(".")
            return Term(first, "any", Subdomain(_stepwise(Term(rest, operator, value))))
    return domain


def across_companies(policy: Policy, model: str, mode: Mode) -> Severity:
    """How grave it is that internal users of another company reach records of a model: a step more than that those of
    the same company do, from low to medium."""
    steps = sorted(Severity)
    base = steps[min(EXPOSED[weight(policy, model)].rank + 1, len(steps) - 1)]
    return min(max(rated(base, policy, "internal", mode), Severity.LOW), Severity.MEDIUM)


def kept_by_all(policy: Policy, model: str, modes: Iterable[Mode]) -> bool | None:
    """Whether the global rules of a model, or of what it delegates to, keep companies apart in all these modes.

    None where it can't be told.
    """
    found = [_kept_by_all(policy, model, mode) for mode in modes]
    return False if False in found else None if None in found else True


def _kept_by_all(policy: Policy, model: str, mode: Mode) -> bool | None:
    rules = [one for one in policy.rules_by_model.get(model, ()) if one.is_global and mode in one.modes]
    if any(compares_in_every_case(one.domain) for one in rules):
        return True
    if not rules and not parents_of(policy, model):
        return False
    return kept(policy, rules, INTERNAL, model, mode)


def kept(
    policy: Policy, rules: Collection[RecordRule], group: str, model: str, mode: Mode, *, tied: bool = False
) -> bool | None:
    """Whether some rules alone keep companies apart for a group, or (`tied`) leave it its own records.

    None where it can't be told.
    """
    domain = conjunction(one.domain for one in rules)
    if compares_in_every_case(domain):
        return True
    proof = silo_alone(policy, group, rules, model, mode)
    gap = gap_of(policy, proof, domain, share=False)
    if gap is Gap.UNREAD:
        return None
    if proof.verdict is Verdict.NO_ACCESS and truth(domain) is not False:
        return False  # records of the model have no company that could be read
    return gap is None or (tied and gap is Gap.OWN)
