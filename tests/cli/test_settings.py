"""Settings of `ostiary.toml` and `pyproject.toml`: where they are looked for, what they may say, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.audit import Severity
from ostiary.cli import config
from ostiary.cli.config import Config, load
from ostiary.cli.output import Failure

FULL = """
select = ["share-can-write"]
ignore = ["rule-invalid"]
min_severity = "low"
audiences = ["clinic.group_guest"]
publishing_fields = ["shown_outside"]
all = true
comments = false
addons_path = ["../odoo/addons", "/srv/addons"]
odoo = "18.0"
demo = true
baseline = "known.json"
fail_on = "never"

[severity]
rule-always-true = "info"

[[accept]]
checks = ["share-can-write"]
modules = ["legacy_*"]
paths = ["vendor/**"]
reason = "replaced in June"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, below the top of a repository."""
    (tmp_path / "top" / ".git").mkdir(parents=True)
    inside = tmp_path / "top" / "work"
    inside.mkdir()
    monkeypatch.chdir(inside)
    return inside


def refused(text: str, folder: Path) -> str:
    (folder / "ostiary.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Failure) as error:
        load(None)
    said = str(error.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


def test_all_that_can_be_said(folder: Path) -> None:
    (folder / "ostiary.toml").write_text(FULL)
    found = load(None)
    assert found.addons_path == ("../odoo/addons", "/srv/addons")
    assert (found.odoo, found.demo, found.baseline, found.fail_on) == ("18.0", True, "known.json", "never")
    said = found.settings
    assert (said.name, said.root) == ("ostiary.toml", str(folder.resolve()))
    assert (said.select, said.ignore) == (("share-can-write",), ("rule-invalid",))
    assert (said.severity, said.min_severity) == ({"rule-always-true": Severity.INFO}, Severity.LOW)
    assert (said.audiences, said.publishing) == (("clinic.group_guest",), ("shown_outside",))
    assert said.dependencies
    assert not said.comments
    [accepted] = said.accepted
    assert (accepted.checks, accepted.modules, accepted.paths) == (
        ("share-can-write",),
        ("legacy_*",),
        ("vendor/**",),
    )
    assert (accepted.reason, accepted.origin.path) == ("replaced in June", "ostiary.toml")


def test_the_same_in_pyproject_and_with_hyphens(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.ostiary]\nfail-on = "low"\npublishing-fields = ["a"]\n[[tool.ostiary.accept]]\nchecks = ["a"]\n'
        'modules = ["b"]\nreason = "c"\n'
    )
    found = load(None)
    assert (found.fail_on, found.settings.publishing, found.settings.accepted[0].reason) == (
        "low",
        ("a",),
        "c",
    )
    assert found.settings.name == "pyproject.toml"


def test_settings_are_those_of_the_nearest_folder_that_has_some(folder: Path) -> None:
    assert load(None) == Config()
    (folder.parents[1] / "ostiary.toml").write_text('odoo = "15.0"')
    assert load(None) == Config()  # above the top of the repository
    (folder.parent / "pyproject.toml").write_text('[tool.ostiary]\nodoo = "16.0"\nbaseline = "known.json"')
    found = load(None)
    assert (found.odoo, found.baseline, found.settings.name) == ("16.0", "../known.json", "../pyproject.toml")
    (folder / "pyproject.toml").write_text("[tool.other]\n")
    assert load(None).odoo == "16.0"
    (folder / "pyproject.toml").write_text('[tool.ostiary]\nodoo = "17.0"')
    assert load(None).odoo == "17.0"
    (folder / "ostiary.toml").write_text('odoo = "18.0"')
    assert load(None).odoo == "18.0"
    assert load(None, without=True) == Config()


def test_a_file_that_is_named(folder: Path) -> None:
    (folder / "ostiary.toml").write_text('odoo = "18.0"')
    (folder / "sub").mkdir()
    (folder / "sub" / "strict.toml").write_text('baseline = "known.json"\nfail_on = "info"')
    found = load(Path("sub/strict.toml"))
    assert (found.odoo, found.baseline, found.fail_on) == (None, "sub/known.json", "info")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('slect = ["a"]', "ostiary.toml: there is no setting called slect; did you mean select?"),
        ("zzz = 1", "ostiary.toml: there is no setting called zzz; the settings are select, ignore, "),
        ('select = "a"', "ostiary.toml: select takes a list of texts."),
        ("ignore = [1]", "ostiary.toml: ignore takes a list of texts."),
        ('ignore = [""]', "ostiary.toml: ignore takes a list of texts."),
        ("odoo = 18.0", 'ostiary.toml: odoo takes a version as text, such as "18.0".'),
        ('demo = "yes"', "ostiary.toml: demo takes true or false."),
        ('all = 1', "ostiary.toml: all takes true or false."),
        ('fail_on = "grave"', "ostiary.toml: fail_on takes one of critical, high, medium, low, info, never."),
        ("fail_on = []", "ostiary.toml: fail_on takes one of critical"),
        ('min_severity = "never"', "ostiary.toml: min_severity takes a severity: critical, high, "),
        ('severity = "low"', "ostiary.toml: severity takes a table of checks, each with a severity: critical"),
        ('[severity]\na = "grave"', "ostiary.toml: severity gives a the value 'grave'; it takes a severity: critical"),
        ('[tool.ostiary]\nodoo = "18.0"', "ostiary.toml: here the tables have no prefix: write [severity] and not "),
        ('select = ["a", "b"]\nignore = ["b"]', "ostiary.toml: select and ignore both name b: take it out of one"),
        ('fail_on = "low"\nfail-on = "low"', "ostiary.toml: fail-on is there twice."),
        ("accept = 1", "ostiary.toml: accept takes a list of tables, as in [[accept]]."),
        ("[[accept]]\nmodules = ['a']\nreason = 'b'", "ostiary.toml, accept number 1: it needs checks"),
        ("[[accept]]\nmodules = ['a']\nchecks = ['b']", "ostiary.toml, accept number 1: it needs reason"),
        ("[[accept]]\nmodules = ['a']\nchecks = ['b']\nreason = ' '", "accept number 1: it needs reason"),
        ("[[accept]]\nchecks = ['b']\nreason = 'c'", "accept number 1: it needs modules or paths; to leave a check"),
        ("[[accept]]\nmodule = ['a']", "accept number 1: there is no setting called module; did you mean modules?"),
        ("select = [", "ostiary.toml is malformed: "),
        ("a = " + "[" * 100_000, "ostiary.toml is malformed: it is nested too deeply."),
        (".".join("a" * 100_000) + " = 1", "ostiary.toml has a line with more than 5,000 dots"),
        ('"\\u001b[31m\\nx" = 1', "there is no setting called \\x1b[31m x; the settings are"),
    ],
)  # fmt: skip
def test_what_can_not_be_understood_is_refused(folder: Path, text: str, says: str) -> None:
    assert says in refused(text, folder)


def test_files_that_are_none(folder: Path) -> None:
    for path, says in (
        ("none.toml", "none.toml can't be read: No such file or directory."),
        (".", ". is no file of settings."),
        ("pyproject.toml", "pyproject.toml has no table [tool.ostiary]."),
        ("odd/pyproject.toml", "odd/pyproject.toml: tool.ostiary is no table."),
        ("bytes.toml", "bytes.toml is malformed: "),
    ):
        (folder / "odd").mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_text("[tool.other]\n")
        (folder / "odd" / "pyproject.toml").write_text("[tool]\nostiary = 1\n")
        (folder / "bytes.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(Failure) as error:
            load(Path(path))
        assert says in str(error.value)
    with pytest.raises(Failure, match="--config and --no-config don't go together"):
        load(Path("bytes.toml"), without=True)


def test_a_large_file_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "MAX_BYTES", 10)
    assert "that is no file of settings" in refused("# " + "x" * 20, folder)


def test_a_folder_that_was_removed_has_no_settings(folder: Path) -> None:
    folder.rmdir()
    assert load(None) == Config()


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        load(path)
    except Failure as error:
        assert "\n" not in str(error)
