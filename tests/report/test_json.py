"""The JSON report."""

from __future__ import annotations

import json

from ostiary import __version__
from ostiary.report import json_
from report.samples import HOSTILE, finding, findings, garden, problem, result


def test_a_finding_has_all_that_is_promised() -> None:
    policy = garden()
    document = json.loads(
        json_.render(result(*findings(), problems=(problem(),)), policy, targets=["garden"])
    )
    assert {key: document[key] for key in ("tool", "version", "odoo", "targets")} == {
        "tool": "ostiary",
        "version": __version__,
        "odoo": "18.0",
        "targets": ["garden"],
    }
    assert document["summary"]["findings"] == 4
    assert document["summary"]["severities"] == {"critical": 1, "high": 1, "medium": 1, "low": 1, "info": 0}
    promised = {
        "check",
        "severity",
        "confidence",
        "audience",
        "model",
        "path",
        "line",
        "message",
        "evidence",
        "fix",
        "fingerprint",
    }
    for each in document["findings"]:
        assert promised <= set(each)
    assert document["findings"][1]["evidence"][0] == {
        "text": "base.group_portal implies garden.group_visitor",
        "path": "garden/security/groups.xml",
        "line": 22,
    }
    assert document["findings"][1]["evidence"][2]["path"] is None
    assert document["unresolved"][0]["name"] == "greenhouse"
    assert document["problems"][0]["fatal"] is True


def test_it_is_the_same_from_run_to_run() -> None:
    assert json_.render(result(*findings()), garden()) == json_.render(result(*findings()), garden())


def test_hostile_names_survive_and_command_nothing() -> None:
    found = [finding(message=each, fingerprint=str(at)) for at, each in enumerate(HOSTILE)]
    text = json_.render(result(*found), garden())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert [each["message"] for each in json.loads(text)["findings"]] == list(HOSTILE)
