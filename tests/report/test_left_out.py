"""What was accepted, is not new, or is left out by settings is in every report."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ostiary.audit import AuditResult, Compared, Suppressed
from ostiary.report import json_, sarif, terminal
from ostiary.report.formats import FORMATS, Format, Report, content, of_file
from ostiary.report.left_out import left_out_phrases
from report.samples import HOSTILE, at, finding, findings, garden, result
from report.test_sarif import validator

REASON = "beds are public, and so is their soil"
SAID = "2 checks are ignored by ostiary.toml: rule-invalid, orphan-rule."


def told(**changes: object) -> AuditResult:
    """A result in which a finding was accepted by a comment and another one by settings."""
    accepted = (
        Suppressed(finding(), REASON, at("garden/security/ir.model.access.csv", 2)),
        Suppressed(finding(fingerprint="00000000000000dd"), "a trial", at("ostiary.toml"), in_source=False),
    )
    compared = (Compared("baseline", "known.json", 3, 2), Compared("base", "main", 1, 0))
    values: dict[str, object] = {"suppressed": accepted, "compared": compared, "settings": (SAID,), **changes}
    return result(**values)


def logged(made: AuditResult) -> Any:
    """The one run of the SARIF log, which the official schema accepts."""
    document = json.loads(sarif.render(made, garden()))
    assert [error.message for error in validator().iter_errors(document)] == []
    return document["runs"][0]


def test_each_has_a_sentence() -> None:
    assert left_out_phrases(told()) == [
        "1 finding is accepted by a comment, with a reason.",
        "3 findings that the baseline known.json holds are not shown. 2 entries of it are mended: write it anew with "
        "--write-baseline.",
        "1 finding that main already has is not shown.",
        SAID,
    ]
    assert left_out_phrases(told(compared=(Compared("base", "main", 2, 1),), suppressed=(), settings=())) == [
        "2 findings that main already has are not shown. 1 finding of it is mended."
    ]
    assert left_out_phrases(
        told(compared=(Compared("baseline", "b", 1, 1),), suppressed=(), settings=())
    ) == [
        "1 finding that the baseline b holds is not shown. 1 entry of it is mended: write it anew with "
        "--write-baseline."
    ]
    grave = Compared("base", "main", 1, 0, graver=("a", "b"), absent=("src/addons", "x\n"))
    assert left_out_phrases(told(compared=(grave,), suppressed=(), settings=())) == [
        "1 finding that main already has is not shown. 2 known findings became graver or reach further: they are among "
        "the findings. main has nothing of src/addons and x : all of that is new."
    ]
    assert left_out_phrases(result(*findings())) == []


def test_the_terminal_says_it() -> None:
    for print_ in (terminal.render, lambda made, _, console: terminal.summary(made, console)):
        out = io.StringIO()
        print_(told(), garden(), Console(file=out, width=200))
        said = out.getvalue()
        assert "None of the checks found anything but what was accepted or is not new." in said
        for sentence in left_out_phrases(told()):
            assert sentence in said
    out = io.StringIO()
    terminal.render(result(*findings()), garden(), Console(file=out, width=200))
    assert "accepted" not in out.getvalue()


def test_settings_alone_are_no_findings_left_out() -> None:
    made = told(suppressed=(), compared=(Compared("base", "main", 0, 2),))
    out = io.StringIO()
    terminal.summary(made, Console(file=out, width=200))
    assert "was accepted" not in out.getvalue()
    assert SAID in out.getvalue()


def test_json_lists_it() -> None:
    said = json.loads(json_.render(told(), garden()))
    assert [(one["by"], one["reason"], one["path"], one["line"]) for one in said["suppressed"]] == [
        ("comment", REASON, "garden/security/ir.model.access.csv", 2),
        ("settings", "a trial", "ostiary.toml", 0),
    ]
    assert said["suppressed"][0]["finding"]["fingerprint"] == finding().fingerprint
    assert said["summary"]["suppressed"] == 2
    assert said["findings"] == []
    assert said["compared"][0] == {
        "with": "baseline",
        "name": "known.json",
        "known": 3,
        "gone": 2,
        "graver": 0,
        "absent": [],
    }
    assert said["settings"] == [SAID]


def test_sarif_marks_it() -> None:
    run = logged(told())
    kinds = [
        (each["suppressions"][0]["kind"], each["suppressions"][0]["justification"]) for each in run["results"]
    ]
    assert kinds == [("inSource", REASON), ("external", "a trial")]
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert set(left_out_phrases(told())) <= set(notes)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_command_nothing(hostile: str) -> None:
    made = told(
        suppressed=(Suppressed(finding(), hostile, at(hostile, 3)),),
        compared=(Compared("baseline", hostile, 1, 1),),
        settings=(hostile,),
    )
    logged(made)
    json.loads(json_.render(made, garden()))
    said = terminal.as_text(made, garden())
    assert not {"\x1b", "\u202e", "\x07", "\x9b"} & set(said)


def test_every_format_has_a_row_and_files_choose_theirs() -> None:
    assert set(FORMATS) == set(Format)
    suffixes = [suffix for row in FORMATS.values() for suffix in row.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert of_file(Path("a.JSON")) is Format.JSON
    assert of_file(Path("a.unknown")) is None
    assert of_file(None) is None
    report = Report(told(), garden(), ["addons"])
    assert content(report, Format.JSON) == json_.render(told(), garden(), targets=["addons"])
