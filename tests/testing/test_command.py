"""`ostiary test`, run in this process: what it prints, writes and ends with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from ostiary.cli import app, test_watch
from ostiary.cli.output import Failure
from ostiary.testing import target
from ostiary.testing.reading import parse_tests
from ostiary.testing.target import Targets
from testing.conftest import ESTATE, PEOPLE, ROOT

GOOD = PEOPLE + "matrix: |\n  who house flat\n  anna rwc .\n  joel r -\n"
BAD = PEOPLE + "expect: [{who: joel, why: It is theirs., can: {read: [house, flat]}}]\n"
Ask = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], targets: Targets
) -> Ask:
    """Run the command in a folder with a good file and a bad one. The addons are read once for all the tests."""
    policy = targets.policy_of(parse_tests(b"{}", tmp_path / "a.access.yaml", "a"))
    monkeypatch.setattr(target, "open_policy", lambda *_, **given: policy)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "good.access.yaml").write_text(GOOD)
    (tmp_path / "bad.access.yaml").write_text(BAD)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = app.run(["test", *arguments, "--target", str(ESTATE), "--no-cache"])
        said = capsys.readouterr()
        return code, said.out, " ".join(said.err.split())

    return run


def test_a_run_prints_failures_with_their_reasons_and_writes_reports(ask: Ask, tmp_path: Path) -> None:
    code, out, err = ask(".", "--junit", "report.xml")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0] == "✗ bad.access.yaml  1 passed, 1 failed"
    assert lines[1] == "  ✗ joel can read flat  bad.access.yaml:15"
    assert lines[2:5] == [
        "    joel can't read flat.",
        "    Why it matters: It is theirs.",
        "    ✗ DENIED  read estate.property:2  as user joel",
    ]
    assert "estate.estate_property_rule_portal" in out
    assert lines[-2:] == ["✓ good.access.yaml  12 passed", "2 files, 14 expectations: 13 passed, 1 failed."]
    suites = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("14", "1", "0")
    (failure,) = suites.iter("failure")
    assert failure.get("message") == "joel can't read flat."
    assert "DENIED" in str(failure.text)


def test_json_fits_its_schema_and_holds_what_was_not_asked_for_and_not_noticed(ask: Ask) -> None:
    code, out, _ = ask(".", "-f", "json", "--coverage", "--mutate", "--mutate-limit", "12")
    assert code == 1
    found: dict[str, Any] = json.loads(out)
    schema = json.loads((ROOT / "docs" / "test.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    assert found["summary"] == {"passed": 13, "failed": 1, "unknown": 0, "left_out": 0, "unusable": 0}
    assert [one["path"] for one in found["files"]] == ["bad.access.yaml", "good.access.yaml"]
    mutation = found["mutation"]
    assert mutation["tried"] == 12
    assert mutation["noticed"] + len(mutation["equivalent"]) + len(mutation["survived"]) == 12
    assert {one["kind"] for one in found["coverage"]} == {"access right", "record rule", "field groups"}


def test_expectations_are_chosen_by_words_and_by_user(ask: Ask) -> None:
    code, out, _ = ask("good.access.yaml", "-k", "JOEL cannot", "-k", "not unlink", "-v")
    assert code == 0
    assert [line.split("  ")[1] for line in out.splitlines()[1:-1]] == [
        "✓ joel cannot write house", "✓ joel cannot create house", "✓ joel cannot read flat",
        "✓ joel cannot write flat", "✓ joel cannot create flat",
    ]  # fmt: skip
    assert out.splitlines()[-1] == "1 file, 5 expectations: 5 passed, 7 left out."
    assert ask("good.access.yaml", "--as", "anna")[1].splitlines()[-1] == (
        "1 file, 4 expectations: 4 passed, 8 left out."
    )


def test_choosing_nothing_is_a_mistake(ask: Ask) -> None:
    code, _, err = ask("good.access.yaml", "--as", "jol")
    assert (code, err) == (
        2, "ostiary: --as jol: nothing is expected of jol in these files; did you mean joel?"
    )  # fmt: skip
    assert ask(".", "--as", "joel", "--as", "zed")[::2] == (
        2, "ostiary: --as zed: nothing is expected of zed in these files."
    )  # fmt: skip
    code, out, err = ask("good.access.yaml", "-k", "nomatch")
    assert (code, out) == (2, "1 file, 0 expectations: 0 passed, 12 left out.\n")
    assert err.startswith("ostiary: No expectation was chosen by -k 'nomatch'")


def test_a_file_with_a_mistake_does_not_keep_others_from_running(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "bad.access.yaml").write_text(BAD.replace("who: joel", "who: jol"))
    code, out, err = ask(".")
    assert code == 2
    assert err == "ostiary: bad.access.yaml:15: there is no user jol; did you mean joel?"
    assert out.splitlines()[-1] == "1 file, 12 expectations: 12 passed; 1 file could not be run."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none"], "There is no none: name a file of access tests or a folder that holds some."),
        (["cache"], "There is no cache: name a file of access tests or a folder that holds some."),
        (["good.access.yaml", "--database", "sqlite:///x"], "nothing is made on sqlite"),
        (["good.access.yaml", "-o", "none/x.json"], "there is no folder none"),
    ],
)
def test_wrong_usage_is_one_sentence(ask: Ask, arguments: list[str], said: str) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_watching_runs_again_after_each_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watchfiles = pytest.importorskip("watchfiles")
    seen: list[Any] = []

    def watch(*folders: Path, watch_filter: Any, raise_interrupt: bool) -> Any:
        seen.append(folders)
        assert watch_filter(None, "a.xml")
        assert not watch_filter(None, "a.pyc")
        yield {(1, str(tmp_path / "a.access.yaml"))}

    monkeypatch.setattr(watchfiles, "watch", watch)
    (tmp_path / "a.access.yaml").write_text("")
    count = []
    with pytest.raises(KeyboardInterrupt):
        test_watch.watching([tmp_path / "a.access.yaml"], lambda: count.append(1) or 0, list)  # type: ignore[func-returns-value]
    assert (len(count), seen) == (2, [(tmp_path.resolve(),)])
    with pytest.raises(Failure, match="There is no"):
        test_watch.watching([tmp_path / "none"], lambda: 0, list)
    capsys.readouterr()
