"""What visitors who have not logged in reach by being who they are: all of them are one and the same user."""

from __future__ import annotations

from ostiary.audit.asking.facts import group_of
from ostiary.audit.asking.proofs import isolation
from ostiary.audit.rules.attributes import compares_more_than_identity
from ostiary.domain import And, Domain, Subdomain, Term, symbols
from ostiary.policy.definitions import Mode
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC


def only_of_the_visitor(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    """Whether visitors reach nothing but records of the one user that all of them are.

    These belong to nobody who has logged in, so that there is little to lose in them.
    """
    if group_of(label) != PUBLIC:
        return False
    condition = isolation(policy, label, model, mode).condition
    if condition is None or condition.user or not condition.complete:
        return False
    return all(_singles_out(one) for one in condition.alternatives)


def _singles_out(domain: Domain) -> bool:
    """Whether something that must hold compares with the user, or with their contact."""
    items = domain.items if isinstance(domain, And) else (domain,)
    return any(isinstance(item, Term) and _compares_identity(item) for item in items)


def _compares_identity(term: Term) -> bool:
    if isinstance(term.value, Subdomain):
        return term.operator == "any" and _singles_out(term.value.domain)
    used = [one for one in symbols(term.value) if one.root == "user"]
    return (
        term.operator in ("=", "in", "child_of")
        and bool(used)
        and not any(compares_more_than_identity(one) for one in used)
    )
