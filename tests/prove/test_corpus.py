"""The corpus: each case is read as meant, `records` agrees with what it shows, and the prover with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from ostiary.domain import TRUE, canonical, opaques, parse
from ostiary.policy import Mode, RecordRule, Subject, effective
from ostiary.policy.effective import Verdict as Whole
from ostiary.prove import Prover
from ostiary.prove.verdict import Proof, Sort, Verdict
from prove.corpus import Case, Scene, cases

CASES = cases()
SHOWN = [case for case in CASES if case.passes or case.fails or case.own]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@contextmanager
def scene(case: Case) -> Iterator[Scene]:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            yield Scene(case, connection)
    finally:
        engine.dispose()


def test_names_tell_cases_apart() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 75
    assert sorted(set(names)) == sorted(names)
    assert {case.verdict for case in CASES} == {one.value for one in Verdict}
    assert {case.sort for case in CASES if case.sort} == {one.value for one in Sort}


@each
def test_case_says_no_two_things(case: Case) -> None:
    """What a case shows is what its verdict means."""
    verdict = Verdict(case.verdict)
    assert case.why.strip()
    assert verdict is Verdict.CONDITIONAL or not (case.sort or case.condition)
    assert verdict in (Verdict.CONDITIONAL, Verdict.OPEN) or case.user is None
    assert (verdict is Verdict.UNKNOWN) >= bool(case.names)
    if verdict is Verdict.ISOLATED:
        assert not case.passes
    if verdict is Verdict.OPEN:
        assert not (case.own or case.fails) or any("as" in values for values in case.passes)
    if verdict is Verdict.NO_ACCESS:
        assert not case.passes
        assert not case.own


@each
def test_case_is_read_as_meant(case: Case) -> None:
    """Every domain is understood but where the case is about one that isn't, and a right is given where one should."""
    rules = case.policy.rules
    assert any(True for rule in rules for _ in opaques(rule.domain)) is case.opaque
    assert not case.condition or not list(opaques(parse(case.condition)))
    found = effective(case.policy, Subject.of_group(case.policy, case.group), case.model, Mode(case.mode))
    taking_part = {one.xmlid for one in found.definitions if isinstance(one, RecordRule)}
    if case.verdict == Verdict.NO_ACCESS:
        assert found.verdict is Whole.DENIED or taking_part
    else:
        assert found.rights
        assert found.verdict is not Whole.DENIED
    if case.verdict == Verdict.ISOLATED:
        assert taking_part
    if case.verdict == Verdict.UNKNOWN and case.mode == "read":
        assert found.verdict is Whole.UNKNOWN
        assert any(case.names in f"{part.name} {part.text}" for part in found.unknowns)


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.name)
def test_records_agree(case: Case) -> None:
    with scene(case) as made:
        given = [*case.passes, *case.own, *case.fails]
        answers = [made.passes(values) for values in given]
    assert answers == [values not in case.fails for values in given]


_PROOFS: dict[str, Proof] = {}


def prove(case: Case) -> Proof:
    """The prover's answer, asked for once a case."""
    if case.name not in _PROOFS:
        audience = case.group if case.question == "silo" else case.audience
        with Prover(case.policy) as prover:
            ask = prover.silo if case.question == "silo" else prover.isolation
            _PROOFS[case.name] = ask(audience, case.model, Mode(case.mode))
    return _PROOFS[case.name]


@each
def test_verdict(case: Case) -> None:
    proof = prove(case)
    assert (proof.question, proof.model, proof.mode) == (case.question, case.model, Mode(case.mode))
    assert proof.verdict == case.verdict, proof
    assert proof.defect == ""
    if proof.verdict in (Verdict.OPEN, Verdict.CONDITIONAL):
        assert proof.witness is not None
        assert proof.witness.reproduced or not case.shown
    else:
        assert proof.witness is None
    if proof.verdict is Verdict.UNKNOWN:
        assert proof.unknown
        assert any(case.names in f"{part.name} {part.text}" for part in proof.unknown)
    else:
        assert not proof.unknown


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.verdict == "conditional"], ids=lambda case: case.name
)
def test_condition(case: Case) -> None:
    condition = prove(case).condition
    assert condition is not None
    assert condition.alternatives
    if case.sort:
        assert condition.sort == case.sort
    if case.condition:
        assert canonical(condition.domain) == canonical(parse(case.condition))
    if case.user is not None:
        assert bool(condition.user) is case.user


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.verdict != "conditional"], ids=lambda case: case.name
)
def test_no_condition(case: Case) -> None:
    """Nothing is asked of a record; who it is open to may be some users only."""
    condition = prove(case).condition
    assert (condition is not None and bool(condition.user)) is bool(case.user)
    assert condition is None or condition.domain == TRUE
