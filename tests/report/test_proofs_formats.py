"""Proofs and differences as JSON, SARIF, HTML and Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from ostiary.policy import Mode
from ostiary.policy.effective import Unknown
from ostiary.prove import Change, Difference, Verdict
from ostiary.report import proofs_diff, proofs_html, proofs_json, proofs_sarif
from report.proof_samples import difference, policy, proof, proofs, witness
from report.samples import HOSTILE
from report.test_html import Page
from report.test_terminal import same_as

ROOT = Path(__file__).resolve().parents[2]
SARIF = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"
POLICY = policy()


def valid(text: str, schema: Path) -> Any:
    """The document, which its schema accepts."""
    document = json.loads(text)
    accepted = json.loads(schema.read_text("utf-8"))
    kind = jsonschema.validators.validator_for(accepted)
    kind.check_schema(accepted)
    kind(accepted).validate(document)
    return document


def differences() -> list[Difference]:
    why = Unknown("summary", "Only a summary of module base was read.")
    return [
        difference(),
        difference(mode=Mode.WRITE),
        difference(audience="public", change=Change.INCOMPARABLE, lost=witness(name="Plant B")),
        difference(model="garden.bed", change=Change.LESS, gained=None, lost=witness("garden.bed", "Bed A")),
        *(
            difference(model=one, change=Change.UNKNOWN, gained=None, causes=(), unknown=(why,))
            for one in ("garden.tag", "garden.bed")
        ),
    ]


# -- JSON ------------------------------------------------------------------------------------------------------


def test_the_schema_describes_proofs() -> None:
    document = valid(
        proofs_json.render(proofs(), POLICY, targets=["garden"]), ROOT / "docs/prove.schema.json"
    )
    assert document["summary"] == {
        "gap": 3,
        "unknown": 1,
        "about-nothing": 0,
        "reference": 2,
        "published": 2,
        "isolated": 1,
        "of-itself": 1,
        "no-access": 1,
    }
    first, bed = document["proofs"][0], document["proofs"][2]
    assert first["witness"]["story"] == "A portal user of Contact B reads Plant A, which is Contact D's."
    assert first["witness"]["rows"][5]["role"] == "whose record it is"
    assert [row["id"] for row in first["witness"]["rows"]] == [3, 7, 1, 5, 6, 8, 9, 10]
    assert first["definitions"][0]["path"] == "garden/security/ir.model.access.csv"
    assert bed["condition"]["domain"] == "[('owner_id', '=', False)]"
    assert bed["condition"]["sort"] == "unset"


def test_the_schema_refuses_what_lacks_something() -> None:
    document = json.loads(proofs_json.render(proofs(), POLICY))
    bed = document["proofs"][2]
    assert {
        "model",
        "audience",
        "mode",
        "verdict",
        "condition",
        "witness",
        "assumptions",
        "rules",
        "unknown",
    } <= set(bed)
    assert set(bed["condition"]) == {"domain", "english", "alternatives", "sort", "user", "complete"}
    for part in (bed, bed["condition"], bed["witness"]):
        for key in list(part):
            value = part.pop(key)
            with pytest.raises(jsonschema.ValidationError):
                valid(json.dumps(document), ROOT / "docs/prove.schema.json")
            part[key] = value
    valid(json.dumps(document), ROOT / "docs/prove.schema.json")
    bed["verdict"] = "closed"
    with pytest.raises(jsonschema.ValidationError):
        valid(json.dumps(document), ROOT / "docs/prove.schema.json")


def test_groups_that_a_user_of_a_story_holds_besides() -> None:
    held = msgspec.structs.replace(witness(), groups=("garden.group_friend",))
    found = proof(question="separation", witness=held)
    document = valid(proofs_json.render([found], POLICY), ROOT / "docs/prove.schema.json")
    assert document["proofs"][0]["witness"]["groups"] == ["garden.group_friend"]
    assert "who also holds garden.group_friend" in document["proofs"][0]["witness"]["story"]
    page = proofs_html.render([found], POLICY)
    assert "A portal user of Contact B,<br>who also holds garden.group_friend</b>" in page


def test_the_schema_describes_differences() -> None:
    text = proofs_json.differences(differences(), POLICY, POLICY, targets=["a", "b"])
    document = valid(text, ROOT / "docs/diff.schema.json")
    assert document["summary"] == {"more": 2, "incomparable": 1, "less": 1, "unknown": 2}
    assert [one["wider"] for one in document["differences"]] == [True, True, True, False, False, False]
    assert document["differences"][3]["gained"] is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_survive_and_command_nothing(name: str) -> None:
    found = proof(model=name, witness=witness(name, name), assumptions=(name,))
    text = proofs_json.render([found], POLICY)
    assert not any(bad in text for bad in ("\x1b", "\u202e", "\x9b"))
    assert valid(text, ROOT / "docs/prove.schema.json")["proofs"][0]["model"] == name


def test_nothing_to_say_is_a_document_too() -> None:
    assert valid(proofs_json.render([], POLICY), ROOT / "docs/prove.schema.json")["proofs"] == []
    assert (
        valid(proofs_json.differences([], POLICY, POLICY), ROOT / "docs/diff.schema.json")["differences"]
        == []
    )


# -- SARIF -----------------------------------------------------------------------------------------------------


def test_sarif_holds_what_is_to_be_looked_at() -> None:
    (run,) = valid(proofs_sarif.render(proofs(), POLICY), SARIF)["runs"]
    assert [(one["ruleId"], one["level"], one["properties"]["model"]) for one in run["results"]] == [
        ("prove-isolation-gap", "error", "garden.bed"),
        ("prove-isolation-gap", "error", "garden.plant"),
        ("prove-isolation-unknown", "warning", "garden.visit"),
        ("prove-isolation-reference", "note", "garden.tag"),
        ("prove-isolation-published", "note", "garden.bed"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "garden/security/rules.xml"
    marks = [one["partialFingerprints"]["ostiary/v1"] for one in run["results"]]
    assert len(set(marks)) == len(marks)


def test_sarif_without_results_is_valid() -> None:
    (run,) = valid(proofs_sarif.render([proof(verdict=Verdict.ISOLATED)], POLICY), SARIF)["runs"]
    assert run["results"] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_sarif_of_hostile_names_is_valid(name: str) -> None:
    text = proofs_sarif.render([proof(model=name, witness=witness(name, name))], POLICY)
    valid(text, SARIF)
    assert "\x1b" not in text


# -- HTML ------------------------------------------------------------------------------------------------------


def test_the_page_is_whole_and_says_it_all() -> None:
    text = proofs_html.render(proofs(), POLICY, targets=["garden"], title="Kew & Co")
    page = Page(text)
    assert page.stack == []
    for said in (
        "Kew &amp; Co", "A portal user of Contact B", "reads", "which is Contact D&#39;s", "garden.plant_own",
        "Taken for granted", "owner_id is not set",
    ):  # fmt: skip
        assert said in text.replace("<wbr>", ""), said
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    links = [str(found["href"])[1:] for tag, found in page.elements if tag == "a"]
    assert set(links) <= set(ids)
    assert not any("src" in found for _, found in page.elements)


def test_the_page_of_nothing() -> None:
    assert "There was nothing to decide." in proofs_html.render([], POLICY)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(name: str) -> None:
    found = proof(witness=witness(name=name), model=name, assumptions=(name,), invariant=name)
    text = proofs_html.render([found], POLICY, title=name)
    assert "<script" not in text
    assert "\x1b" not in text
    plain = Page(proofs_html.render(proofs(), POLICY))
    assert {tag for tag, _ in Page(text).elements} <= {tag for tag, _ in plain.elements}


# -- differences -----------------------------------------------------------------------------------------------


def test_differences_on_a_terminal() -> None:
    text = proofs_diff.as_text(differences(), POLICY, POLICY, targets=["old", "new"], witness=True)
    same_as("differences-100.txt", text)


def test_differences_as_markdown() -> None:
    text = proofs_diff.as_markdown(differences(), POLICY, POLICY, targets=["old", "new"])
    same_as("differences.md", text)


@pytest.mark.parametrize("name", [*HOSTILE, "@everyone", "a | b", "![x](http://example.org/x.png)"])
def test_no_name_becomes_markdown(name: str) -> None:
    found = difference(model=name, gained=witness(name, name), causes=(name,))
    text = proofs_diff.as_markdown([found], POLICY, POLICY)
    rows = [line for line in text.splitlines() if line.startswith("| more")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 7
    assert "@" not in rows[0]
    assert "<" not in rows[0].replace("\\<", "")
    assert "](" not in rows[0]


def test_no_difference_is_said() -> None:
    assert "No difference" in proofs_diff.as_text([], POLICY, POLICY)
    assert "No difference" in proofs_diff.as_markdown([], POLICY, POLICY)
