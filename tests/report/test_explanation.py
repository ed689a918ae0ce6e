"""Decisions as trees and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from ostiary.policy import Question, Subject, decide, who
from ostiary.report import explanation
from report.samples import garden


def decided(question: str, subject: str = "portal") -> Any:
    policy = garden()
    return decide(policy, Subject.find(policy, subject), Question.parse(question, policy))


def shown(decision: Any, width: int = 80) -> str:
    out = io.StringIO()
    explanation.render(decision, Console(file=out, width=width, no_color=True))
    return out.getvalue()


def test_a_tree_says_why() -> None:
    text = shown(decided("read garden.plant"))
    assert text.startswith("◐ FILTERED  read garden.plant  as a portal user\n")
    assert "garden/security/ir.model.access.csv:2" in text
    assert "base.group_portal implies garden.group_visitor." in text
    assert "[('partner_id', 'child_of', user.commercial_partner_id.id)]" in text


def test_a_denial_has_a_tree_too() -> None:
    text = shown(decided("unlink garden.plant"))
    assert text.startswith("✗ DENIED")
    assert "gives read, write, not unlink" in text


def test_prose_is_no_wider_than_the_terminal() -> None:
    for each in shown(decided("read garden.plant"), 60).splitlines():
        assert len(each) <= 60 or "[(" in each or ".csv:" in each or ".xml:" in each


def ids(tree: dict[str, Any]) -> Iterator[str]:
    yield tree["id"]
    for child in tree["children"]:
        yield from ids(child)


def test_the_json_twin_has_stable_ids() -> None:
    policy = garden()
    document = json.loads(explanation.as_json(decided("read garden.plant"), policy))
    assert document["verdict"] == "filtered"
    found = list(ids(document["reason"]))
    assert len(found) == len(set(found))
    assert any("record-rule:garden.plant_own" in each for each in found)
    assert document == json.loads(explanation.as_json(decided("read garden.plant"), policy))


def test_who_lists_each_group_with_its_limits() -> None:
    policy = garden()
    question = Question.parse("read garden.plant", policy)
    out = io.StringIO()
    explanation.render_who(question, who(policy, question), Console(file=out, width=80, no_color=True))
    text = out.getvalue()
    assert "◐ base.group_portal  filtered, outside the company" in text
    assert "✓ garden.group_gardener  allowed, internal" in text
    assert "May not: base.group_user, base.group_public." in text
    document = json.loads(explanation.who_as_json(question, who(policy, question), policy))
    assert {each["as"]: each["verdict"] for each in document["who"]}["base.group_portal"] == "filtered"


def test_nobody() -> None:
    policy = garden(rights=[])
    question = Question.parse("read garden.plant", policy)
    out = io.StringIO()
    explanation.render_who(question, who(policy, question), Console(file=out, width=80, no_color=True))
    assert "Nobody, in what was read" in out.getvalue()
