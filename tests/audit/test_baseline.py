"""Baselines: what is known is not reported, what is gone is counted, and no file stops anything but itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.audit import AuditResult, CheckError, Compared, Finding, Settings, Severity
from ostiary.audit.decided.baseline import FORMAT, BadBaseline, Baseline, dump, load, made_of
from ostiary.audit.decided.compared import against_base, against_baseline
from ostiary.policy import Policy
from report.samples import finding, garden, result


def numbered(*numbers: int, **changes: Any) -> tuple[Finding, ...]:
    return tuple(finding(fingerprint=f"{number:016x}", line=number, **changes) for number in numbers)


def compared(
    now: AuditResult, baseline: Baseline, policy: Policy | None = None, **options: Any
) -> AuditResult:
    return against_baseline(now, baseline, policy or garden(), name="known.json", **options)


def test_only_what_is_new_is_left() -> None:
    made = compared(result(*numbered(1, 2, 3)), made_of(result(*numbered(2, 3, 4, 5))))
    assert [each.line for each in made.findings] == [1]
    assert made.compared == (Compared("baseline", "known.json", known=2, gone=2),)


def test_findings_are_known_as_often_as_they_were() -> None:
    made = compared(result(*numbered(1, 1, 1)), made_of(result(*numbered(1, 1))))
    assert len(made.findings) == 1
    made = compared(result(*numbered(1)), made_of(result(*numbered(1, 1))))
    assert (made.findings, made.compared[0].gone) == ((), 1)


def test_what_was_not_asked_is_not_gone() -> None:
    known = made_of(
        result(
            *numbered(1),
            *numbered(2, check="rule-always-true"),
            *numbered(3, module="elsewhere"),
            *numbered(4, module="base"),
            *numbered(5, severity=Severity.LOW),
            *numbered(6, module=""),
        )
    )
    made = compared(result(), known, least=Severity.MEDIUM)
    assert made.compared[0].gone == 2
    everything = {
        name: msgspec.structs.replace(module, context=False, facts=False)
        for name, module in garden().modules.items()
    }
    assert compared(result(), known, garden(modules=everything)).compared[0].gone == 4


def test_an_earlier_state() -> None:
    made = against_base(result(*numbered(1, 2)), result(*numbered(2, 3, 4)), name="main")
    assert [each.line for each in made.findings] == [1]
    assert made.compared == (Compared("base", "main", known=1, gone=2),)
    both = compared(made, made_of(result(*numbered(1))))
    assert both.findings == ()
    assert [one.kind for one in both.compared] == ["base", "baseline"]


def test_a_known_finding_that_became_worse_is_new() -> None:
    before = made_of(result(*numbered(1, severity=Severity.MEDIUM, extent=("write",))))
    for worse in (
        {"severity": Severity.HIGH, "extent": ("write",)},
        {"severity": Severity.MEDIUM, "extent": ("write", "unlink")},
        {"severity": Severity.LOW, "extent": ("create",)},
    ):
        now = result(*numbered(1, **worse))
        made = compared(now, before)
        assert made.findings == now.findings
        assert made.compared == (Compared("baseline", "known.json", 0, 0, graver=(f"{1:016x}",)),)
        # What another comparison knows as it is now is not shown, so it isn't said either.
        again = against_base(made, now, name="main")
        assert again.findings == ()
        assert again.compared[0].graver == ()
    for better in ({"severity": Severity.LOW, "extent": ("write",)}, {"severity": Severity.MEDIUM}):
        assert compared(result(*numbered(1, **better)), before).findings == ()


def test_each_finding_is_held_against_one_that_covers_it() -> None:
    mild, grave = numbered(1, 1, severity=Severity.LOW)[0], numbered(1, severity=Severity.HIGH)[0]
    made = compared(result(grave, mild), made_of(result(mild, grave)))
    assert (made.findings, made.compared[0].known, made.compared[0].graver) == ((), 2, ())


def test_a_severity_of_the_settings_makes_nothing_graver() -> None:
    before = made_of(result(*numbered(1, severity=Severity.LOW)))
    now = result(*numbered(1, severity=Severity.HIGH))
    settings = Settings(severity={now.findings[0].check: Severity.HIGH})
    assert compared(now, before, settings=settings).findings == ()
    assert compared(now, before).findings == now.findings


def test_a_file_without_extents_knows_all_of_them(tmp_path: Path) -> None:
    said = json.loads(dump(made_of(result(*numbered(1)))))
    del said["findings"][0]["extent"]
    (tmp_path / "old.json").write_text(json.dumps(said))
    now = result(*numbered(1, extent=("write", "unlink")))
    assert compared(now, load(tmp_path / "old.json")).findings == ()


def test_what_was_found_and_left_out_is_not_gone() -> None:
    before = result(*numbered(1, 2))
    now = result(*numbered(1), left_out=(f"{2:016x}",))
    assert compared(now, made_of(before)).compared[0].gone == 0
    assert against_base(now, before, name="main").compared[0].gone == 0
    both = against_base(compared(result(*numbered(1, 2)), made_of(before)), before, name="main")
    assert [(one.known, one.gone) for one in both.compared] == [(2, 0), (0, 0)]


def test_a_check_that_stopped_mends_nothing() -> None:
    before = result(*numbered(1))
    stopped = (CheckError(before.findings[0].check, "It stopped."),)
    now = result(errors=stopped)
    assert compared(now, made_of(before)).compared[0].gone == 0
    assert against_base(now, before, name="main").compared[0].gone == 0


def test_a_file_says_what_it_knows_in_a_fixed_order(tmp_path: Path) -> None:
    found = (*numbered(9, subject="garden.b"), *numbered(3, subject="garden.a", message="x" * 999))
    text = dump(made_of(result(*found)))
    assert text == dump(made_of(result(*reversed(found))))
    said = json.loads(text)
    assert said["ostiary_baseline"] == FORMAT
    assert [entry["subject"] for entry in said["findings"]] == ["garden.a", "garden.b"]
    assert len(said["findings"][0]["message"]) < 400
    assert "line" not in said["findings"][0]
    (tmp_path / "known.json").write_text(text)
    assert load(tmp_path / "known.json") == made_of(result(*found))


def test_hostile_names_are_written_and_read_again(tmp_path: Path) -> None:
    found = finding(message="\x1b[31m\u202e\ud800\x00", subject="</script>")
    text = dump(made_of(result(found)))
    assert text.isascii()
    assert "\x1b" not in text
    path = tmp_path / "known.json"
    path.write_text(text)
    assert load(path).findings[0].subject == "</script>"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no baseline that --write-baseline wrote"),
        (b"{}", "is no baseline"),
        (b"[" * 100_000, "is no baseline"),
        (
            b'{"ostiary_baseline": 2, "findings": []}',
            "is a baseline of format 2, this Ostiary reads 1: write it anew.",
        ),
        (b'{"ostiary_baseline": "1", "findings": []}', "is no baseline"),
        (b'{"ostiary_baseline": 1, "findings": {}}', "is no baseline"),
        (b'{"ostiary_baseline": 1, "findings": [{"fingerprint": 1}]}', "is no baseline"),
        (b'{"ostiary_baseline": 1}', "is no baseline"),
        (b"\xff\xfe", "is no baseline"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "known.json"
    path.write_bytes(content)
    with pytest.raises(BadBaseline) as error:
        load(path, "known.json")
    assert str(error.value).startswith("known.json ")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        BadBaseline, match=r"^The baseline \S+none.json can't be read: No such file or directory\.$"
    ):
        load(tmp_path / "none.json")
    with pytest.raises(BadBaseline, match="is no file"):
        load(tmp_path)
    with pytest.raises(BadBaseline, match="can't be read"):
        load("a\0b")


def test_one_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostiary.audit.decided.baseline.MAX_BYTES", 10)
    (tmp_path / "known.json").write_text('{"ostiary_baseline": 1, "findings": []}')
    with pytest.raises(BadBaseline, match="that is no baseline"):
        load(tmp_path / "known.json")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_baseline_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(content)
    with pytest.raises(BadBaseline):
        load(path)
