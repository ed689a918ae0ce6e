"""How grave it is that somebody reaches records: who they are, what they may do, and what the records are about.

Public visitors are above portal users, portal users above internal ones; changing is above reading; what is about
customers is above reference data. Every check that reports a reach of records rates it here.

Visitors can't log in to RPC: they get at what pages and routes read without `sudo()`. Being open to them is a step
worse where a record itself is about a customer or amounts; what only names users, or is part of a document about
somebody, weighs as it does for portal users, as long as they can't change it. (A right without a group is meant for
nobody, and stays a step worse.)
"""

from __future__ import annotations

from ostiary.audit.asking.facts import group_of, groups_held, held, weight
from ostiary.audit.finding import Severity
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import Mode
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

# A portal user who reads every record.
_READ = {
    Weight.PERSONAL: Severity.HIGH,
    Weight.BUSINESS: Severity.MEDIUM,
    Weight.UNKNOWN: Severity.MEDIUM,
    Weight.DISCUSSED: Severity.LOW,
    Weight.REFERENCE: Severity.INFO,
}
_LADDER = tuple(sorted(Severity))


def severity(policy: Policy, label: str, model: str, mode: Mode) -> Severity:
    """How grave it is that an audience reaches records of a model it should not, in a mode."""
    base = _READ[weight(policy, model)]
    if mode is Mode.READ and group_of(label) == PUBLIC and held(policy, model).remote:
        return base
    return rated(base, policy, label, mode)


def rated(base: Severity, policy: Policy, label: str, mode: Mode) -> Severity:
    """What `base`, said of a portal user who reads, is for this audience and mode.

    One step up for visitors where it is more than information, and for whoever changes records; two steps down for
    internal users.
    """
    steps = int(mode is not Mode.READ)
    if label == EVERYONE or group_of(label) == PUBLIC:
        steps += int(base > Severity.INFO)
    elif _staff(policy, label):
        steps -= 2
    return _LADDER[min(max(base.rank + steps, 0), len(_LADDER) - 1)]


def _staff(policy: Policy, label: str) -> bool:
    """Whether these are internal users alone; customers who were made internal users are still customers."""
    groups = groups_held(policy, label)
    return label == "internal" or (INTERNAL in groups and groups.isdisjoint((PORTAL, PUBLIC)))


def one_less(severity: Severity) -> Severity:
    """One step less grave, as where the model's own code may refuse; what is low stays low."""
    return max(_LADDER[max(severity.rank - 1, 0)], min(severity, Severity.LOW))
