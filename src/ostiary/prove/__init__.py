"""Decided by logic: isolation, silos, invariants and differences, each with a witness or the assumptions of a proof.

A `Prover` asks about one Policy. What it says is a `Proof`; see `verdict`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ostiary.prove.verdict import Change, Condition, Difference, Proof, Row, Sort, Verdict, Waste, Witness

if TYPE_CHECKING:
    from ostiary.prove.invariants import InvalidInvariants, Invariant, check_invariants, read_invariants
    from ostiary.prove.prover import Prover
    from ostiary.prove.solver import Disagreement

__all__ = [
    "Change", "Condition", "Difference", "Disagreement", "InvalidInvariants", "Invariant", "Proof", "Prover", "Row",
    "Sort", "Verdict", "Waste", "Witness", "check_invariants", "read_invariants",
]  # fmt: skip

# What needs a solver or tables is imported when it is asked for: whoever only speaks of proofs need not wait for it.
_WITH_SOLVER = {
    "Disagreement": "solver",
    "InvalidInvariants": "invariants",
    "Invariant": "invariants",
    "Prover": "prover",
    "check_invariants": "invariants",
    "read_invariants": "invariants",
}


def __getattr__(name: str) -> Any:
    if name not in _WITH_SOLVER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WITH_SOLVER[name]}"), name)
