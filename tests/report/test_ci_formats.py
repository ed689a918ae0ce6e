"""The formats that continuous integration reads: GitLab's code quality, JUnit, and a comment on a pull request."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from markdown_it import MarkdownIt

from ostiary.audit import CheckError, Evidence, Finding, Severity
from ostiary.audit.result import Compared, Suppressed
from ostiary.policy import Origin
from ostiary.report import code_quality, comment, junit
from report.samples import HOSTILE, finding, findings, garden, problem, result

ACCEPTED = Suppressed(
    finding(check="share-can-write"), "the garden is public", Origin("garden/a.xml", 3, "garden")
)


def hostile() -> list[Finding]:
    return [
        finding(
            check=f"check-{at}",
            message=each,
            subject=each,
            model=each,
            path=each,
            fix=each,
            evidence=(Evidence(each, Origin(each, 3)),),
            fingerprint=f"f{at}",
        )
        for at, each in enumerate(
            [*HOSTILE, "@everyone www.evil.example https://evil.example <script> ]]> ``` #1"]
        )
    ]


def test_gitlab_has_an_entry_for_each_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside = finding(path=str(tmp_path / "garden" / "a.csv"), line=0, severity=Severity.CRITICAL)
    entries = json.loads(code_quality.render(result(inside, *findings())))
    assert len({entry["fingerprint"] for entry in entries}) >= len(findings())
    assert entries[0]["location"] == {"path": "garden/a.csv", "lines": {"begin": 1}}
    assert entries[0]["severity"] == "blocker"
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}


def cases(text: str, tag: str) -> list[Element]:
    return [case for case in fromstring(text).iter("testcase") if case.find(tag) is not None]


def test_junit_fails_where_something_was_found() -> None:
    found = [*findings(), finding(severity=Severity.INFO, fingerprint="x")]
    said = result(
        *found,
        checks=("rule-invalid", *{each.check for each in found}),
        suppressed=(ACCEPTED,),
        errors=(CheckError("orphan-rule", "The check orphan-rule stopped."),),
    )
    text = junit.render(said, garden())
    root = fromstring(text)
    grave = [each for each in found if each.severity is not Severity.INFO]
    assert len(cases(text, "failure")) == len(grave) == int(root.attrib["failures"])
    assert len(cases(text, "skipped")) == 2 == int(root.attrib["skipped"])
    assert [case.attrib["classname"] for case in cases(text, "error")] == ["orphan-rule"]
    suites = {suite.attrib["name"]: suite for suite in root.iter("testsuite")}
    assert suites["rule-invalid"].attrib["tests"] == "1"  # it ran, and found nothing
    assert suites["rule-invalid"].attrib["failures"] == "0"
    failure = cases(text, "failure")[0].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "To mend it:" in failure.text


def test_a_comment_says_what_matters_first() -> None:
    said = result(
        *findings(), suppressed=(ACCEPTED,), compared=(Compared("base", "main", 2, 1),), problems=(problem(),)
    )
    text = comment.render(said, garden(), targets=["garden"])
    assert text.startswith(comment.MARK)
    assert text.count("<details>") == text.count("</details>") == len(findings())
    assert text.index("<b>critical</b>") < text.index("<b>medium</b>")
    assert "2 findings were there before, 1 is gone" in text
    assert "1 finding accepted by comments with a reason" in text


def test_a_comment_has_room_for_so_much() -> None:
    many = [finding(message="x" * 900, fingerprint=str(at)) for at in range(200)]
    text = comment.render(result(*many), garden())
    assert len(text) < 65_536
    shown = text.count("<details>")
    assert f"There is no room here for {200 - shown} more findings" in text


def test_hostile_names_stay_names() -> None:
    said = result(*hostile())
    assert len(json.loads(code_quality.render(said))) == len(hostile())
    assert len(cases(junit.render(said, garden()), "failure")) == len(hostile())
    text = comment.render(said, garden())
    shown = MarkdownIt("commonmark", {"html": True}).render(text)
    assert "<script" not in shown
    assert "<a " not in shown
    assert "<img" not in shown
    prose = re.sub(r"(`+)(?s:.)*?\1", "", text)
    assert not re.search(r"@everyone|www\.evil|https://evil|#1\b", prose)
