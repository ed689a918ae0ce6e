"""What sort of thing limits an audience's records, by proof: nothing, companies, a condition, or a tie to the user."""

from __future__ import annotations

from enum import Enum

from ostiary.audit.asking.as_read import as_read
from ostiary.audit.asking.facts import folded, reach
from ostiary.audit.asking.proofs import alone, isolation
from ostiary.audit.rules.companies import mentions_company
from ostiary.audit.weighing.sensitivity import AUTOMATIC, STAFF
from ostiary.domain import And, Domain, Literal, Symbol, Term, nodes, normalize, symbols, truth
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy
from ostiary.prove import Proof, Verdict
from ostiary.prove.identity import SHARED_MODELS


class Limit(Enum):
    """What limits the records.

    `NONE`: every record is reached, or every one that is somebody else's. `COMPANY`: only companies are compared, at
    least in one alternative. `CONDITION`: something about the record (published, its state) is enough, whoever asks.
    `OWN`: nothing is reached without a tie to who asks, be it through what a record that lists them is about (the club
    they are a member of). `UNKNOWN`: it can't be decided. `NOTHING`: none is reached.
    """

    NONE = "none"
    COMPANY = "company"
    CONDITION = "condition"
    UNKNOWN = "unknown"
    OWN = "own"
    NOTHING = "nothing"


def limit(policy: Policy, label: str, model: str, mode: Mode) -> Limit:
    """What sort of limit an audience meets on a model. Where no rule limits, nothing needs proof."""
    found = reach(policy, label, model, mode)
    if found.truth is not None:
        return Limit.NONE if found.truth else Limit.NOTHING
    return limit_of(policy, isolation(policy, label, model, mode), found.domain)


def limit_of(policy: Policy, proof: Proof, domain: Domain) -> Limit:
    """What a proof about a domain comes to."""
    if any_unarchived(proof):
        return Limit.COMPANY if mentions_company(domain) else Limit.NONE
    if _of_their_circle(policy, proof):
        return Limit.OWN
    return {
        Verdict.OPEN: Limit.CONDITION,  # to users of whom something is so
        Verdict.CONDITIONAL: Limit.CONDITION,
        Verdict.ISOLATED: Limit.OWN,
        Verdict.NO_ACCESS: Limit.NOTHING,
    }.get(proof.verdict, Limit.UNKNOWN)


def accepts_all(policy: Policy, label: str, rule: RecordRule, mode: Mode) -> bool:
    """Whether a group rule by itself lets an audience through to any record, or any that is somebody else's."""
    domain = folded(policy, label, rule)
    found = truth(domain)
    if found is not None:
        return found
    return limit_of(policy, alone(policy, label, rule, mode, others=False), domain) is Limit.NONE


def any_unarchived(proof: Proof) -> bool:
    """Whether any record of somebody else passes, archived ones apart, whoever the user is."""
    condition = proof.condition
    if proof.verdict is Verdict.OPEN:
        return condition is None
    if proof.verdict is not Verdict.CONDITIONAL or condition is None or condition.user:
        return False
    return any(_of_every_record(one) for one in condition.alternatives)


def _of_every_record(domain: Domain) -> bool:
    """Whether a condition asks only for what every record has that is not archived."""
    items = domain.items if isinstance(domain, And) else (domain,)
    return all(
        isinstance(item, Term)
        and (
            (item.path, item.operator, item.value) == ("active", "=", Literal(True))
            or (item.path in AUTOMATIC and item.operator == "!=" and item.value == Literal(False))
        )
        for item in map(normalize, items)
    )


def _of_their_circle(policy: Policy, proof: Proof) -> bool:
    """Whether all that passes is compared with what records that list the user are about, or is published."""
    condition = proof.condition
    if proof.verdict is not Verdict.CONDITIONAL or condition is None or condition.user or condition.publishes:
        return False
    return condition.complete and all(in_circle(policy, one) for one in condition.alternatives)


def in_circle(policy: Policy, domain: Domain) -> bool:
    """Whether a condition compares with what records that list the user are about: the club they are a member of."""
    compared = (
        symbol
        for node in nodes(domain)
        if isinstance(node, Term) and node.operator in ("=", "in", "child_of")
        for symbol in symbols(node.value)
    )
    return any(_listed(policy, symbol) for symbol in compared)


def _listed(policy: Policy, symbol: Symbol) -> bool:
    """Whether a name leads over records that list the user to one that is neither a person nor what all share."""
    if symbol.root != "user" or symbol.path[-1:] not in (("id",), ("ids",)):
        return False
    models, listed = [], False
    for step in walk(as_read(policy), "res.users", ".".join(symbol.path[:-1])):
        if not isinstance(step, Step) or step.field.comodel is None:
            return False
        listed = listed or step.field.type in ("one2many", "many2many")
        models.append(step.field.comodel)
    return listed and models[-1] not in STAFF and SHARED_MODELS.isdisjoint(models)
