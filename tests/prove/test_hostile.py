"""Rules written to break the prover: it answers, or names what it can't follow, and never takes that for isolated."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.policy import Mode
from ostiary.prove import Prover
from ostiary.prove.encode import world
from ostiary.prove.verdict import Proof, Verdict
from prove.corpus import Case

FIELDS = {
    "partner_id": "many2one res.partner",
    "company_id": "many2one res.company",
    "parent_id": "many2one x.thing",
    "ref_id": "many2one x.thing",
    "round": "many2one res.partner related=ref_id.round",
    "line_ids": "one2many x.line/thing_id",
    "name": "char",
    "state": "selection",
    "amount": "float",
    "number": "integer",
    "day": "date",
}
LINES = {
    "x.line": {
        "fields": {"thing_id": "many2one x.thing", "thing_ids": "many2many x.thing", "state": "selection"}
    }
}


def nested(term: str, times: int) -> str:
    text = "('state', '=', 'x')"
    for _ in range(times):
        text = term % text
    return f"[{text}]"


def prove(*rules: str, fields: dict[str, str] | None = None) -> Proof:
    case = msgspec.convert(
        {
            "name": "hostile",
            "why": "-",
            "verdict": "open",
            "fields": fields or FIELDS,
            "models": LINES,
            "rules": rules,
        },
        Case,
    )
    with Prover(case.policy) as prover:
        return prover.isolation("portal", "x.thing", Mode.READ)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("[('name', '=', 'a\"b|c\\\\d;(assert false)\\n\u00e9\U0001f600')]", Verdict.CONDITIONAL),
        ("[('name', 'like', 'a\"b|\\u00e9\U0001f600')]", Verdict.CONDITIONAL),
        ("[('name', '=', '\\x00')]", Verdict.CONDITIONAL),
        ("[('name', '=', '\\ud800')]", Verdict.UNKNOWN),
        (f"[('number', '=', {10**40})]", Verdict.NO_ACCESS),
        (f"[('partner_id', '=', {10**12})]", Verdict.CONDITIONAL),
        ("[('partner_id', '=', -5)]", Verdict.NO_ACCESS),
        ("[('amount', '>', 1e308), ('amount', '<', 1e-320)]", Verdict.NO_ACCESS),
        ("[('day', '>', '2024-13-45')]", Verdict.UNKNOWN),
        ("[('day', '>', '2150-01-01')]", Verdict.CONDITIONAL),
        ("[('day', '>', '9999-12-31')]", Verdict.NO_ACCESS),
        ("[('round', '=', user.partner_id.id)]", Verdict.UNKNOWN),
        (f"[('{'.'.join(['parent_id'] * 60)}.state', '=', 'x')]", Verdict.UNKNOWN),
        (nested("('line_ids', 'any', [('thing_id', 'any', [%s])])", 12), Verdict.UNKNOWN),
        (nested("('line_ids', 'not any', [('thing_id', 'not any', [%s])])", 3), Verdict.CONDITIONAL),
        (f"[('partner_id', 'in', [{', '.join(['user.partner_id.id'] * 500)}])]", Verdict.ISOLATED),
    ],
)  # fmt: skip
def test_one_rule(rule: str, verdict: Verdict) -> None:
    proof = prove(rule)
    assert proof.verdict is verdict, proof
    assert proof.defect == ""
    assert (proof.verdict is Verdict.UNKNOWN) is bool(proof.unknown)


def test_many_rules() -> None:
    proof = prove(
        *[f"[('state', '=', 's{n}'), ('partner_id.parent_id.name', '=', 'n{n}')]" for n in range(60)]
    )
    assert proof.verdict in (Verdict.NO_ACCESS, Verdict.CONDITIONAL)


def test_more_ways_than_are_looked_at_are_said_to_be_more() -> None:
    terms = [f"('state', '=', 's{n}')" for n in range(60)]
    proof = prove("[" + "'|', " * (len(terms) - 1) + ", ".join(terms) + "]")
    assert proof.verdict is Verdict.CONDITIONAL
    assert proof.condition is not None
    assert not proof.condition.complete


def test_a_name_is_no_command() -> None:
    fields = {"ok) (assert false": "boolean", "state": "selection"}
    assert prove("[('state', '=', 'x')]", fields=fields).verdict is Verdict.CONDITIONAL


def test_what_is_said_of_all_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left unsaid only allows more: nothing is proved that isn't so, and no wrong witness is a leak."""
    monkeypatch.setattr(world, "MAX_INSTANCES", 0)
    rule = "[('line_ids.state', '=', 'a'), ('line_ids', 'not any', [('state', '=', 'a')])]"
    proof = prove(rule)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.unknown[0].kind == "too-large"
    monkeypatch.undo()
    assert prove(rule).verdict is Verdict.NO_ACCESS
