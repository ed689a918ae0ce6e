"""The SARIF report, held against the official schema and against what code scanning shows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ostiary.audit import Evidence, Severity, all_checks
from ostiary.policy import Origin
from ostiary.report import sarif
from report.samples import HOSTILE, finding, findings, garden, problem, result

SCHEMA = Path(__file__).with_name("data") / "sarif-schema-2.1.0.json"


@cache
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def log(*found: Any, **changes: Any) -> Any:
    document = json.loads(sarif.render(result(*found, **changes), garden(), targets=["garden"]))
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator().iter_errors(document)
    ]
    assert errors == []
    return document["runs"][0]


def test_an_audit_validates() -> None:
    run = log(*findings(), problems=(problem(),))
    assert [each["level"] for each in run["results"]] == ["error", "error", "warning", "note"]
    for each in run["results"]:
        rule = run["tool"]["driver"]["rules"][each["ruleIndex"]]
        assert rule["id"] == each["ruleId"]
        assert each["partialFingerprints"]["primaryLocationLineHash"]


def test_an_audit_without_findings_validates() -> None:
    assert log(unresolved=())["results"] == []


def test_every_check_is_a_rule_that_code_scanning_understands() -> None:
    ids = tuple(check.id for check in all_checks())
    run = log(checks=ids)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(ids)
    for rule in rules:
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert rule["help"]["markdown"].startswith("# ")
        assert rule["fullDescription"]["text"]
        assert "security" in rule["properties"]["tags"]
    taxa = run["taxonomies"][0]["taxa"]
    for rule in rules:
        for relation in rule.get("relationships", ()):
            assert taxa[relation["target"]["index"]]["id"] == relation["target"]["id"]


def test_evidence_is_linked_and_flows() -> None:
    found = log(finding())["results"][0]
    assert "[base.group_portal implies garden.group_visitor](1)" in found["message"]["text"]
    assert [each["id"] for each in found["relatedLocations"]] == [1, 2]
    places = found["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [each["location"]["physicalLocation"]["region"]["startLine"] for each in places]
    assert lines == [22, 2, finding().line]  # the grounds, and where they lead


def test_ostiarys_own_facts_are_no_file() -> None:
    step = Evidence("what base says", Origin("ostiary:facts/base.toml", 3, "base"))
    found = log(finding(evidence=(step,)))["results"][0]
    assert "relatedLocations" not in found
    assert "what base says" in found["message"]["text"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a b/ü.xml", {"uri": "a%20b/%C3%BC.xml", "uriBaseId": "%SRCROOT%"}),
        ("x:y/z.csv", {"uri": "x%3Ay/z.csv", "uriBaseId": "%SRCROOT%"}),
        ("./a.xml", {"uri": "a.xml", "uriBaseId": "%SRCROOT%"}),
        ("../a.xml", {"uri": "../a.xml"}),
        ("/srv/a.xml", {"uri": "file:///srv/a.xml"}),
        ("", {"uri": ".", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_paths_are_addresses(path: str, location: dict[str, str]) -> None:
    found = log(finding(path=path, line=0))["results"][0]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == location
    assert place["region"]["startLine"] == 1


def test_a_domain_is_no_link() -> None:
    found = log(finding(message="rule [x](y) and [('a', '=', 1)]"))["results"][0]
    assert found["message"]["text"].startswith("rule \\[x](y) and [('a', '=', 1)]")


def test_hostile_names_validate() -> None:
    found = [
        finding(
            check=f"check-{at}",
            message=each,
            subject=each,
            model=each,
            path=each,
            fix=each,
            module=each,
            evidence=(Evidence(each, Origin(each, 3)),),
            fingerprint=f"f{at}",
            severity=Severity.INFO,
        )
        for at, each in enumerate(HOSTILE)
    ]
    log(*found, problems=tuple(problem(each, kind=each) for each in HOSTILE))
