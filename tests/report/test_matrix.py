"""The access matrix."""

from __future__ import annotations

import csv
import io
import json

from ostiary.policy import Mode, Subject, Verdict
from ostiary.report import matrix, matrix_terminal
from report.samples import RIGHTS, at, garden


def test_who_may_what_and_what_limits_it() -> None:
    found = matrix.build(garden())
    assert found.audiences == ("public", "portal", "garden.group_friend", "internal", "garden.group_gardener")
    assert found.models == ("garden.bed", "garden.plant")
    row = next(row for row in found.rows if (row.model, row.audience) == ("garden.plant", "portal"))
    assert row.share
    assert row.verdicts[Mode.READ] is Verdict.FILTERED
    assert row.verdicts[Mode.WRITE] is Verdict.ALLOWED
    assert row.verdicts[Mode.UNLINK] is Verdict.DENIED
    read = next(cell for cell in row.cells if Mode.READ in cell.modes)
    assert [limit.name for limit in read.limits] == ["garden.plant_visitor", "garden.plant_own"]
    assert "partner_id" in read.english


def test_chosen_audiences_and_models() -> None:
    policy = garden()
    found = matrix.build(policy, [Subject.find(policy, "portal")], ["*.bed", "res.*"])
    assert found.models == ("garden.bed", "res.partner")
    assert found.audiences == ("portal",)
    assert found.left_out == 0


def test_too_many_models_are_narrowed_to_those_that_share_users_reach() -> None:
    found = matrix.build(garden(), most=1)
    assert found.narrowed
    assert found.models == ("garden.bed", "garden.plant")


def test_json_and_csv() -> None:
    policy = garden()
    found = matrix.build(policy)
    document = json.loads(matrix.as_json(found, policy))
    assert len(document["matrix"]) == 10
    assert document["matrix"][0]["modes"].keys() == {"read", "write", "create", "unlink"}
    lines = list(csv.DictReader(io.StringIO(matrix.as_csv(found))))
    assert len(lines) == 40
    plant = [
        each
        for each in lines
        if (each["model"], each["audience"], each["mode"]) == ("garden.plant", "portal", "read")
    ]
    assert plant[0]["verdict"] == "filtered"
    assert plant[0]["definitions"] == "garden.plant_visitor garden.plant_own"


def test_csv_holds_no_formula() -> None:
    rights = list(garden().rights)
    rights[0] = type(rights[0])(origin=at(RIGHTS), xmlid="=cmd()", model="garden.plant", modes=(Mode.READ,))
    text = matrix.as_csv(matrix.build(garden(rights=rights)))
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for line in csv.reader(io.StringIO(text)) for cell in line
    )


def test_on_a_terminal() -> None:
    policy = garden()
    text = matrix_terminal.as_text(matrix.build(policy), policy, width=80)
    assert "garden.plant  Plant" in text
    assert "  Portal users          ◐ ● · ·\n" in text
    assert "  garden.group_friend   ◐ ● · ·  as portal\n" in text
    assert max(map(len, text.splitlines()[1:])) <= 80
