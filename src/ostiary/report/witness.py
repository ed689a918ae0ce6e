"""The example that shows a finding, told: in a sentence, and as the records that it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ostiary.audit import Finding
from ostiary.policy import Policy
from ostiary.policy.memo import remembered

if TYPE_CHECKING:
    from ostiary.report.proofs_story import Told


def told(finding: Finding, policy: Policy) -> Told | None:
    """The story of a finding's witness; None where it has none."""
    proof = finding.proof
    if proof is None or proof.witness is None:
        return None
    from ostiary.prove import Witness  # with a prover, which an audit without examples does without
    from ostiary.report.proofs_story import Teller

    teller = remembered(policy, ("report teller",), lambda: Teller(policy))
    witness = msgspec.convert(proof.witness, Witness, from_attributes=True)
    return teller.tell(witness, proof.audience, proof.mode, silo=proof.question == "silo")


def sentence(finding: Finding, policy: Policy) -> str:
    """`For example: a portal user of Contact A reads Order A, which is Contact B's.`; empty without a witness."""
    found = told(finding, policy)
    if found is None:
        return ""
    said = found.sentence
    return f"For example: {said[:1].lower()}{said[1:]}"
