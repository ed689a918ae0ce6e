"""Which domains mean the same whoever asks; field groups that are declared, and where they aren't known."""

from __future__ import annotations

import pytest

from ostiary.domain import parse
from ostiary.records.schema import Schema
from ostiary.records.shared import shared
from policy.build import field, model, policy

MODELS = [
    model("a", [
        field("name"), field("loop_id", "many2one", comodel="a"), field("made", compute="_made", store=False),
        field("price", "float", company_dependent=True),
        field("up", related="loop_id.name", store=False),
        field("line_ids", "one2many", comodel="b", inverse="a_id"),
        field("own_ids", "one2many", comodel="b", inverse="a_id", domain="[('user_id', '=', user.id)]"),
        field("round", related="loop_id.round", store=False),
    ]),
    model("b", [field("a_id", "many2one", comodel="a"), field("user_id", "integer")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("[]", True),
        ("[('name', '=', 'x'), '|', ('loop_id', 'in', [1, False]), ('loop_id.name', '=', 'y')]", True),
        ("[('line_ids.a_id', 'any', [('name', '=', 'x')])]", True),
        ("[('up', '=', 'x')]", True),
        ("[('loop_id', 'ilike', 'x')]", False),  # found by name
        ("[('loop_id', 'in', ['x'])]", False),
        ("[('price', '=', 1)]", False),
        ("[('made', '=', 1)]", False),
        ("[('own_ids', '!=', False)]", False),
        ("[('round', '=', 1)]", False),
        ("[('nothing', '=', 1)]", False),
        ("[('name', '=', user.id)]", False),
    ],
)
def test_domains_that_mean_the_same_for_all(text: str, answer: bool) -> None:
    assert shared(Schema(policy(models=MODELS)), "a", parse(text)) is answer
