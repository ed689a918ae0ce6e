"""Which module answers for a finding: the one whose definition is at fault, or the one that brings the fault about."""

from __future__ import annotations

import msgspec

from ostiary.audit.finding import Evidence, Finding
from ostiary.policy.concerned import audited
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy


def answerable(policy: Policy, finding: Finding) -> Finding | None:
    """The finding where somebody who was asked about can mend it; None where it is all of modules that were not.

    A definition of a dependency may be in order until an audited module makes a group imply another one, or gives an
    access right: the finding is then at that link or right, which is what can be changed.
    """
    if audited(policy, finding.module):
        return finding
    cause = _cause(policy, finding)
    if cause is None:
        return None
    known = policy.modules.get(finding.module)
    whose = f"the definition it is about belongs to {known.name if known else finding.module}"
    evidence = (*finding.evidence, Evidence(f"{whose}, which was only read as a dependency", finding.origin))
    return msgspec.structs.replace(
        finding, module=cause.module, path=cause.path, line=cause.line, evidence=evidence
    )


def _cause(policy: Policy, finding: Finding) -> Origin | None:
    """The place in an audited module without which there would be no finding."""
    links, rights = remembered(policy, ("audit answerable",), lambda: _openings(policy))
    places = [step.origin for step in finding.evidence if step.origin is not None]
    ours = [place for place in places if audited(policy, place.module)]
    for place in ours:
        if place in links:
            return place
    given = [place for place in places if place in rights]
    # Where the dependency gives a right of its own, the finding does not hang on ours.
    if given and all(audited(policy, place.module) for place in given):
        return given[0]
    return None


def _openings(policy: Policy) -> tuple[frozenset[Origin], frozenset[Origin]]:
    """The places of links between groups, and of access rights."""
    links = frozenset(link.origin for group in policy.groups.values() for link in group.implies)
    return links, frozenset(right.origin for right in policy.rights)
