"""One module with nine faults of its definitions, each found at its line, and its silent twin without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Severity, audit
from ostiary.sources import open_policy

HERE = Path(__file__).parent / "addons"
RULES, RIGHTS, MODELS = "security/rules.xml", "security/ir.model.access.csv", "models/rental.py"
# What is wrong, the check that says so, and the file and text of the line it points at.
FAULTS = [
    ("a model without access right", "model-without-access-right", MODELS, "class Key("),
    ("an access right without group", "access-right-without-group", RIGHTS, "access_season_all,"),
    ("portal users may write", "share-can-write", RIGHTS, "access_damage_portal,"),
    (
        "portal users read and no rule limits them",
        "share-model-without-rule",
        RIGHTS,
        "access_payment_portal,",
    ),
    ("a portal rule compares companies only", "rule-company-only", RULES, "user.company_id.id"),
    ("a portal rule is always true", "rule-always-true", RULES, "(1, '=', 1)"),
    (
        "a portal group implies the internal one",
        "portal-reaches-internal",
        "security/groups.xml",
        "base.group_portal",
    ),
    ("no company rule", "missing-company-rule", MODELS, "company_id = "),
    ("a company rule that is not global", "company-rule-not-global", RULES, "ref('base.group_user')"),
]


@pytest.fixture(scope="module")
def found() -> set[tuple[str, str, int]]:
    result = audit(open_policy([HERE / "faulty"], cache=False))
    root = HERE / "faulty" / "rental"
    assert not result.errors
    return {
        (one.check, str(Path(one.path).relative_to(root)), one.line)
        for one in result.findings
        if one.severity >= Severity.LOW
    }


@pytest.mark.parametrize(("fault", "check", "file", "text"), FAULTS, ids=[each[1] for each in FAULTS])
def test_a_fault_is_found_at_its_line(
    found: set[tuple[str, str, int]], fault: str, check: str, file: str, text: str
) -> None:
    lines = (HERE / "faulty/rental" / file).read_text().splitlines()
    places = {number for number, line in enumerate(lines, 1) if text in line}
    said = {line for name, where, line in found if (name, where) == (check, file)}
    assert said & places, fault


def test_nothing_else_is_said(found: set[tuple[str, str, int]]) -> None:
    assert {check for check, _, _ in found} == {check for _, check, _, _ in FAULTS}


def test_the_clean_twin_is_silent() -> None:
    result = audit(open_policy([HERE / "clean"], cache=False))
    assert not result.errors
    assert [(one.check, one.path, one.line) for one in result.findings] == []
