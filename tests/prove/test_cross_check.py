"""A second solver is asked the same, and has to agree."""

from __future__ import annotations

import pytest

from ostiary.policy import Mode
from ostiary.prove import Disagreement, Prover
from ostiary.prove import solver as solving
from prove.corpus import Case, cases

pytest.importorskip("cvc5", reason="the second solver, cvc5, is not installed")

# One of each verdict and sort of condition in each version, and whatever has patterns.
CASES = list({(case.verdict, case.sort, case.version, case.mode): case for case in cases()}.values())
CASES += [case for case in cases() if case not in CASES and "like" in str(case.rules)][:6]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cvc5_agrees(case: Case) -> None:
    with Prover(case.policy, cross_check=True) as prover:
        if case.question == "silo":
            proof = prover.silo(case.group, case.model, Mode(case.mode))
        else:
            proof = prover.isolation(case.audience, case.model, Mode(case.mode))
    assert proof.verdict == case.verdict
    assert proof.checked or proof.verdict in ("no-access", "unknown")


def test_solvers_that_differ_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = solving._agree
    monkeypatch.setattr(
        solving, "_agree", lambda text, assumed, guesses, answer: asked(text, assumed, guesses, not answer)
    )
    case = next(case for case in cases() if case.verdict == "isolated" and case.question != "silo")
    with Prover(case.policy, cross_check=True) as prover, pytest.raises(Disagreement, match="z3 answers"):
        prover.isolation(case.audience, case.model, Mode(case.mode))
