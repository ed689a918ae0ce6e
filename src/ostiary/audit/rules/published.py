"""What is shown because somebody published it, and what because somebody published something else."""

from __future__ import annotations

from ostiary.domain import And, Domain, Subdomain, Term
from ostiary.policy.policy import Policy
from ostiary.prove import Proof
from ostiary.prove.condition import sort_of
from ostiary.prove.verdict import Sort


def published_by_another(policy: Policy, proof: Proof) -> bool:
    """Whether some records are shown since a record they link to is published, and nobody published them.

    Whoever publishes an event thinks of the event, and not of those who rent its booths.
    """
    condition = proof.condition
    return condition is not None and any(
        not any(_published(policy, proof.model, part) for part in _parts(one))
        for one in condition.alternatives
    )


def _published(policy: Policy, model: str, part: Domain) -> bool:
    """Whether a part of a condition asks for something that is set on the record itself."""
    if isinstance(part, Term) and ("." in part.path or isinstance(part.value, Subdomain)):
        return False
    return sort_of(policy, model, [part]) is Sort.PUBLISHING


def _parts(domain: Domain) -> tuple[Domain, ...]:
    return domain.items if isinstance(domain, And) else (domain,)
