"""Decided by logic: isolation, silos, invariants and differences, each with a witness or the assumptions of a proof.

A `Prover` asks about one Policy. What it says is a `Proof`; see `verdict`.
"""

from ostiary.prove.invariants import InvalidInvariants, Invariant, check_invariants, read_invariants
from ostiary.prove.prover import Prover
from ostiary.prove.solver import Disagreement
from ostiary.prove.verdict import Change, Condition, Difference, Proof, Row, Sort, Verdict, Waste, Witness
from ostiary.prove.waste import waste

__all__ = [
    "Change", "Condition", "Difference", "Disagreement", "InvalidInvariants", "Invariant", "Proof", "Prover", "Row",
    "Sort", "Verdict", "Waste", "Witness", "check_invariants", "read_invariants", "waste",
]  # fmt: skip
