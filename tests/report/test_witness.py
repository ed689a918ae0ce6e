"""The example that shows a finding: in a sentence everywhere, and as a table in the HTML report."""

from __future__ import annotations

import json

import msgspec
import pytest

from ostiary.audit import AuditResult, Example, Proved, Record
from ostiary.policy import Field, Mode, Policy
from ostiary.report import html, json_, sarif, terminal, witness
from report.samples import HOSTILE, at, finding, findings, garden, result

STORY = "a portal user of Rose reads Plant 7, which is Tulip's"


def policy() -> Policy:
    """The garden, with a plant that belongs to a contact."""
    found = garden()
    where = at("garden/models/plant.py", 9)
    owner = Field(origin=where, name="partner_id", type="many2one", comodel="res.partner")
    models = dict(found.models)
    models["garden.plant"] = msgspec.structs.replace(models["garden.plant"], fields={"partner_id": owner})
    return msgspec.structs.replace(found, models=models)


def audited(name: str = "Tulip") -> AuditResult:
    """One finding, with an example in which a contact has this name."""
    user = Record("res.users", 3, {"partner_id": 4}, "the user")
    record = Record("garden.plant", 7, {"partner_id": 5, "state": HOSTILE}, "the record")
    mine = Record("res.partner", 4, {"name": "Rose"}, "the user's contact")
    theirs = Record("res.partner", 5, {"name": name})
    proof = Proved(
        question="isolation",
        audience="portal",
        mode=Mode.READ,
        verdict="conditional",
        condition="state is 'done'",
        domain="[('state', '=', 'done')]",
        sort="plain",
        witness=Example(user, record, (user, record, mine, theirs), (1,), True),
        assumptions=("A tree has no cycles.",),
    )
    return result(finding(proof=proof), policy=policy())


def test_the_story_is_told_in_the_terminal() -> None:
    said = terminal.as_text(audited(), policy(), width=200)
    assert f"For example: {STORY}." in said


def test_without_a_witness_there_is_no_example() -> None:
    plain = result(*findings(), policy=policy())
    assert witness.sentence(plain.findings[0], policy()) == ""
    assert "For example" not in terminal.as_text(plain, policy())
    assert '<div class="witness">' not in html.render(plain, policy())


def test_the_page_has_the_records_in_a_table() -> None:
    page = html.render(audited(), policy())
    assert "whose record it is" in page
    table = page.partition('<div class="witness">')[2].partition("</table>")[0]
    for said in ("Rose", "Tulip", "the user", "the record", "partner_id"):
        assert said in table
    assert page.count('<div class="witness">') == 1


def test_what_was_read_commands_nothing() -> None:
    shown = (
        html.render(audited(HOSTILE), policy()).partition('<div class="witness">')[2].partition("</div>")[0],
        terminal.as_text(audited(HOSTILE), policy()),
        json_.render(audited(HOSTILE), policy()),
        sarif.render(audited(HOSTILE), policy()),
    )
    assert not any("\x1b" in one for one in shown)
    assert "<script" not in shown[0]


def test_json_says_what_was_proved() -> None:
    (shown,) = json.loads(json_.render(audited(), policy()))["findings"]
    assert shown["proof"] == {
        "question": "isolation",
        "audience": "portal",
        "mode": "read",
        "verdict": "conditional",
        "condition": {
            "domain": "[('state', '=', 'done')]",
            "english": "state is 'done'",
            "sort": "plain",
            "user": [],
        },
        "story": f"{STORY[:1].upper()}{STORY[1:]}.",
        "assumptions": ["A tree has no cycles."],
        "unknown": [],
    }


@pytest.mark.parametrize("found", [True, False])
def test_sarif_tells_the_story(*, found: bool) -> None:
    document = json.loads(sarif.render(audited() if found else result(*findings()), policy()))
    messages = [one["message"]["text"] for one in document["runs"][0]["results"]]
    assert any(STORY in text for text in messages) is found
