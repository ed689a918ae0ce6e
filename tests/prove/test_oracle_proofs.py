"""Proofs of isolation against the rows that a real Odoo 18.0 showed its portal and public users."""

from __future__ import annotations

import compare_proofs as tool
import msgspec
import pytest
from compare_decisions import counts_of, rows_of

from ostiary.domain import FALSE
from ostiary.policy import Mode, Subject
from ostiary.prove import Prover
from ostiary.prove.verdict import Condition, Proof, Sort, Verdict
from policy.oracle import ORACLE, needs_oracle

pytestmark = needs_oracle

# Its rows are made by a query in Python.
NOT_COMPARED = {"sale.report"}
AUDIENCES = {
    "portal",
    "public",
    "portal+group_sale_salesman",
    "portal+group_survey_user+im_livechat_group_user",
}
# Isolated, open and conditional for portal users, with rows that show it.
FEW = ("project.project", "res.country", "event.event")


@pytest.fixture(scope="module")
def url(oracle_url: str) -> str:
    return oracle_url


@pytest.fixture(scope="module")
def rows() -> list[tool.Row]:
    return [row for row in rows_of(ORACLE) if row["op"] in ("read", "write", "unlink")]


@pytest.fixture(scope="module")
def proofs(url: str, rows: list[tool.Row]) -> tool.Proofs:
    return tool.compare(url, rows, counts_of(ORACLE))


def of(proofs: tool.Proofs, verdict: Verdict) -> list[tool.Line]:
    return [line for line in proofs.lines if line.proof.verdict is verdict]


def test_no_row_says_otherwise(proofs: tool.Proofs) -> None:
    assert [(line.shown(), line.wrong) for line in proofs.lines if line.wrong] == []
    assert {line.audience for line in proofs.lines} == AUDIENCES
    assert {line.model for line in proofs.lines if line.undecided} == NOT_COMPARED


def test_isolated_models_have_rows_that_tell(proofs: tool.Proofs) -> None:
    told = [line for line in of(proofs, Verdict.ISOLATED) if line.seen]
    assert len(told) >= 30
    assert sum(line.unlinked for line in told) == 0


def test_open_models_with_rows_show_one_to_a_stranger(proofs: tool.Proofs) -> None:
    told = [line for line in of(proofs, Verdict.OPEN) if line.seen]
    assert len(told) >= 150
    assert [line.shown() for line in told if not line.unlinked] == []


def test_hardly_anything_is_unknown(proofs: tool.Proofs) -> None:
    unknown = of(proofs, Verdict.UNKNOWN)
    assert len(unknown) <= 0.03 * len(proofs.lines)
    assert [line.proof.defect for line in proofs.lines if line.proof.defect] == []


@pytest.mark.parametrize(
    ("verdict", "condition", "wrong"),
    [
        (Verdict.ISOLATED, None, {"res.country", "event.event"}),
        (Verdict.OPEN, None, {"project.project", "event.event"}),
        (Verdict.NO_ACCESS, None, {"project.project", "res.country", "event.event"}),
        (Verdict.CONDITIONAL, Condition(FALSE, (), Sort.PLAIN), {"res.country", "event.event"}),
    ],
)
def test_a_wrong_proof_is_seen(
    url: str,
    rows: list[tool.Row],
    monkeypatch: pytest.MonkeyPatch,
    verdict: Verdict,
    condition: Condition | None,
    wrong: set[str],
) -> None:
    """Each verdict, given to models of which it isn't so."""

    def lie(self: Prover, audience: Subject, model: str, mode: Mode) -> Proof:
        return Proof("isolation", model, audience.name, mode, verdict, condition=condition)

    monkeypatch.setattr(Prover, "isolation", lie)
    few = [row for row in rows if row["model"] in FEW and row["user"] == "portal" and row["op"] == "read"]
    found = tool.compare(url, few, counts_of(ORACLE))
    assert {line.model for line in found.lines if line.wrong} == wrong
    assert {line.model for line in found.lines} == set(FEW)


def test_a_row_too_few_or_too_many_is_seen(url: str, rows: list[tool.Row]) -> None:
    """The right proofs, and a server that answers otherwise."""
    few = [row for row in rows if row["model"] in FEW and row["user"] == "portal" and row["op"] == "read"]
    every = {row["model"]: row for row in rows if row["user"] == "admin" and row["op"] == "read"}
    shown = {"project.project": every["project.project"]["ids"], "res.country": []}
    told = [dict(row) | {"ids": shown.get(row["model"], row["ids"]), "search_ids": None} for row in few]
    found = tool.compare(url, told, counts_of(ORACLE))
    assert {line.model for line in found.lines if line.wrong} == set(shown)


def test_a_line_names_what_is_wrong() -> None:
    proof = Proof("isolation", "x.thing", "portal", Mode.READ, Verdict.ISOLATED)
    line = tool.Line("x.thing", "portal", Mode.READ, proof)
    assert "agree" in line.shown()
    line.undecided.append("who knows")
    assert "not compared" in line.shown()
    line.wrong.append("ada passes [1]")
    assert "DISAGREE" in line.shown()
    open_ = msgspec.structs.replace(proof, verdict=Verdict.OPEN)
    assert "open" in tool.Line("x.thing", "portal", Mode.READ, open_).shown()
